// Aligned columns for people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tools::client {

// Columns that text takes on a terminal: East Asian wide characters take two, combining ones none.
std::size_t display_width(std::string_view text);

// Text that is safe to show: control characters (and with them escape sequences that a message may carry) and bytes that are
// not UTF-8 become U+FFFD. Line breaks and tabs stay only with `keep_lines`.
enum class Lines { kKeep, kReplace };
std::string printable(std::string_view text, Lines lines);

// At most `width_max` columns, the last one an ellipsis when something was cut.
std::string shortened(std::string_view text, std::size_t width_max);

enum class Style { kPlain, kColoured };
enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

// Operation  Rows are collected, then printed with every column as wide as its widest cell. Cells are made printable().
// Limits     All rows are in memory; whoever lists without an end prints lines instead.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns.
  void add(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // Ends with a line break. Coloured: the title row is bold.
  [[nodiscard]] std::string text(Style style) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace tools::client

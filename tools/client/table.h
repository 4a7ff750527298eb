// Aligned columns for people.
#pragma once

#include <string>
#include <vector>

namespace tools::client {

enum class Style { kPlain, kColoured };
enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

// Operation  Rows are collected, then printed with every column as wide as its widest cell. Cells are made printable() (text.h).
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

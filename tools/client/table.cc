#include "tools/client/table.h"

#include <algorithm>

#include "tools/client/text.h"

namespace tools::client {

void Table::add(std::vector<std::string> cells) {
  for (std::string& cell : cells) {
    cell = printable(cell, Lines::kReplace);
  }
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::text(Style style) const {
  std::vector<std::size_t> widths;
  for (const Column& column : columns_) {
    widths.push_back(display_width(column.title));
  }
  for (const auto& row : rows_) {
    for (std::size_t at = 0; at < row.size(); ++at) {
      widths[at] = std::max(widths[at], display_width(row[at]));
    }
  }
  const auto line = [&](const auto& cell_at) {
    std::string text;
    for (std::size_t at = 0; at < columns_.size(); ++at) {
      const std::string& cell = cell_at(at);
      const std::string padding(widths[at] - display_width(cell), ' ');
      text += columns_[at].align == Align::kRight ? padding + cell : cell + padding;
      text += "  ";
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  const std::string titles = line([&](std::size_t at) -> const std::string& { return columns_[at].title; });
  std::string text = style == Style::kColoured ? "\x1b[1m" + titles + "\x1b[0m\n" : titles + "\n";
  for (const auto& row : rows_) {
    text += line([&](std::size_t at) -> const std::string& { return row[at]; }) + "\n";
  }
  return text;
}

}  // namespace tools::client

#include "tools/client/table.h"

#include <gtest/gtest.h>

namespace tools::client {
namespace {

TEST(Table, ColumnsAreAsWideAsTheirWidestCell) {
  Table table({{.title = "QUEUE"}, {.title = "READY", .align = Align::kRight}});
  table.add({"jobs", "7"});
  table.add({"a longer name", "1,234,567"});
  EXPECT_EQ(table.text(Style::kPlain),
            "QUEUE              READY\n"
            "jobs                   7\n"
            "a longer name  1,234,567\n");
}

TEST(Table, WideAndCombiningCharactersKeepColumnsAligned) {
  Table table({{.title = "Q"}, {.title = "N"}});
  table.add({"日本", "1"});
  table.add({"abcd", "2"});
  EXPECT_EQ(table.text(Style::kPlain), "Q     N\n日本  1\nabcd  2\n");
}

}  // namespace
}  // namespace tools::client

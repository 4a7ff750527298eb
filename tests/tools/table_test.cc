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
  EXPECT_EQ(display_width("日本"), 4U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
  EXPECT_EQ(display_width("ünïcode"), 7U);
  Table table({{.title = "Q"}, {.title = "N"}});
  table.add({"日本", "1"});
  table.add({"abcd", "2"});
  EXPECT_EQ(table.text(Style::kPlain), "Q     N\n日本  1\nabcd  2\n");
}

TEST(Table, EscapeSequencesOfAMessageNeverReachTheTerminal) {
  const std::string safe = printable("\x1b]0;owned\x07 \xC2\x9B" "31m", Lines::kKeep);
  EXPECT_EQ(safe.find('\x1b'), std::string::npos);
  EXPECT_EQ(safe.find('\x07'), std::string::npos);
  EXPECT_EQ(safe.find("\xC2\x9B"), std::string::npos);
}

TEST(Table, BytesThatAreNotUtf8BecomeReplacementCharacters) {
  EXPECT_EQ(printable("a\xFFz", Lines::kReplace), "a\uFFFDz");
  EXPECT_EQ(printable("\xC0\xAF", Lines::kReplace), "\uFFFD\uFFFD");
  EXPECT_EQ(printable("\xED\xA0\x80", Lines::kReplace), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(printable("\xE2\x82", Lines::kReplace), "\uFFFD\uFFFD");
}

TEST(Table, LinesStayOnlyWhereTheyAreWanted) {
  EXPECT_EQ(printable("a\r\nb\tc", Lines::kKeep), "a\nb\tc");
  EXPECT_EQ(printable("a\nb", Lines::kReplace), "a\uFFFDb");
}

TEST(Table, ShortenedTextEndsInAnEllipsisAndFits) {
  EXPECT_EQ(shortened("short", 5), "short");
  EXPECT_EQ(shortened("longer", 5), "long…");
  EXPECT_EQ(shortened("日本語", 5), "日本…");
  EXPECT_EQ(display_width(shortened("日本語日本語", 6)), 5U);
}

}  // namespace
}  // namespace tools::client

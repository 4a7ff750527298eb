#include "tools/client/text.h"

#include <gtest/gtest.h>

namespace tools::client {
namespace {

TEST(Text, WidthCountsColumnsOfTheTerminal) {
  EXPECT_EQ(display_width("日本"), 4U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
  EXPECT_EQ(display_width("ünïcode"), 7U);
}

TEST(Text, Utf8IsToldFromOtherBytes) {
  for (const char* text : {"", "plain\r\n", "日本語", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  for (const char* text : {"\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xE2\x82", "\xF4\x90\x80\x80", "\x80"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

TEST(Text, EscapeSequencesOfAMessageNeverReachTheTerminal) {
  const std::string safe = printable(
      "\x1b]0;owned\x07 \xC2\x9B"
      "31m",
      Lines::kKeep);
  EXPECT_EQ(safe.find('\x1b'), std::string::npos);
  EXPECT_EQ(safe.find('\x07'), std::string::npos);
  EXPECT_EQ(safe.find("\xC2\x9B"), std::string::npos);
}

TEST(Text, BytesThatAreNotUtf8BecomeReplacementCharacters) {
  EXPECT_EQ(printable("a\xFFz", Lines::kReplace), "a\uFFFDz");
  EXPECT_EQ(printable("\xC0\xAF", Lines::kReplace), "\uFFFD\uFFFD");
  EXPECT_EQ(printable("\xED\xA0\x80", Lines::kReplace), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(printable("\xE2\x82", Lines::kReplace), "\uFFFD\uFFFD");
}

TEST(Text, LinesStayOnlyWhereTheyAreWanted) {
  EXPECT_EQ(printable("a\r\nb\tc", Lines::kKeep), "a\nb\tc");
  EXPECT_EQ(printable("a\nb", Lines::kReplace), "a\uFFFDb");
}

TEST(Text, ShortenedTextEndsInAnEllipsisAndFits) {
  EXPECT_EQ(shortened("short", 5), "short");
  EXPECT_EQ(shortened("longer", 5), "long…");
  EXPECT_EQ(shortened("日本語", 5), "日本…");
  EXPECT_EQ(display_width(shortened("日本語日本語", 6)), 5U);
}

}  // namespace
}  // namespace tools::client

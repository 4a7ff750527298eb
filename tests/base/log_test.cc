#include "imapd/ops/log.h"

#include <gtest/gtest.h>

#include <regex>
#include <thread>
#include <vector>

namespace imapd::ops {
namespace {

// Takes the lines of one test.
class LogLines : public testing::Test {
 protected:
  LogLines() {
    set_log_output([this](std::string_view line) { lines_.emplace_back(line); });
    set_log_level(LogLevel::kInfo);
  }
  ~LogLines() override {
    set_log_output({});
    set_log_level(LogLevel::kInfo);
  }
  std::vector<std::string> lines_;
};

TEST(LogEvent, PlainValuesStandAsTheyAre) {
  EXPECT_EQ(format_log_event("store_opened", {{"directory", "/var/lib/claimq"}, {"mailboxes", 12}, {"relaxed", false}}),
            "event=store_opened directory=/var/lib/claimq mailboxes=12 relaxed=false");
  EXPECT_EQ(format_log_event("started", {}), "event=started");
}

TEST(LogEvent, NumbersOfEveryWidthAreWritten) {
  EXPECT_EQ(format_log_event(
                "n", {{"a", std::uint64_t{18'446'744'073'709'551'615u}}, {"b", std::int64_t{-1}}, {"c", short{7}}}),
            "event=n a=18446744073709551615 b=-1 c=7");
}

TEST(LogEvent, ValuesThatWouldBreakTheLineAreQuoted) {
  const std::pair<std::string_view, std::string_view> values[] = {
      {"", R"("")"},
      {"two words", R"("two words")"},
      {"a=b", R"("a=b")"},
      {"say \"x\"", R"("say \"x\"")"},
      {"C:\\x", R"("C:\\x")"},
      {"a\nlevel=error event=forged", R"("a\nlevel=error event=forged")"},
      {"a\r\n", R"("a\r\n")"},
      {std::string_view("\0\x1b\x7f", 3), R"("\x00\x1b\x7f")"},
      {"\xc3\xa4", R"("\xc3\xa4")"},
  };
  for (const auto& [value, expected] : values) {
    EXPECT_EQ(format_log_event("e", {{"v", value}}), "event=e v=" + std::string(expected));
  }
}

TEST(LogEvent, ValueAtTheLimitIsWholeAndOnePastItIsCut) {
  const std::string at_limit(kLogValueBytesMax, 'x');
  EXPECT_EQ(format_log_event("e", {{"v", at_limit}}), "event=e v=" + at_limit);
  EXPECT_EQ(format_log_event("e", {{"v", at_limit + "y"}}), "event=e v=" + at_limit);
}

TEST_F(LogLines, CarryTimeLevelAndEvent) {
  log_info("listening", {{"imap", "127.0.0.1:1143"}});
  ASSERT_EQ(lines_.size(), 1u);
  const std::regex form(
      R"(time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=info event=listening imap=127\.0\.0\.1:1143)");
  EXPECT_TRUE(std::regex_match(lines_[0], form)) << lines_[0];
}

TEST_F(LogLines, FormatCharactersInAValueMeanNothing) {
  log_warning("odd", {{"v", "{}%v%n"}});
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_NE(lines_[0].find("level=warning event=odd v={}%v%n"), std::string::npos) << lines_[0];
}

TEST_F(LogLines, BelowTheLevelNothingIsWritten) {
  const LogLevel levels[] = {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError};
  for (std::size_t least = 0; least < 4; ++least) {
    set_log_level(levels[least]);
    lines_.clear();
    log_debug("e");
    log_info("e");
    log_warning("e");
    log_error("e");
    EXPECT_EQ(lines_.size(), 4 - least) << name_of(levels[least]);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(log_enabled(levels[i]), i >= least);
  }
}

TEST_F(LogLines, ThreadsDoNotMixTheirLines) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int line = 0; line < 100; ++line) log_info("e", {{"v", "0123456789"}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(lines_.size(), 400u);
  for (const std::string& line : lines_) ASSERT_TRUE(line.ends_with(" event=e v=0123456789")) << line;
}

TEST(LogLevels, NamesGoBothWays) {
  for (const std::string_view name : {"debug", "info", "warning", "error"}) {
    const auto level = parse_log_level(name);
    ASSERT_TRUE(level) << name;
    EXPECT_EQ(name_of(*level), name);
  }
  EXPECT_FALSE(parse_log_level("INFO"));
  EXPECT_FALSE(parse_log_level(""));
}

}  // namespace
}  // namespace imapd::ops

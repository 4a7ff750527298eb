#include "imapd/wire/date_time.h"

#include <gtest/gtest.h>

namespace imapd::wire {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

TEST(DateTimeTest, RoundTrips) {
  for (const char* text : {"17-Jul-1996 02:44:25 -0700", " 1-Feb-2024 00:00:00 +0000", "29-Feb-2000 23:59:59 +1400",
                           "31-Dec-1969 23:00:00 -0130", "01-Jan-0001 12:00:00 +0000"}) {
    const auto parsed = parse_date_time(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    std::string expected = text;
    if (expected[0] == '0') expected[0] = ' ';
    EXPECT_EQ(format_date_time(*parsed), expected);
  }
}

TEST(DateTimeTest, ZoneIsTakenOff) {
  const auto parsed = parse_date_time("17-Jul-1996 02:44:25 -0700");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->time, sys_days(1996y / 7 / 17) + 9h + 44min + 25s);
  EXPECT_EQ(parsed->zone, -7h);
}

TEST(DateTimeTest, MonthIsReadInAnyCaseAndLeapSecondIsTheLastOfItsMinute) {
  EXPECT_EQ(parse_date_time("17-jUL-1996 02:44:25 -0700"), parse_date_time("17-Jul-1996 02:44:25 -0700"));
  EXPECT_EQ(parse_date_time("31-Dec-2016 23:59:60 +0000"), parse_date_time("31-Dec-2016 23:59:59 +0000"));
}

TEST(DateTimeTest, BadDateTimesAreRefused) {
  for (const char* text : {"", "30-Feb-2024 00:00:00 +0000", "29-Feb-2023 00:00:00 +0000", "00-Jan-2024 00:00:00 +0000",
                           "32-Jan-2024 00:00:00 +0000", "01-Foo-2024 00:00:00 +0000", "01-Jan-2024 24:00:00 +0000",
                           "01-Jan-2024 00:60:00 +0000", "01-Jan-2024 00:00:61 +0000", "01-Jan-2024 00:00:00 +2400",
                           "01-Jan-2024 00:00:00 +0060", "01-Jan-2024 00:00:00 0000 ", "1-Jan-2024 00:00:00 +0000",
                           "01-Jan-24 00:00:00 +0000", "01-Jan-2024  00:00:00 +000", "01-Jan-2024 00:00:00 +00000",
                           "xx-Jan-2024 00:00:00 +0000", "  -Jan-2024 00:00:00 +0000", "01 Jan 2024 00:00:00 +0000"}) {
    EXPECT_EQ(parse_date_time(text), std::nullopt) << text;
  }
}

TEST(DateTest, RoundTrips) {
  EXPECT_EQ(parse_date("1-Feb-1994"), 1994y / 2 / 1);
  EXPECT_EQ(parse_date("01-feb-1994"), 1994y / 2 / 1);
  EXPECT_EQ(format_date(1994y / 2 / 1), "1-Feb-1994");
  EXPECT_EQ(format_date(2024y / 12 / 31), "31-Dec-2024");
}

TEST(DateTest, BadDatesAreRefused) {
  for (const char* text : {"", "-", "30-Feb-2024", "0-Jan-2024", "001-Jan-2024", "1-January-2024", "1-Jan-24", "1-Jan-20245", "1-Jan-2o24",
                           "1/Jan/2024", "-Jan-2024", " 1-Jan-2024"}) {
    EXPECT_EQ(parse_date(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace imapd::wire

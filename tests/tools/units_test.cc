#include "tools/client/units.h"

#include <gtest/gtest.h>

namespace tools::client {
namespace {

using namespace std::chrono_literals;

TEST(Units, DurationsAreUnderstood) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("30"), 30s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("1d"), 24h);
  EXPECT_EQ(parse_duration("1m30s"), 90s);
  EXPECT_EQ(parse_duration("0"), 0ms);
}

TEST(Units, WhatIsNoDurationIsRefused) {
  for (const char* text :
       {"", "s", "-1s", "5x", "1.5s", "5 s", "3s!", "99999999999999999999s", "4000d", "3660d3660d"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Units, DurationsAreWrittenInTheirShortestExactForm) {
  EXPECT_EQ(format_duration(500ms), "500ms");
  EXPECT_EQ(format_duration(90s), "1m30s");
  EXPECT_EQ(format_duration(2h), "2h");
  EXPECT_EQ(format_duration(0ms), "0s");
  EXPECT_EQ(format_age(24h * 3 + 4h + 5min), "3d4h");
  EXPECT_EQ(format_age(1500ms), "1s");
}

TEST(Units, DurationsGoThroughProtobufUnchanged) {
  for (const auto duration : {0ms, 1ms, 999ms, 1000ms, 90'001ms}) {
    EXPECT_EQ(from_proto(to_proto(duration)), duration);
  }
}

TEST(Units, SizesAreUnderstood) {
  EXPECT_EQ(parse_size("4096"), 4096U);
  EXPECT_EQ(parse_size("64k"), 65536U);
  EXPECT_EQ(parse_size("10M"), 10485760U);
  EXPECT_EQ(parse_size("2G"), 2147483648U);
  EXPECT_EQ(parse_size("17179869183G"), 17179869183U << 30U);
  for (const char* text : {"", "k", "-1", "1kb", "1.5M", "17179869184G", "99999999999999999999"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(Units, NumbersAreWrittenForPeople) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(1234567), "1,234,567");
  EXPECT_EQ(format_size(812), "812 B");
  EXPECT_EQ(format_size(1434), "1.4 KiB");
  EXPECT_EQ(format_size(3221225472), "3.0 GiB");
}

TEST(Units, TimesAreRfc3339InUtc) {
  google::protobuf::Timestamp time;
  time.set_seconds(1'769'850'900);
  time.set_nanos(7'000'000);
  EXPECT_EQ(format_time(time), "2026-01-31T09:15:00.007Z");
}

}  // namespace
}  // namespace tools::client

#include "imapd/base/clock.h"

#include <gtest/gtest.h>

namespace imapd {
namespace {

TEST(SystemClock, NeverGoesBack) {
  const SystemClock clock;
  Timestamp before = clock.now();
  for (int i = 0; i < 10'000; ++i) {
    const Timestamp after = clock.now();
    ASSERT_LE(before, after);
    before = after;
  }
}

TEST(SystemClock, ShowsTheWallClockOfItsStart) {
  const auto earliest = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  const SystemClock clock;
  EXPECT_GE(clock.now(), earliest);
}

}  // namespace
}  // namespace imapd

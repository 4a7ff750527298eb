#include "tools/client/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace tools::client {
namespace {

using namespace std::chrono_literals;

TEST(Histogram, EmptyHasNoQuantiles) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.quantile(0.99), 0ns);
  EXPECT_EQ(histogram.max(), 0ns);
}

TEST(Histogram, SmallValuesAreExact) {
  Histogram histogram;
  for (int value = 1; value <= 60; ++value) {
    histogram.record(std::chrono::nanoseconds(value));
  }
  EXPECT_EQ(histogram.quantile(0.5), 30ns);
  EXPECT_EQ(histogram.quantile(1.0), 60ns);
}

TEST(Histogram, EveryQuantileIsWithinOne64thAboveTheTrueValue) {
  std::minstd_rand random(1);
  std::vector<std::int64_t> values;
  Histogram histogram;
  for (int at = 0; at < 20'000; ++at) {
    // All magnitudes alike, from 1 ns to seconds.
    const std::int64_t value = static_cast<std::int64_t>(random()) >> (random() % 31);
    values.push_back(value);
    histogram.record(std::chrono::nanoseconds(value));
  }
  std::sort(values.begin(), values.end());
  for (const double share : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    const std::int64_t truth = values[rank - 1];
    const std::int64_t told = histogram.quantile(share).count();
    EXPECT_GE(told, truth) << share;
    EXPECT_LE(told, truth + truth / 64) << share;
  }
}

TEST(Histogram, ValuesBeyondTheLastBucketCountAndKeepTheirMaximum) {
  Histogram histogram;
  histogram.record(24h);
  histogram.record(-5ns);
  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.max(), 24h);
  EXPECT_EQ(histogram.quantile(0.5), 0ns);
  EXPECT_GT(histogram.quantile(1.0), 18min);
}

TEST(Histogram, MergedIsAsRecordedTogether) {
  Histogram left;
  Histogram right;
  Histogram both;
  for (int value = 0; value < 10'000; value += 7) {
    (value % 2 == 0 ? left : right).record(std::chrono::microseconds(value));
    both.record(std::chrono::microseconds(value));
  }
  left.merge(right);
  EXPECT_EQ(left.count(), both.count());
  EXPECT_EQ(left.quantile(0.9), both.quantile(0.9));
  EXPECT_EQ(left.max(), both.max());
}

}  // namespace
}  // namespace tools::client

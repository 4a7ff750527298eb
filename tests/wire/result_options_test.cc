#include <gtest/gtest.h>

#include "imapd/wire/result_options.h"

namespace imapd::wire {
namespace {

TEST(PartialRangeTest, NamesThoseResultsThatAreThere) {
  struct Row {
    PartialRange range;
    std::size_t count;
    std::pair<std::size_t, std::size_t> offsets;
  };
  const Row rows[] = {
      {{false, 1, 500}, 1000, {0, 500}},
      {{false, 500, 1}, 1000, {0, 500}},
      {{false, 500, 400}, 450, {399, 450}},
      {{false, 1, 1}, 1, {0, 1}},
      {{false, 24000, 24500}, 23764, {23764, 23764}},
      {{false, 1, UINT32_MAX}, 0, {0, 0}},
      {{true, 1, 100}, 1000, {900, 1000}},
      {{true, 100, 1}, 50, {0, 50}},
      {{true, 2, 2}, 3, {1, 2}},
      {{true, 4, 9}, 3, {0, 0}},
      {{true, UINT32_MAX, UINT32_MAX}, 3, {0, 0}},
  };
  for (const Row& row : rows) EXPECT_EQ(row.range.of(row.count), row.offsets) << row.range.to_string() << " of " << row.count;
}

TEST(ResultOptionsTest, OnlyTheEndsNeedNotEveryMatch) {
  ResultOptions options;
  EXPECT_TRUE(options.empty());
  EXPECT_TRUE(options.needs_every_match());
  options.min = true;
  EXPECT_FALSE(options.needs_every_match());
  options.count = true;
  EXPECT_TRUE(options.needs_every_match());
}

}  // namespace
}  // namespace imapd::wire

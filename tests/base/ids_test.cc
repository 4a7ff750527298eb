#include "imapd/base/ids.h"

#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>

namespace imapd {
namespace {

static_assert(!std::is_convertible_v<std::uint64_t, Serial>, "a number is no serial until somebody says so");
static_assert(!std::is_convertible_v<Serial, ModSeq>);
static_assert(!std::is_constructible_v<ModSeq, Serial>);

TEST(StrongId, ComparesByValueAndCountsUp) {
  EXPECT_EQ(Serial().value(), 0u);
  EXPECT_LT(Serial(1), Serial(2));
  EXPECT_EQ(Serial(1).next(), Serial(2));
}

TEST(StrongId, IsAKeyOfAHashTable) {
  const std::unordered_set<Uid> uids = {Uid(1), Uid(2), Uid(1)};
  EXPECT_EQ(uids.size(), 2u);
}

}  // namespace
}  // namespace imapd

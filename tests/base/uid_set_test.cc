#include "imapd/base/uid_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <random>
#include <set>

namespace imapd {
namespace {

constexpr std::uint32_t kMax = std::numeric_limits<std::uint32_t>::max();

Uid uid(std::uint32_t value) { return Uid(value); }

std::vector<std::uint32_t> members(const UidSet& set) {
  std::vector<std::uint32_t> all;
  set.for_each([&all](Uid each) { all.push_back(each.value()); });
  return all;
}

TEST(UidSet, EmptySetHasNoMembersAndNoText) {
  const UidSet set;
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set.size(), 0u);
  EXPECT_EQ(set.to_string(), "");
  EXPECT_FALSE(set.contains(uid(1)));
}

TEST(UidSet, NeighboursBecomeOneRange) {
  UidSet set;
  for (std::uint32_t i = 1; i <= 1'000'000; ++i) set.add(uid(i));
  EXPECT_EQ(set.ranges().size(), 1u);
  EXPECT_EQ(set.size(), 1'000'000u);
  EXPECT_EQ(set.to_string(), "1:1000000");
}

TEST(UidSet, FillingTheGapJoinsBothSides) {
  UidSet set = UidSet::range(uid(1), uid(3));
  set.add_range(uid(5), uid(9));
  EXPECT_EQ(set.to_string(), "1:3,5:9");
  set.add(uid(4));
  EXPECT_EQ(set.to_string(), "1:9");
}

TEST(UidSet, RangeEndsMayComeInEitherOrder) { EXPECT_EQ(UidSet::range(uid(9), uid(4)), UidSet::range(uid(4), uid(9))); }

TEST(UidSet, RangeOverManySwallowsThem) {
  UidSet set = UidSet::of(uid(5));
  set.add(uid(10)).add(uid(20)).add(uid(30));
  set.add_range(uid(9), uid(21));
  EXPECT_EQ(set.to_string(), "5,9:21,30");
}

TEST(UidSet, RemovingCutsARange) {
  UidSet set = UidSet::range(uid(1), uid(5));
  set.remove(uid(3));
  EXPECT_EQ(set.to_string(), "1:2,4:5");
  set.remove(uid(1));
  set.remove(uid(5));
  set.remove(uid(7));
  EXPECT_EQ(set.to_string(), "2,4");
  set.remove(uid(2));
  set.remove(uid(4));
  EXPECT_TRUE(set.empty());
}

TEST(UidSet, LargestUidIsAMemberLikeAnyOther) {
  UidSet set = UidSet::range(uid(kMax - 1), uid(kMax));
  set.add(uid(kMax)).add(uid(1));
  EXPECT_EQ(set.to_string(), "1,4294967294:4294967295");
  EXPECT_EQ(set.size(), 3u);
  EXPECT_EQ(members(set), (std::vector<std::uint32_t>{1, kMax - 1, kMax}));
  EXPECT_EQ(UidSet::range(uid(1), uid(kMax)).size(), std::uint64_t{kMax});
  EXPECT_EQ(UidSet::range(uid(1), uid(kMax)).difference(UidSet::of(uid(kMax))).to_string(), "1:4294967294");
  set.remove(uid(kMax));
  EXPECT_EQ(set.to_string(), "1,4294967294");
}

TEST(UidSet, IntersectionAndDifferenceOfRanges) {
  UidSet a = UidSet::range(uid(1), uid(10));
  a.add_range(uid(20), uid(30));
  UidSet b = UidSet::range(uid(5), uid(22));
  b.add(uid(30));
  EXPECT_EQ(a.intersection(b).to_string(), "5:10,20:22,30");
  EXPECT_EQ(a.difference(b).to_string(), "1:4,23:29");
  EXPECT_EQ(a.difference(UidSet()), a);
  EXPECT_TRUE(a.intersection(UidSet()).empty());
  EXPECT_TRUE(a.difference(a).empty());
}

// Replay one seed with CLAIMQ_SEED=n.
unsigned seed() {
  const char* given = std::getenv("CLAIMQ_SEED");
  return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device()();
}

class RandomUids {
 public:
  explicit RandomUids(unsigned seed) : random_(seed) {}
  // Small numbers, so that sets overlap and touch often; now and then the largest ones.
  std::uint32_t next() {
    const std::uint32_t value = static_cast<std::uint32_t>(random_() % 60) + 1;
    return random_() % 8 == 0 ? kMax - value + 1 : value;
  }
  std::size_t choice(std::size_t count) { return random_() % count; }

 private:
  std::mt19937 random_;
};

struct Pair {
  UidSet set;
  std::set<std::uint32_t> model;
};

void change_once(RandomUids& random, Pair& pair) {
  const std::uint32_t a = random.next();
  if (random.choice(3) == 0) {
    pair.set.remove(uid(a));
    pair.model.erase(a);
    return;
  }
  const std::uint64_t b = std::min<std::uint64_t>(std::uint64_t{a} + random.choice(6), kMax);
  pair.set.add_range(uid(static_cast<std::uint32_t>(b)), uid(a));
  for (std::uint64_t i = a; i <= b; ++i) pair.model.insert(static_cast<std::uint32_t>(i));
}

void expect_same(const Pair& pair) {
  ASSERT_EQ(members(pair.set), std::vector<std::uint32_t>(pair.model.begin(), pair.model.end()));
  ASSERT_EQ(pair.set.size(), pair.model.size());
  for (std::size_t i = 1; i < pair.set.ranges().size(); ++i) {
    ASSERT_GT(pair.set.ranges()[i].first.value(), std::uint64_t{pair.set.ranges()[i - 1].last.value()} + 1);
  }
}

TEST(UidSet, RandomChangesMatchAStandardSet) {
  const unsigned used_seed = seed();
  SCOPED_TRACE("CLAIMQ_SEED=" + std::to_string(used_seed));
  RandomUids random(used_seed);
  for (int round = 0; round < 100; ++round) {
    Pair a;
    Pair b;
    for (int step = 0; step < 60; ++step) {
      change_once(random, a);
      change_once(random, b);
      ASSERT_NO_FATAL_FAILURE(expect_same(a));
      const std::uint32_t probe = random.next();
      ASSERT_EQ(a.set.contains(uid(probe)), a.model.contains(probe)) << probe;
    }
    Pair common{a.set.intersection(b.set), {}};
    Pair rest{a.set.difference(b.set), {}};
    for (const std::uint32_t each : a.model) (b.model.contains(each) ? common : rest).model.insert(each);
    ASSERT_NO_FATAL_FAILURE(expect_same(common));
    ASSERT_NO_FATAL_FAILURE(expect_same(rest));
  }
}

}  // namespace
}  // namespace imapd

#include "imapd/session/sequence_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace imapd::session {
namespace {

TEST(SequenceMap, EmptyMapKnowsNothing) {
  const SequenceMap map{UidSet()};
  EXPECT_EQ(map.size(), 0u);
  EXPECT_EQ(map.uid_at(0), std::nullopt);
  EXPECT_EQ(map.uid_at(1), std::nullopt);
  EXPECT_EQ(map.number_of(Uid(1)), std::nullopt);
  EXPECT_EQ(map.largest(), Uid(0));
}

TEST(SequenceMap, EdgesOfTheUidSpace) {
  SequenceMap map(UidSet::of(Uid(1)).add(Uid(4294967294u)));
  map.append(Uid(4294967295u));
  EXPECT_EQ(map.size(), 3u);
  EXPECT_EQ(map.uid_at(3), Uid(4294967295u));
  EXPECT_EQ(map.number_of(Uid(4294967295u)), 3u);
  EXPECT_EQ(map.number_of(Uid(1)), 1u);
  EXPECT_EQ(map.number_of(Uid(2)), std::nullopt);
  EXPECT_EQ(map.uid_at(4), std::nullopt);
}

TEST(SequenceMap, AgreesWithAPlainVectorWhateverHappens) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    SequenceMap map{UidSet()};
    std::vector<std::uint32_t> model;
    std::uint32_t next = 1;
    for (int step = 0; step < 200; ++step) {
      if (random() % 3 != 0 || model.empty()) {
        next += random() % 4 == 0 ? 5 : 1;
        map.append(Uid(next));
        model.push_back(next);
      } else {
        UidSet gone;
        for (unsigned i = 0; i <= random() % 5 && !model.empty(); ++i) {
          const auto at = static_cast<std::ptrdiff_t>(random() % model.size());
          gone.add(Uid(model[static_cast<std::size_t>(at)]));
          model.erase(model.begin() + at);
        }
        map.remove(gone);
      }
      ASSERT_EQ(map.size(), model.size()) << "seed " << seed << " step " << step;
      for (std::size_t i = 0; i < model.size(); ++i) {
        const auto number = static_cast<std::uint32_t>(i + 1);
        ASSERT_EQ(map.uid_at(number), Uid(model[i])) << "seed " << seed << " step " << step;
        ASSERT_EQ(map.number_of(Uid(model[i])), number) << "seed " << seed << " step " << step;
      }
      ASSERT_EQ(map.number_of(Uid(next + 1)), std::nullopt);
    }
  }
}

}  // namespace
}  // namespace imapd::session

#include <cstdlib>

#include "tests/store/random_verbs.h"

namespace imapd::store {
namespace {

// Random verbs on several mailboxes against StoreModel. A failure prints its seed; CLAIMQ_SEED=n replays it.
class StoreModelTest : public StoreTest {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "claimq-store-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }

  void run(std::uint64_t seed, int steps, Durability durability) {
    SCOPED_TRACE("replay: CLAIMQ_SEED=" + std::to_string(seed) + " store_test --gtest_filter=StoreModelTest.*");
    open(durability);
    support::StoreModel model;
    RandomVerbs verbs(seed, clock_);
    verbs.furnish(*store_, model);
    for (int step = 0; step < steps; ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      const std::string story = verbs.story();
      const RandomVerbs::Finished finished = verbs.finish();
      ASSERT_EQ(finished.mismatch, "");
      ASSERT_EQ(finished.unavailable, 0u);
      ASSERT_EQ(model.difference(*store_), "") << story;
      model.learn(*store_);
      ASSERT_NO_FATAL_FAILURE(compare_unclaimed());
      if (verbs.one_in(60)) reopen_with(model, durability);
      const std::int64_t together = verbs.one_in(3) ? verbs.pick(2, 12) : 1;
      for (std::int64_t i = 0; i < together; ++i) verbs.start(*store_, model);
    }
    (void)verbs.finish();
  }

  // What the keys say of claims against what each message says.
  void compare_unclaimed() {
    const Snapshot snapshot = store_->snapshot();
    for (const MailboxInfo& mailbox : store_->mailboxes()) {
      const auto uids = snapshot.uids(mailbox.id);
      const auto indexed = snapshot.maybe_unclaimed(mailbox.id, SIZE_MAX);
      ASSERT_TRUE(uids && indexed);
      ASSERT_EQ(indexed->has_value(), mailbox.kind != MailboxKind::kPersonal);
      if (!*indexed) continue;
      UidSet unclaimed;
      UidSet claimed_and_deleted;
      const auto read = snapshot.for_each(mailbox.id, *uids, [&](const MessageState& message) {
        const bool claimed = message.flags.contains(SystemFlag::kClaimed);
        if (!claimed) unclaimed.add(message.uid);
        if (claimed && message.flags.contains(SystemFlag::kDeleted)) claimed_and_deleted.add(message.uid);
        return true;
      });
      ASSERT_TRUE(read);
      ASSERT_EQ((*indexed)->difference(claimed_and_deleted), unclaimed) << mailbox.path.name;
      const std::size_t count = mailbox.counters.ready + mailbox.counters.deleted;
      ASSERT_TRUE(snapshot.maybe_unclaimed(mailbox.id, count)->has_value());
      if (count == 0) continue;
      ASSERT_FALSE(snapshot.maybe_unclaimed(mailbox.id, count - 1)->has_value());
    }
  }

  void reopen_with(support::StoreModel& model, Durability durability) {
    clock_.advance(Millis(5'000));
    reopen(durability);
    for (const std::string& holder : model.live_holders) store_->holder_opened(holder);
    model.restart(clock_.now());
    ASSERT_EQ(model.difference(*store_), "") << "after a reopen";
  }
};

class SeededStoreModelTest : public StoreModelTest, public testing::WithParamInterface<int> {};

TEST_P(SeededStoreModelTest, StoreBehavesAsItsModel) {
  run(static_cast<std::uint64_t>(GetParam()), 300, GetParam() % 3 == 0 ? Durability::kRelaxed : Durability::kSync);
}
INSTANTIATE_TEST_SUITE_P(Seeds, SeededStoreModelTest, testing::Range(1, 13));

TEST_F(StoreModelTest, StoreBehavesAsItsModelByTheSeedAskedFor) {
  const char* seed = std::getenv("CLAIMQ_SEED");
  if (seed == nullptr) GTEST_SKIP() << "CLAIMQ_SEED is not set";
  const std::uint64_t number = std::strtoull(seed, nullptr, 10);
  run(number, 300, number % 3 == 0 ? Durability::kRelaxed : Durability::kSync);
}

}  // namespace
}  // namespace imapd::store

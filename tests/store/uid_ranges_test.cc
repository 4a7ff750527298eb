#include "tests/store/store_fixture.h"

// Sets of UIDs at their edges, through every verb that takes one.
namespace imapd::store {
namespace {

class UidRangesTest : public StoreTest {
 protected:
  StoreFlagsOutcome flag(const UidSet& uids) {
    StoreFlags request{queue_, uids, {FlagChange::Mode::kAdd, {SystemFlag::kSeen}}, std::nullopt, imap("a")};
    return *await(*store_, &Store::store_flags, request);
  }
  std::vector<std::uint32_t> visited(const UidSet& uids) {
    std::vector<std::uint32_t> seen;
    EXPECT_TRUE(store_->snapshot().for_each(queue_, uids, [&](const MessageState& message) {
      seen.push_back(message.uid.value());
      return true;
    }));
    return seen;
  }
  static constexpr std::uint32_t kLast = UINT32_MAX;
};

TEST_F(UidRangesTest, TheEmptySetNamesNothing) {
  append("x");
  EXPECT_TRUE(flag({}).stored.empty());
  EXPECT_TRUE(visited({}).empty());
  EXPECT_TRUE(await(*store_, &Store::expunge, Expunge{queue_, UidSet(), imap("a")})->expunged.empty());
}

TEST_F(UidRangesTest, AnEmptyMailboxHasNothingForAnySet) {
  EXPECT_TRUE(flag(UidSet::range(Uid(1), Uid(kLast))).stored.empty());
  EXPECT_TRUE(visited(UidSet::range(Uid(1), Uid(kLast))).empty());
  EXPECT_TRUE(store_->snapshot().uids(queue_)->empty());
}

TEST_F(UidRangesTest, RangesReachBeyondBothEnds) {
  for (int i = 0; i < 3; ++i) append("x");
  EXPECT_EQ(visited(UidSet::range(Uid(1), Uid(kLast))), (std::vector<std::uint32_t>{1, 2, 3}));
  EXPECT_EQ(visited(UidSet::range(Uid(3), Uid(kLast))), (std::vector<std::uint32_t>{3}));
  EXPECT_TRUE(visited(UidSet::range(Uid(4), Uid(kLast))).empty());
  EXPECT_TRUE(visited(UidSet::of(Uid(kLast))).empty());
  const auto outcome = flag(UidSet::range(Uid(2), Uid(kLast)));
  EXPECT_EQ(outcome.stored.size(), 2u);
  EXPECT_EQ(outcome.gone, UidSet::range(Uid(4), Uid(kLast)));
}

TEST_F(UidRangesTest, HolesAreGoneAndNeighboursStay) {
  for (int i = 0; i < 40; ++i) append("x");
  UidSet even;
  for (std::uint32_t uid = 2; uid <= 40; uid += 2) {
    store_flags(Uid(uid), FlagChange::Mode::kAdd, {SystemFlag::kDeleted}, imap("a"));
    even.add(Uid(uid));
  }
  // Of the deleted ones only those that are named.
  const auto some = await(*store_, &Store::expunge, Expunge{queue_, UidSet::range(Uid(1), Uid(10)), imap("a")});
  EXPECT_EQ(some->expunged, UidSet().add(Uid(2)).add(Uid(4)).add(Uid(6)).add(Uid(8)).add(Uid(10)));
  const auto rest = await(*store_, &Store::expunge, Expunge{queue_, std::nullopt, imap("a")});
  EXPECT_EQ(rest->expunged.size(), 15u);
  EXPECT_EQ(*store_->snapshot().uids(queue_), UidSet::range(Uid(1), Uid(40)).difference(even));
  EXPECT_EQ(flag(UidSet::range(Uid(1), Uid(40))).gone, even);
  EXPECT_EQ(store_->snapshot().changes_since(queue_, ModSeq(0), SIZE_MAX)->vanished, even);
}

TEST_F(UidRangesTest, ManySingleUidsAreNamedOneByOne) {
  for (int i = 0; i < 30; ++i) append("x");
  UidSet odd;
  for (std::uint32_t uid = 1; uid <= 101; uid += 2) odd.add(Uid(uid));
  EXPECT_EQ(flag(odd).stored.size(), 15u);
  EXPECT_EQ(visited(odd).size(), 15u);
}

// Within one group the database does not know yet what was appended and removed.
TEST_F(UidRangesTest, AGroupSeesItsOwnChanges) {
  std::vector<std::future<Result<StoreFlagsOutcome>>> flagged;
  for (int i = 0; i < 50; ++i) append("x");
  Append request;
  request.mailbox = queue_;
  request.messages.resize(50);
  request.actor = imap("a");
  std::promise<Result<AppendOutcome>> appended;
  std::promise<Result<StoreFlagsOutcome>> stored;
  std::promise<Result<ExpungeOutcome>> expunged;
  auto appended_future = appended.get_future();
  auto stored_future = stored.get_future();
  auto expunged_future = expunged.get_future();
  store_->append(request, [&](auto outcome) { appended.set_value(std::move(outcome)); });
  StoreFlags mark{queue_, UidSet::range(Uid(40), Uid(kLast)), {FlagChange::Mode::kAdd, {SystemFlag::kDeleted}}, std::nullopt, imap("a")};
  store_->store_flags(mark, [&](auto outcome) { stored.set_value(std::move(outcome)); });
  store_->expunge(Expunge{queue_, std::nullopt, imap("a")}, [&](auto outcome) { expunged.set_value(std::move(outcome)); });
  EXPECT_EQ(stored_future.get()->stored.size(), 61u);
  EXPECT_EQ(expunged_future.get()->expunged, UidSet::range(Uid(40), Uid(100)));
  EXPECT_EQ(visited(UidSet::range(Uid(1), Uid(kLast))).size(), 39u);
}

}  // namespace
}  // namespace imapd::store

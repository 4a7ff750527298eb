#include <algorithm>
#include <set>
#include <thread>

#include "tests/store/store_fixture.h"

namespace imapd::store {
namespace {

const FlagSet kClaimedFlag{SystemFlag::kClaimed};
constexpr auto kAdd = FlagChange::Mode::kAdd;
constexpr auto kRemove = FlagChange::Mode::kRemove;
constexpr auto kReplace = FlagChange::Mode::kReplace;

TEST_F(StoreTest, FirstConditionalClaimWinsAndSecondIsModified) {
  const Uid uid = append("one");
  const ModSeq seen = message(uid)->mod_seq;
  const auto first = store_flags(uid, kAdd, kClaimedFlag, imap("a"), seen);
  ASSERT_EQ(first.stored.size(), 1u);
  EXPECT_EQ(first.stored[0].claim->holder, "a");
  EXPECT_GT(first.stored[0].claim->token, seen);
  const auto second = store_flags(uid, kAdd, kClaimedFlag, imap("b"), seen);
  ASSERT_EQ(second.refused.size(), 1u);
  EXPECT_EQ(second.refused[0].reason, Refusal::kModified);
}

TEST_F(StoreTest, ClaimOfAClaimedMessageIsNeverASilentSuccess) {
  const Uid uid = append("one");
  store_flags(uid, kAdd, kClaimedFlag, imap("a"), ModSeq(0));
  // PITFALLS: a worker that read the mod-sequence after the winner's claim.
  const ModSeq now = message(uid)->mod_seq;
  EXPECT_EQ(store_flags(uid, kAdd, kClaimedFlag, imap("b"), now).refused.at(0).reason, Refusal::kModified);
  EXPECT_EQ(store_flags(uid, kAdd, kClaimedFlag, imap("b")).refused.at(0).reason, Refusal::kInUse);
  EXPECT_EQ(store_flags(uid, kAdd, kClaimedFlag, imap("a")).refused.at(0).reason, Refusal::kInUse);
}

TEST_F(StoreTest, AnotherFlagsChangeLeavesTheTokenFresh) {
  const Uid uid = append("one");
  const ModSeq seen = message(uid)->mod_seq;
  store_flags(uid, kAdd, {SystemFlag::kSeen}, imap("operator"));
  EXPECT_EQ(store_flags(uid, kAdd, kClaimedFlag, imap("a"), seen).stored.size(), 1u);
}

TEST_F(StoreTest, StaleTokenDoesNotWinAfterClaimAndRelease) {
  const Uid uid = append("one");
  const ModSeq seen = message(uid)->mod_seq;
  store_flags(uid, kAdd, kClaimedFlag, imap("a"), seen);
  store_flags(uid, kRemove, kClaimedFlag, imap("a"));
  EXPECT_EQ(store_flags(uid, kAdd, kClaimedFlag, imap("b"), seen).refused.at(0).reason, Refusal::kModified);
  EXPECT_EQ(store_flags(uid, kAdd, kClaimedFlag, imap("b"), message(uid)->mod_seq).stored.size(), 1u);
}

TEST_F(StoreTest, HolderRenewsWithItsTokenAndGetsANewOne) {
  const Uid uid = append("one");
  const ModSeq token = store_flags(uid, kAdd, kClaimedFlag, imap("a"), ModSeq(0)).stored.at(0).claim->token;
  clock_.advance(Millis(30'000));
  EXPECT_EQ(store_flags(uid, kAdd, kClaimedFlag, imap("b"), token).refused.at(0).reason, Refusal::kModified);
  const MessageState renewed = store_flags(uid, kAdd, kClaimedFlag, imap("a"), token).stored.at(0);
  EXPECT_GT(renewed.claim->token, token);
  EXPECT_EQ(renewed.claim->deadline, clock_.now() + Millis(60'000));
  EXPECT_EQ(renewed.deliveries, 1u);
}

TEST_F(StoreTest, ReplacingFlagsNeverClearsTheClaim) {
  const Uid uid = append("one");
  store_flags(uid, kAdd, kClaimedFlag, imap("a"), ModSeq(0));
  const MessageState after = store_flags(uid, kReplace, {SystemFlag::kSeen}, imap("operator")).stored.at(0);
  EXPECT_TRUE(after.claim);
  EXPECT_TRUE(after.flags.contains(SystemFlag::kClaimed));
  EXPECT_TRUE(after.flags.contains(SystemFlag::kSeen));
}

TEST_F(StoreTest, OnlyTheHolderOrAnAdministratorReleases) {
  const Uid uid = append("one");
  store_flags(uid, kAdd, kClaimedFlag, imap("a"), ModSeq(0));
  EXPECT_EQ(store_flags(uid, kRemove, kClaimedFlag, imap("b", "bob")).refused.at(0).reason, Refusal::kNoRight);
  Actor administrator = imap("operator", "root");
  administrator.rank = Actor::Rank::kAdministrator;
  EXPECT_EQ(store_flags(uid, kRemove, kClaimedFlag, administrator).stored.size(), 1u);
  EXPECT_FALSE(message(uid)->claim);
}

TEST_F(StoreTest, EndedSessionsClaimMayBeSettledButNotWonByTheSameUser) {
  const Uid uid = append("one");
  store_->holder_opened("a");
  store_flags(uid, kAdd, kClaimedFlag, imap("a"), ModSeq(0));
  EXPECT_EQ(store_flags(uid, kAdd, {SystemFlag::kDeleted}, imap("b")).refused.at(0).reason, Refusal::kInUse);
  store_->holder_closed("a");
  EXPECT_EQ(store_flags(uid, kAdd, kClaimedFlag, imap("b"), message(uid)->mod_seq).refused.at(0).reason, Refusal::kModified);
  EXPECT_EQ(store_flags(uid, kAdd, {SystemFlag::kDeleted}, imap("b")).stored.size(), 1u);
  EXPECT_EQ(await(*store_, &Store::expunge, Expunge{queue_, {}, imap("b")})->expunged.size(), 1u);
}

TEST_F(StoreTest, OthersCanNeitherDeleteNorMoveAHeldMessage) {
  const Uid uid = append("one");
  store_->holder_opened("a");
  store_flags(uid, kAdd, kClaimedFlag, imap("a"), ModSeq(0));
  EXPECT_EQ(store_flags(uid, kAdd, {SystemFlag::kDeleted}, imap("b")).refused.at(0).reason, Refusal::kInUse);
  const auto moved =
      await(*store_, &Store::copy_messages, CopyMessages{queue_, queue_, UidSet::of(uid), CopyMessages::Mode::kMove, imap("b")});
  EXPECT_TRUE(moved->uids.empty());
  EXPECT_EQ(moved->refused.size(), 1u);
}

TEST_F(StoreTest, ADeletedMessageIsNotReadyAndReleaseClearsDeleted) {
  const Uid uid = append("one");
  store_flags(uid, kAdd, {SystemFlag::kDeleted}, imap("operator"));
  EXPECT_TRUE(claim(1, worker("w")).empty());
  EXPECT_EQ(counters().ready, 0u);
  store_flags(uid, kRemove, {SystemFlag::kDeleted}, imap("operator"));
  const auto claimed = claim(1, worker("w"));
  ASSERT_EQ(claimed.size(), 1u);
  store_flags(uid, kAdd, {SystemFlag::kDeleted}, worker("w"));
  settle(claimed[0], Settlement::Kind::kRelease, worker("w"));
  EXPECT_FALSE(message(uid)->flags.contains(SystemFlag::kDeleted));
  EXPECT_EQ(counters().ready, 1u);
}

TEST_F(StoreTest, ClaimsComeInOrderOfPriorityThenAge) {
  const auto put = [&](const std::string& body, std::uint32_t priority) {
    Append request;
    request.mailbox = queue_;
    request.messages.emplace_back();
    request.messages.back().body = body;
    request.messages.back().priority = priority;
    return await(*store_, &Store::append, request)->uids.at(0);
  };
  const Uid a = put("a", 4);
  const Uid b = put("b", 9);
  const Uid c = put("c", 0);
  const Uid d = put("d", 4);
  std::vector<Uid> order;
  for (const MessageState& message : claim(10, worker("w"))) order.push_back(message.uid);
  EXPECT_EQ(order, (std::vector<Uid>{b, a, d, c}));
}

TEST_F(StoreTest, ReleasedMessageIsClaimedBeforeYoungerOnes) {
  append("a");
  append("b");
  const auto first = claim(1, worker("w"));
  settle(first.at(0), Settlement::Kind::kRelease, worker("w"));
  EXPECT_EQ(claim(1, worker("w")).at(0).uid, first.at(0).uid);
}

TEST_F(StoreTest, AckedMessageIsGoneAndStaleTokensChangeNothing) {
  const Uid uid = append("one");
  const MessageState claimed = claim(1, worker("w")).at(0);
  EXPECT_EQ(settle(claimed, Settlement::Kind::kAck, worker("x", "bob")).result, SettleOutcome::Result::kNoRight);
  MessageState stale = claimed;
  stale.claim->token = ModSeq(claimed.claim->token.value() - 1);
  EXPECT_EQ(settle(stale, Settlement::Kind::kAck, worker("w")).result, SettleOutcome::Result::kLeaseLost);
  EXPECT_EQ(settle(claimed, Settlement::Kind::kAck, worker("w")).result, SettleOutcome::Result::kSettled);
  EXPECT_FALSE(message(uid));
  EXPECT_EQ(settle(claimed, Settlement::Kind::kAck, worker("w")).result, SettleOutcome::Result::kGone);
  EXPECT_EQ(counters(), Counters{});
}

TEST_F(StoreTest, ExpiredLeaseCountsAFailureBacksOffAndEndsInDeadLetters) {
  append("From: a@example.org\r\n\r\nbody");
  for (int failure = 1; failure <= 3; ++failure) {
    const auto claimed = claim(1, worker("w"));
    ASSERT_EQ(claimed.size(), 1u) << failure;
    EXPECT_EQ(claimed[0].failures, static_cast<std::uint32_t>(failure - 1));
    clock_.advance(Millis(59'999));
    EXPECT_EQ(expire().expired, 0u);
    clock_.advance(Millis(1));
    EXPECT_EQ(expire().expired, 1u);
    EXPECT_TRUE(claim(1, worker("w")).empty());
    EXPECT_EQ(settle(claimed[0], Settlement::Kind::kAck, worker("w")).result,
              failure == 3 ? SettleOutcome::Result::kGone : SettleOutcome::Result::kLeaseLost);
    clock_.advance(Millis(1'000));
    EXPECT_EQ(expire().became_ready, failure == 3 ? 0u : 1u);
  }
  const auto dead = store_->find_mailbox({"", "orders/Dead"});
  ASSERT_TRUE(dead);
  EXPECT_EQ(dead->kind, MailboxKind::kDeadLetters);
  const MessageState letter = *(*store_->snapshot().message(dead->id, Uid(1)));
  EXPECT_EQ(letter.failures, 3u);
  EXPECT_EQ(*store_->snapshot().body(letter.body),
            "Claimq-Dead-Reason: lease expired\r\nFrom: a@example.org\r\n\r\nbody");
}

TEST_F(StoreTest, RunningLeaseGetsTimeAfterARestart) {
  append("one");
  const auto claimed = claim(1, worker("w"));
  clock_.advance(Millis(3'600'000));
  reopen();
  EXPECT_EQ(expire().expired, 0u);
  clock_.advance(Millis(29'999));
  EXPECT_EQ(expire().expired, 0u);
  EXPECT_EQ(settle(claimed.at(0), Settlement::Kind::kExtend, worker("w")).result, SettleOutcome::Result::kSettled);
}

TEST_F(StoreTest, ManyWorkersWinEachMessageOnce) {
  constexpr int kMessages = 2'000;
  Append request;
  request.mailbox = queue_;
  for (int i = 0; i < kMessages; ++i) {
    request.messages.emplace_back();
    request.messages.back().body = "m" + std::to_string(i);
  }
  ASSERT_TRUE(await(*store_, &Store::append, request));
  std::mutex mutex;
  std::multiset<Serial> won;
  std::vector<std::thread> workers;
  for (int i = 0; i < 8; ++i) {
    workers.emplace_back([&, i] {
      while (true) {
        const auto claimed = claim(7, worker("w" + std::to_string(i)));
        if (claimed.empty()) return;
        const std::lock_guard lock(mutex);
        for (const MessageState& message : claimed) won.insert(message.serial);
      }
    });
  }
  for (std::thread& worker_thread : workers) worker_thread.join();
  EXPECT_EQ(won.size(), static_cast<std::size_t>(kMessages));
  EXPECT_EQ(std::set<Serial>(won.begin(), won.end()).size(), static_cast<std::size_t>(kMessages));
}

TEST_F(StoreTest, ConditionalClaimsOfOneMessageHaveOneWinnerInEveryRound) {
  for (int round = 0; round < 200; ++round) {
    const Uid uid = append("m");
    const ModSeq seen = message(uid)->mod_seq;
    std::atomic<int> winners{0};
    std::vector<std::thread> workers;
    for (int i = 0; i < 8; ++i) {
      workers.emplace_back([&, i] {
        if (!store_flags(uid, kAdd, kClaimedFlag, imap("s" + std::to_string(i)), seen).stored.empty()) ++winners;
      });
    }
    for (std::thread& worker_thread : workers) worker_thread.join();
    ASSERT_EQ(winners, 1) << "round " << round;
  }
}

TEST_F(StoreTest, CopySharesTheBodyAndTheLastReferenceRemovesIt) {
  const Uid uid = append("shared body");
  const auto copied =
      await(*store_, &Store::copy_messages, CopyMessages{queue_, queue_, UidSet::of(uid), CopyMessages::Mode::kCopy, imap("a")});
  const Uid copy = copied->uids.at(0).second;
  EXPECT_EQ(message(copy)->body.id, message(uid)->body.id);
  EXPECT_EQ(message(copy)->email_id, message(uid)->email_id);
  const BodyRef body = message(uid)->body;
  store_flags(uid, kAdd, {SystemFlag::kDeleted}, imap("a"));
  ASSERT_TRUE(await(*store_, &Store::expunge, Expunge{queue_, {}, imap("a")}));
  EXPECT_EQ(*store_->snapshot().body(message(copy)->body), "shared body");
  store_flags(copy, kAdd, {SystemFlag::kDeleted}, imap("a"));
  ASSERT_TRUE(await(*store_, &Store::expunge, Expunge{queue_, {}, imap("a")}));
  EXPECT_FALSE(store_->snapshot().body(body));
}

TEST_F(StoreTest, ChangesTellTheLatestStateAndWhatVanished) {
  const Uid a = append("a");
  const Uid b = append("b");
  const ModSeq seen = store_->mailbox(queue_)->highest_mod_seq;
  store_flags(a, kAdd, {SystemFlag::kSeen, SystemFlag::kDeleted}, imap("x"));
  ASSERT_TRUE(await(*store_, &Store::expunge, Expunge{queue_, {}, imap("x")}));
  store_flags(b, kAdd, {SystemFlag::kFlagged}, imap("x"));
  const auto changes = store_->snapshot().changes_since(queue_, seen, 100);
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->changed.size(), 1u);
  EXPECT_EQ(changes->changed[0].uid, b);
  EXPECT_EQ(changes->vanished, UidSet::of(a));
  EXPECT_EQ(changes->highest_mod_seq, store_->mailbox(queue_)->highest_mod_seq);
}

TEST_F(StoreTest, ChangesAskedForInPiecesTellEachOnceAndMissNone) {
  std::vector<Uid> uids;
  for (int i = 0; i < 7; ++i) uids.push_back(append("m"));
  store_flags(uids[1], kAdd, {SystemFlag::kDeleted}, imap("x"));
  store_flags(uids[4], kAdd, {SystemFlag::kDeleted}, imap("x"));
  ASSERT_TRUE(await(*store_, &Store::expunge, Expunge{queue_, {}, imap("x")}));
  store_flags(uids[0], kAdd, {SystemFlag::kSeen}, imap("x"));
  for (const std::size_t count_max : {1u, 2u, 3u, 100u}) {
    std::vector<Uid> changed;
    UidSet vanished;
    ModSeq told(0);
    for (bool more = true; more;) {
      const auto changes = store_->snapshot().changes_since(queue_, told, count_max);
      ASSERT_TRUE(changes);
      ASSERT_GT(changes->highest_mod_seq, told);
      for (const MessageState& one : changes->changed) changed.push_back(one.uid);
      for (const UidSet::Range& range : changes->vanished.ranges()) vanished.add_range(range.first, range.last);
      told = changes->highest_mod_seq;
      more = changes->more;
    }
    EXPECT_EQ(changed, (std::vector<Uid>{uids[2], uids[3], uids[5], uids[6], uids[0]})) << count_max;
    EXPECT_EQ(vanished, UidSet::of(uids[1]).add(uids[4])) << count_max;
    EXPECT_EQ(told, store_->mailbox(queue_)->highest_mod_seq);
  }
}

TEST_F(StoreTest, SecondProcessIsRefused) {
  const auto second = Store::open({directory_, Durability::kSync, nullptr}, clock_, rules_, health_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kFailedPrecondition);
}

TEST_F(StoreTest, BodyLargerThanOneChunkComesBackWholeAndInParts) {
  std::string body;
  for (int i = 0; body.size() < 700'000; ++i) body += std::to_string(i) + "\r\n";
  const Uid uid = append(body);
  EXPECT_EQ(*store_->snapshot().body(message(uid)->body), body);
  EXPECT_EQ(*store_->snapshot().body(message(uid)->body, 262'140, 20), body.substr(262'140, 20));
  EXPECT_EQ(*store_->snapshot().body(message(uid)->body, body.size() - 3), body.substr(body.size() - 3));
}

TEST_F(StoreTest, DeletedMailboxIsGoneWithItsBodiesAndItsSuccessorHasALargerUidValidity) {
  append("a");
  const auto before = *store_->find_mailbox({"", "orders"});
  ASSERT_TRUE(await(*store_, &Store::delete_mailbox, DeleteMailbox{{"", "orders"}}));
  EXPECT_FALSE(store_->find_mailbox({"", "orders"}));
  const auto again = await(*store_, &Store::create_mailbox, CreateMailbox{{"", "orders"}, MailboxKind::kQueue, {}, {}, ""});
  EXPECT_GT(again->uid_validity, before.uid_validity);
  EXPECT_EQ(again->counters.messages, 0u);
  reopen();
  EXPECT_TRUE(store_->find_mailbox({"", "orders"}));
}

TEST_F(StoreTest, MailboxDeletedIfEmptyStaysWhenAMessageCameFirst) {
  append("late");
  const DeleteMailbox request{{"", "orders"}, DeleteMailbox::When::kIfEmpty};
  const auto refused = await(*store_, &Store::delete_mailbox, request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kFailedPrecondition);
  settle(claim(1, worker("w")).at(0), Settlement::Kind::kAck, worker("w"));
  EXPECT_TRUE(await(*store_, &Store::delete_mailbox, request));
}

TEST_F(StoreTest, RenamedMailboxTakesItsChildrenAlong) {
  ASSERT_TRUE(await(*store_, &Store::create_mailbox, CreateMailbox{{"", "orders/Dead"}, MailboxKind::kDeadLetters, {}, {}, ""}));
  ASSERT_TRUE(await(*store_, &Store::rename_mailbox, RenameMailbox{{"", "orders"}, {"", "shop/orders"}}));
  EXPECT_TRUE(store_->find_mailbox({"", "shop/orders/Dead"}));
  EXPECT_FALSE(store_->find_mailbox({"", "shop"})->selectable);
  EXPECT_FALSE(store_->find_mailbox({"", "orders"}));
}

}  // namespace
}  // namespace imapd::store

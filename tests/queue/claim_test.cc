#include "imapd/base/limits.h"
#include "tests/queue/queue_fixture.h"

namespace broker::queue {
namespace {

using Kind = Settlement::Kind;
using Outcome = SettleOutcome::Result;

class ClaimTest : public QueueTest {
 protected:
  ClaimTest() { create(); }
  std::optional<Code> refusal(const Claim& request) {
    auto claimed = await(*queues_, &Queues::claim, request);
    return claimed ? std::optional<Code>() : claimed.error().code;
  }
};

TEST_F(ClaimTest, ClaimHoldsTheOldestForTheDefaultLease) {
  const Serial first = send("a");
  send("b");
  const MessageState held = claim_one("w1");
  EXPECT_EQ(held.serial, first);
  ASSERT_TRUE(held.claim);
  EXPECT_EQ(held.claim->user, "ann");
  EXPECT_EQ(held.claim->holder, "w1");
  EXPECT_EQ(held.claim->deadline, clock_.now() + Millis(60'000));
  EXPECT_EQ(held.claim->token, held.mod_seq);
  EXPECT_EQ(held.deliveries, 1u);
  EXPECT_EQ(body(held), "a");
  EXPECT_EQ(info().counters.claimed, 1u);
  EXPECT_EQ(info().counters.ready, 1u);
}

TEST_F(ClaimTest, AMessageIsHeldByOneOnly) {
  send("a");
  EXPECT_EQ(claim(10, "w1").size(), 1u);
  EXPECT_TRUE(claim(10, "w2").empty());
  EXPECT_TRUE(claim(10, "w1").empty());
}

TEST_F(ClaimTest, CountIsBounded) {
  EXPECT_EQ(refusal(claim_request(0)), Code::kInvalidArgument);
  EXPECT_EQ(refusal(claim_request(imapd::limits::kClaimBatchMax)), std::nullopt);
  EXPECT_EQ(refusal(claim_request(imapd::limits::kClaimBatchMax + 1)), Code::kInvalidArgument);
}

TEST_F(ClaimTest, LeaseOutsideThePolicyIsRefused) {
  Claim request = claim_request(1);
  request.lease = Millis(999);
  EXPECT_EQ(refusal(request), Code::kInvalidArgument);
  request.lease = Millis(1'000);
  EXPECT_EQ(refusal(request), std::nullopt);
}

TEST_F(ClaimTest, LeaseAskedForIsGiven) {
  send("a");
  Claim request = claim_request(1);
  request.lease = Millis(5'000);
  const auto held = await(*queues_, &Queues::claim, request);
  EXPECT_EQ(held->messages.at(0).claim->deadline, clock_.now() + Millis(5'000));
}

TEST_F(ClaimTest, UnknownQueueIsNotFound) { EXPECT_EQ(refusal(claim_request(1, "w", "none")), Code::kNotFound); }

TEST_F(ClaimTest, PausedQueueGivesNothingUntilResumed) {
  send("a");
  Policy policy;
  policy.claim_paused = true;
  ASSERT_TRUE(await(*queues_, &Queues::update_queue, UpdateQueue{"q", policy}));
  EXPECT_TRUE(claim().empty());
  policy.claim_paused = false;
  ASSERT_TRUE(await(*queues_, &Queues::update_queue, UpdateQueue{"q", policy}));
  EXPECT_EQ(claim().size(), 1u);
}

TEST_F(ClaimTest, AckRemoves) {
  const Serial serial = send("a");
  const MessageState held = claim_one();
  EXPECT_EQ(settle(held, Kind::kAck).result, Outcome::kSettled);
  EXPECT_EQ(queues_->get("q", serial).error().code, Code::kNotFound);
  EXPECT_EQ(settle(held, Kind::kAck).result, Outcome::kGone);
  EXPECT_EQ(info().counters.messages, 0u);
}

TEST_F(ClaimTest, ReleaseGivesBackWithoutBlameInItsOldPlace) {
  const Serial first = send("a");
  send("b");
  settle(claim_one(), Kind::kRelease);
  const MessageState again = claim_one();
  EXPECT_EQ(again.serial, first);
  EXPECT_EQ(again.failures, 0u);
  EXPECT_EQ(again.deliveries, 2u);
}

TEST_F(ClaimTest, ReleaseWithADelayIsScheduled) {
  send("a");
  Settlement item = settlement(claim_one(), Kind::kRelease);
  item.delay = Millis(500);
  EXPECT_EQ(settle(item).result, Outcome::kSettled);
  EXPECT_EQ(info().counters.scheduled, 1u);
  EXPECT_TRUE(claim().empty());
  advance(Millis(500));
  EXPECT_EQ(claim_one().failures, 0u);
}

TEST_F(ClaimTest, ExtendMovesTheDeadlineAndMakesANewToken) {
  send("a");
  const MessageState held = claim_one();
  clock_.advance(Millis(50'000));
  const auto extended = settle(held, Kind::kExtend);
  EXPECT_EQ(extended.result, Outcome::kSettled);
  EXPECT_GT(extended.new_token, held.claim->token);
  EXPECT_EQ(extended.deadline, clock_.now() + Millis(60'000));
  advance(Millis(59'999));
  EXPECT_EQ(settle(held, Kind::kAck).result, Outcome::kLeaseLost);
  MessageState renewed = held;
  renewed.claim->token = extended.new_token;
  EXPECT_EQ(settle(renewed, Kind::kAck).result, Outcome::kSettled);
}

TEST_F(ClaimTest, ExtendIsNoDeliveryAndMayAskForAnotherLease) {
  const Serial serial = send("a");
  Settlement item = settlement(claim_one(), Kind::kExtend);
  item.delay = Millis(5'000);
  EXPECT_EQ(settle(item).deadline, clock_.now() + Millis(5'000));
  EXPECT_EQ(get(serial).deliveries, 1u);
  item.delay = Millis(1);
  const auto refused = await(*queues_, &Queues::settle, Settle{"q", {item}, worker("ann", "w1")});
  EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
}

TEST_F(ClaimTest, AStaleTokenChangesNothing) {
  const Serial serial = send("a");
  const MessageState first = claim_one();
  settle(first, Kind::kRelease);
  const MessageState second = claim_one();
  for (const Kind kind : {Kind::kAck, Kind::kRelease, Kind::kFail, Kind::kReject, Kind::kExtend}) {
    EXPECT_EQ(settle(first, kind).result, Outcome::kLeaseLost);
  }
  EXPECT_EQ(get(serial).claim->token, second.claim->token);
  EXPECT_EQ(get(serial).mod_seq, second.mod_seq);
}

TEST_F(ClaimTest, AnotherFlagsChangeMakesNoTokenStale) {
  const Serial serial = send("a");
  const MessageState held = claim_one();
  imapd::store::StoreFlags seen;
  seen.mailbox = info().id;
  seen.uids = imapd::UidSet::of(held.uid);
  seen.change.flags.add(imapd::SystemFlag::kSeen);
  seen.actor = Actor{Door::kImap, "operator", "s1", Actor::Rank::kUser};
  ASSERT_EQ(await(*store_, &imapd::store::Store::store_flags, seen)->stored.size(), 1u);
  EXPECT_GT(get(serial).mod_seq, held.mod_seq);
  EXPECT_EQ(settle(held, Kind::kAck).result, Outcome::kSettled);
}

TEST_F(ClaimTest, AScheduledMessageIsNobodysToSettle) {
  OutgoingMessage outgoing = message("a");
  outgoing.delay = Millis(1'000);
  const MessageState waiting = get(send(outgoing));
  EXPECT_EQ(settle(waiting, Kind::kAck).result, Outcome::kLeaseLost);
}

TEST_F(ClaimTest, TheUsersOtherWorkersAndAdministratorsSettleAndOthersDoNot) {
  send("a");
  send("b");
  const auto held = claim(2);
  EXPECT_EQ(settle(settlement(held[0], Kind::kAck), worker("bob", "w1")).result, Outcome::kNoRight);
  EXPECT_EQ(settle(settlement(held[0], Kind::kAck), worker("ann", "w9")).result, Outcome::kSettled);
  EXPECT_EQ(settle(settlement(held[1], Kind::kAck), worker("bob", "w1", Actor::Rank::kAdministrator)).result, Outcome::kSettled);
}

TEST_F(ClaimTest, ABatchIsSettledItemByItem) {
  send("a");
  send("b");
  const auto held = claim(2);
  Settle request{"q", {}, worker("ann", "w1")};
  request.items = {settlement(held[0], Kind::kAck), settlement(held[0], Kind::kAck), settlement(held[1], Kind::kRelease)};
  request.items.push_back({held[1].serial, ModSeq(1), Kind::kAck, {}, {}});
  const auto settled = await(*queues_, &Queues::settle, request);
  ASSERT_TRUE(settled);
  std::vector<Outcome> results;
  for (const auto& item : settled->items) results.push_back(item.result);
  EXPECT_EQ(results, (std::vector{Outcome::kSettled, Outcome::kGone, Outcome::kSettled, Outcome::kLeaseLost}));
}

TEST_F(ClaimTest, SettleBatchIsBounded) {
  const auto refused = [&](std::size_t count) {
    Settle request{"q", std::vector<Settlement>(count), worker("ann", "w1")};
    return !await(*queues_, &Queues::settle, request);
  };
  EXPECT_TRUE(refused(0));
  EXPECT_FALSE(refused(imapd::limits::kClaimBatchMax));
  EXPECT_TRUE(refused(imapd::limits::kClaimBatchMax + 1));
}

}  // namespace
}  // namespace broker::queue

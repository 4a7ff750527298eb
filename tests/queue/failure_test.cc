#include <gmock/gmock.h>

#include "tests/queue/queue_fixture.h"

namespace broker::queue {
namespace {

using Kind = Settlement::Kind;
using Outcome = SettleOutcome::Result;
using testing::HasSubstr;
using testing::StartsWith;

class FailureTest : public QueueTest {
 protected:
  FailureTest() { create(); }
  MessageState only_dead_letter() {
    const auto dead = peek("q/Dead");
    EXPECT_EQ(dead.size(), 1u);
    return dead.empty() ? MessageState() : dead[0];
  }
};

TEST_F(FailureTest, ALeaseThatExpiresCountsAFailureAndBacksOff) {
  const Serial serial = send("a");
  claim_one();
  EXPECT_EQ(advance(Millis(59'999)).expired, 0u);
  const SweepOutcome swept = advance(Millis(1));
  EXPECT_EQ(swept.expired, 1u);
  const MessageState waiting = get(serial);
  EXPECT_EQ(waiting.failures, 1u);
  EXPECT_TRUE(waiting.flags.contains_keyword("$Scheduled"));
  EXPECT_TRUE(claim().empty());
  advance(Millis(1'000));
  const MessageState again = claim_one();
  EXPECT_EQ(again.deliveries, 2u);
  EXPECT_EQ(again.failures, 1u);
}

TEST_F(FailureTest, AnExpiredLeasesTokenIsStale) {
  send("a");
  const MessageState held = claim_one();
  advance(Millis(60'000));
  EXPECT_EQ(settle(held, Kind::kAck).result, Outcome::kLeaseLost);
  EXPECT_EQ(settle(held, Kind::kExtend).result, Outcome::kLeaseLost);
}

TEST_F(FailureTest, BackOffFollowsThePolicy) {
  send("a");
  for (const int wait : {1'000, 2'000, 4'000, 8'000}) {
    EXPECT_EQ(fail(claim_one()).result, Outcome::kSettled);
    advance(Millis(wait - 1));
    EXPECT_TRUE(claim().empty()) << wait;
    advance(Millis(1));
  }
  EXPECT_EQ(claim().size(), 1u);
}

TEST_F(FailureTest, AWorkerMayAskForAnotherDelay) {
  send("a");
  Settlement item = settlement(claim_one(), Kind::kFail);
  item.delay = Millis(0);
  settle(item);
  const MessageState again = claim_one();
  EXPECT_EQ(again.failures, 1u);
  item = settlement(again, Kind::kFail);
  item.delay = Millis(9'000);
  settle(item);
  advance(Millis(8'999));
  EXPECT_TRUE(claim().empty());
  advance(Millis(1));
  EXPECT_EQ(claim().size(), 1u);
}

TEST_F(FailureTest, TheLastFailureMovesToTheDeadLettersInTheSameCommit) {
  Policy policy;
  policy.failures_max = 2;
  ASSERT_TRUE(await(*queues_, &Queues::update_queue, UpdateQueue{"q", policy}));
  const Serial serial = send("hello\r\n");
  fail(claim_one());
  advance(Millis(1'000));
  const std::string before = *queues_->load_raw(get(serial));

  std::vector<std::pair<std::uint64_t, std::uint64_t>> seen;  // Messages in the queue and in its dead letters, after each commit.
  std::mutex mutex;
  {
    const auto subscription = store_->change_feed().subscribe_all([&](const imapd::store::MailboxEvent&) {
      const std::lock_guard lock(mutex);
      seen.emplace_back(info("q").counters.messages, info("q/Dead").counters.messages);
    });
    const auto settled = fail(claim_one(), "no stock");
    ASSERT_TRUE(settled.dead_letters);
    EXPECT_EQ(settled.dead_letters->name, "q/Dead");
  }
  for (const auto& [in_queue, dead] : seen) EXPECT_EQ(in_queue + dead, 1u);

  const MessageState dead = only_dead_letter();
  EXPECT_TRUE(dead.ready());
  EXPECT_EQ(dead.deliveries, 2u);
  EXPECT_EQ(dead.failures, 2u);
  const std::string raw = *queues_->load_raw(dead);
  EXPECT_TRUE(raw.ends_with(before));
  const std::string trace = raw.substr(0, raw.size() - before.size());
  EXPECT_THAT(trace, StartsWith("Claimq-Dead-Reason: no stock\r\nClaimq-Dead-From: q\r\nClaimq-Dead-Time: "));
  EXPECT_THAT(trace, HasSubstr("\r\nClaimq-Deliveries: 2\r\nClaimq-Failures: 2\r\nClaimq-Last-Holder: w1 (ann)\r\n"));
  EXPECT_THAT(trace, HasSubstr("Claimq-Original-Serial: " + std::to_string(serial.value()) + "\r\n"));
  EXPECT_EQ(body(dead), "hello\r\n");
}

TEST_F(FailureTest, ADeadLetterIsNewContent) {
  const auto original = get(send("a")).email_id;
  settle(claim_one(), Kind::kReject);
  EXPECT_NE(only_dead_letter().email_id, original);
}

TEST_F(FailureTest, ExpiryAtTheMaximumDiesToo) {
  Policy policy;
  policy.failures_max = 1;
  ASSERT_TRUE(await(*queues_, &Queues::update_queue, UpdateQueue{"q", policy}));
  send("a");
  claim_one();
  const SweepOutcome swept = advance(Millis(60'000));
  EXPECT_EQ(swept.dead_lettered, 1u);
  EXPECT_THAT(*queues_->load_raw(only_dead_letter()), StartsWith("Claimq-Dead-Reason: lease expired\r\n"));
}

TEST_F(FailureTest, RejectDiesAtOnceWithItsReason) {
  send("a");
  Settlement item = settlement(claim_one(), Kind::kReject);
  item.reason = "poison\r\nBcc: eve";
  EXPECT_EQ(settle(item).dead_letters->name, "q/Dead");
  EXPECT_EQ(info().counters.messages, 0u);
  EXPECT_THAT(*queues_->load_raw(only_dead_letter()), testing::Not(HasSubstr("\nBcc")));
}

TEST_F(FailureTest, DeadLettersOfThePolicyAreMadeWhenMissing) {
  Policy policy;
  policy.dead_letters = "graves/here";
  ASSERT_TRUE(await(*queues_, &Queues::update_queue, UpdateQueue{"q", policy}));
  send("a");
  EXPECT_EQ(settle(claim_one(), Kind::kReject).dead_letters->name, "graves/here");
  EXPECT_EQ(peek("graves/here").size(), 1u);
}

TEST_F(FailureTest, InTheDeadLettersNothingDiesAgain) {
  send("a");
  settle(claim_one(), Kind::kReject);
  for (int i = 0; i < 10; ++i) {
    const MessageState held = claim_one("w1", "q/Dead");
    settle(held, Kind::kFail, "q/Dead");
    advance(Millis(300'000));
  }
  EXPECT_EQ(info("q/Dead").counters.messages, 1u);
  const MessageState held = claim_one("w1", "q/Dead");
  const Settle reject{"q/Dead", {settlement(held, Kind::kReject)}, worker("ann", "w1")};
  EXPECT_EQ(await(*queues_, &Queues::settle, reject).error().code, Code::kFailedPrecondition);
  EXPECT_EQ(settle(held, Kind::kAck, "q/Dead").result, Outcome::kSettled);
}

TEST_F(FailureTest, ADeadLetterMovedBackStartsAnew) {
  send("a");
  settle(claim_one(), Kind::kReject);
  imapd::store::CopyMessages redrive;
  redrive.from = info("q/Dead").id;
  redrive.to = info("q").id;
  redrive.uids = imapd::UidSet::of(only_dead_letter().uid);
  redrive.mode = imapd::store::CopyMessages::Mode::kMove;
  redrive.actor = Actor{Door::kImap, "operator", "s1", Actor::Rank::kUser};
  ASSERT_EQ(await(*store_, &imapd::store::Store::copy_messages, redrive)->uids.size(), 1u);
  const MessageState again = claim_one();
  EXPECT_EQ(again.deliveries, 1u);
  EXPECT_EQ(again.failures, 0u);
  EXPECT_EQ(body(again), "a");
}

TEST_F(FailureTest, ALongReasonIsCut) {
  send("a");
  Settlement item = settlement(claim_one(), Kind::kReject);
  item.reason = std::string(100'000, 'x');
  settle(item);
  EXPECT_LT(queues_->load_raw(only_dead_letter())->size(), 2'000u);
}

TEST_F(FailureTest, SweepEndsAllThatIsDueHoweverMuch) {
  std::vector<OutgoingMessage> batch(2'500, message("x"));
  ASSERT_TRUE(await(*queues_, &Queues::enqueue, Enqueue{"q", batch, worker("ann", "s")}));
  for (int i = 0; i < 3; ++i) claim(1'000);
  const SweepOutcome swept = advance(Millis(60'000));
  EXPECT_EQ(swept.expired, 2'500u);
  EXPECT_GT(swept.wake_at, clock_.now());
  EXPECT_LE(swept.wake_at, clock_.now() + Sweeper::kSleepMax);
  EXPECT_EQ(advance(Millis(1'000)).became_ready, 2'500u);
}

TEST_F(FailureTest, SweeperWakesWhenTheNextIsDue) {
  OutgoingMessage outgoing = message("x");
  outgoing.delay = Millis(40);
  send(outgoing);
  EXPECT_EQ(sweep().wake_at, clock_.now() + Millis(40));
}

}  // namespace
}  // namespace broker::queue

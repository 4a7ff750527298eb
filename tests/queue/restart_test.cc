#include "tests/queue/queue_fixture.h"

namespace broker::queue {
namespace {

using Kind = Settlement::Kind;

class RestartTest : public QueueTest {
 protected:
  RestartTest() { create(); }
};

TEST_F(RestartTest, ALeaseThatEndedWhileNoServerRanGetsThirtySecondsMore) {
  const Serial serial = send("a");
  const MessageState held = claim_one();
  close();
  clock_.advance(Millis(10 * 60'000));
  open();
  sweep();
  EXPECT_EQ(get(serial).failures, 0u);
  advance(Millis(29'999));
  EXPECT_EQ(get(serial).failures, 0u);
  advance(Millis(1));
  EXPECT_EQ(get(serial).failures, 1u);
  EXPECT_EQ(settle(held, Kind::kAck).result, SettleOutcome::Result::kLeaseLost);
}

TEST_F(RestartTest, TheHolderMaySettleAfterTheRestart) {
  send("a");
  const MessageState held = claim_one();
  close();
  clock_.advance(Millis(10 * 60'000));
  open();
  sweep();
  EXPECT_EQ(settle(held, Kind::kAck).result, SettleOutcome::Result::kSettled);
}

TEST_F(RestartTest, AShortLeaseGetsItsOwnLength) {
  const Serial serial = send("a");
  Claim request = claim_request(1);
  request.lease = Millis(2'000);
  ASSERT_TRUE(await(*queues_, &Queues::claim, request));
  close();
  clock_.advance(Millis(60'000));
  open();
  sweep();
  EXPECT_EQ(get(serial).failures, 0u);
  advance(Millis(1'999));
  EXPECT_EQ(get(serial).failures, 0u);
  advance(Millis(1));
  EXPECT_EQ(get(serial).failures, 1u);
}

TEST_F(RestartTest, ALeaseWithMoreThanThatLeftKeepsItsDeadline) {
  const Serial serial = send("a");
  const MessageState held = claim_one();
  clock_.advance(Millis(10'000));
  reopen();
  EXPECT_EQ(get(serial).claim->deadline, held.claim->deadline);
}

TEST_F(RestartTest, ADelayThatPassedMeanwhileIsReadyAtOnce) {
  OutgoingMessage outgoing = message("a");
  outgoing.delay = Millis(5'000);
  send(outgoing);
  close();
  clock_.advance(Millis(5'000));
  open();
  sweep();
  EXPECT_EQ(claim().size(), 1u);
}

TEST_F(RestartTest, CountersPolicyAndOrderSurvive) {
  Policy policy;
  policy.failures_max = 9;
  ASSERT_TRUE(await(*queues_, &Queues::update_queue, UpdateQueue{"q", policy}));
  const Serial first = send("a");
  const Serial second = send("b");
  fail(claim_one());
  reopen();
  EXPECT_EQ(info().policy, policy);
  EXPECT_EQ(get(first).failures, 1u);
  EXPECT_EQ(claim_one().serial, second);
  advance(Millis(1'000));
  EXPECT_EQ(claim_one().serial, first);
}

}  // namespace
}  // namespace broker::queue

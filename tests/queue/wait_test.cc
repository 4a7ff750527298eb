#include <thread>

#include "tests/queue/queue_fixture.h"

namespace broker::queue {
namespace {

using Kind = Settlement::Kind;
using Claimed = Result<ClaimOutcome>;

// Claims that wait for a message. The store's verbs end in order, so a verb that has ended tells that an earlier claim's attempt
// has too.
class WaitTest : public QueueTest {
 protected:
  WaitTest() { create(); }
  std::future<Claimed> wait(const std::string& holder = "w1", std::size_t count = 1) {
    Claim request = claim_request(count, holder);
    request.waiter = queues_->next_waiter();
    last_ = *request.waiter;
    return start(*queues_, &Queues::claim, request);
  }
  // What was queued before has been decided.
  void settle_down() { claim(); }
  static bool answered(const std::future<Claimed>& future) {
    return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }
  WaiterId last_;
};

TEST_F(WaitTest, AnswersAtOnceWhenSomethingIsReady) {
  send("a");
  EXPECT_EQ(wait().get()->messages.size(), 1u);
}

TEST_F(WaitTest, WaitsUntilSomethingIsEnqueued) {
  auto waiting = wait();
  settle_down();
  EXPECT_FALSE(answered(waiting));
  send("a");
  EXPECT_EQ(waiting.get()->messages.size(), 1u);
}

TEST_F(WaitTest, OneMessageEndsOneWait) {
  auto first = wait("w1"), second = wait("w2");
  send("a");
  EXPECT_EQ(first.get()->messages.size(), 1u);
  settle_down();
  EXPECT_FALSE(answered(second));
  send("b");
  EXPECT_EQ(second.get()->messages.size(), 1u);
}

TEST_F(WaitTest, AReleaseADueTimeAndAResumeEndAWait) {
  send("a");
  const MessageState held = claim_one();
  auto waiting = wait("w2");
  settle(held, Kind::kRelease);
  const MessageState again = waiting.get()->messages.at(0);

  waiting = wait("w3");
  fail(again);
  settle_down();
  EXPECT_FALSE(answered(waiting));
  advance(Millis(1'000));
  const MessageState third = waiting.get()->messages.at(0);

  Policy policy;
  policy.claim_paused = true;
  ASSERT_TRUE(await(*queues_, &Queues::update_queue, UpdateQueue{"q", policy}));
  settle(third, Kind::kRelease);
  waiting = wait("w4");
  settle_down();
  EXPECT_FALSE(answered(waiting));
  policy.claim_paused = false;
  ASSERT_TRUE(await(*queues_, &Queues::update_queue, UpdateQueue{"q", policy}));
  EXPECT_EQ(waiting.get()->messages.size(), 1u);
}

TEST_F(WaitTest, ACancelledWaitHoldsNothing) {
  auto waiting = wait();
  settle_down();
  queues_->cancel(last_);
  EXPECT_TRUE(waiting.get()->messages.empty());
  const Serial serial = send("a");
  EXPECT_TRUE(get(serial).ready());
  queues_->cancel(last_);
}

TEST_F(WaitTest, AMessageWonByACancelledWaitIsFreeWhenItsCallerHearsOfTheEnd) {
  for (int i = 0; i < 200; ++i) {
    const Serial serial = send("a");
    auto waiting = wait();
    queues_->cancel(last_);
    const auto claimed = waiting.get();
    ASSERT_TRUE(claimed);
    if (claimed->messages.empty()) {
      EXPECT_TRUE(get(serial).ready());
      settle(claim_one(), Kind::kAck);
    } else {
      settle(claimed->messages[0], Kind::kAck);
    }
  }
  EXPECT_EQ(info().counters.messages, 0u);
}

TEST_F(WaitTest, DeletionOfTheQueueEndsAWait) {
  auto waiting = wait();
  settle_down();
  ASSERT_TRUE(await(*queues_, &Queues::delete_queue, DeleteQueue{"q"}));
  EXPECT_EQ(waiting.get().error().code, Code::kNotFound);
}

TEST_F(WaitTest, CloseEndsAllWaitsNowAndFromNowOn) {
  auto waiting = wait();
  settle_down();
  queues_->close();
  EXPECT_EQ(waiting.get().error().code, Code::kUnavailable);
  EXPECT_EQ(wait().get().error().code, Code::kUnavailable);
}

TEST_F(WaitTest, EveryMessageReachesAWaiterWhileOthersAreCancelled) {
  constexpr int kMessages = 500;
  std::atomic<int> won = 0;
  std::vector<std::thread> workers;
  for (int w = 0; w < 3; ++w) {
    workers.emplace_back([&, w] {
      while (true) {
        Claim request = claim_request(1, "w" + std::to_string(w));
        request.waiter = queues_->next_waiter();
        auto waiting = start(*queues_, &Queues::claim, request);
        if (w == 0) queues_->cancel(*request.waiter);  // This one loses its patience at once, always.
        auto claimed = waiting.get();
        if (!claimed) return;
        for (const MessageState& message : claimed->messages) {
          Settle ack{"q", {settlement(message, Kind::kAck)}, request.actor};
          if (await(*queues_, &Queues::settle, ack)->items.at(0).result == SettleOutcome::Result::kSettled) ++won;
        }
      }
    });
  }
  for (int i = 0; i < kMessages; ++i) send("x");
  while (won < kMessages) std::this_thread::yield();
  queues_->close();
  for (auto& worker : workers) worker.join();
  EXPECT_EQ(won, kMessages);
}

}  // namespace
}  // namespace broker::queue

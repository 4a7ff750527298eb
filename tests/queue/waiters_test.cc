#include "broker/queue/waiters.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace broker::queue {
namespace {

using imapd::MailboxId;
using imapd::store::ChangeFeed;
using imapd::store::MailboxEvent;

class WaitersTest : public testing::Test {
 protected:
  void ready(std::uint64_t count, MailboxId mailbox = MailboxId(1)) {
    feed_.publish({MailboxEvent{MailboxEvent::Kind::kChanged, mailbox, imapd::ModSeq(1), count}});
  }
  WaiterId wait(MailboxId mailbox = MailboxId(1)) {
    const WaiterId id = waiters_.next_id();
    wait_as(id, mailbox);
    return id;
  }
  void wait_as(WaiterId id, MailboxId mailbox = MailboxId(1)) {
    EXPECT_FALSE(waiters_.wait(id, mailbox, waiters_.observe(mailbox), [this, id](Waiters::Wake wake) {
      woken_.push_back(id);
      last_ = wake;
    }));
  }
  ChangeFeed feed_;
  std::vector<WaiterId> woken_;
  Waiters::Wake last_ = Waiters::Wake::kReady;
  Waiters waiters_{feed_};
};

TEST_F(WaitersTest, AsManyAsThereAreMessagesAreWokenInTheOrderOfTheirComing) {
  const auto a = wait(), b = wait(), c = wait();
  ready(2);
  EXPECT_EQ(woken_, (std::vector{a, b}));
  EXPECT_EQ(waiters_.waiting(MailboxId(1)), 1u);
  ready(5);
  EXPECT_EQ(woken_, (std::vector{a, b, c}));
}

TEST_F(WaitersTest, AnEventWithNothingReadyWakesNobody) {
  wait();
  ready(0);
  EXPECT_TRUE(woken_.empty());
}

TEST_F(WaitersTest, AnotherQueueWakesNobody) {
  wait();
  ready(1, MailboxId(2));
  EXPECT_TRUE(woken_.empty());
}

TEST_F(WaitersTest, AWaiterWokenInVainKeepsItsPlace) {
  const auto a = wait(), b = wait();
  ready(1);
  wait_as(a);
  ready(1);
  EXPECT_EQ(woken_, (std::vector{a, a}));
  EXPECT_EQ(waiters_.waiting(MailboxId(1)), 1u);
  EXPECT_TRUE(waiters_.cancel(b));
}

TEST_F(WaitersTest, WhatBecameReadyBetweenLookingAndWaitingIsNotMissed) {
  const auto seen = waiters_.observe(MailboxId(1));
  ready(1);
  const auto at_once = waiters_.wait(waiters_.next_id(), MailboxId(1), seen, [](Waiters::Wake) { FAIL(); });
  EXPECT_EQ(at_once, Waiters::Wake::kReady);
  EXPECT_EQ(waiters_.waiting(MailboxId(1)), 0u);
}

TEST_F(WaitersTest, ACancelledWaiterIsNeverWoken) {
  const auto a = wait();
  const auto b = wait();
  EXPECT_TRUE(waiters_.cancel(a));
  EXPECT_FALSE(waiters_.cancel(a));
  ready(1);
  EXPECT_EQ(woken_, std::vector{b});
  EXPECT_FALSE(waiters_.cancel(b));
}

TEST_F(WaitersTest, DeletionWakesAllAndALineOfThatTimeIsStale) {
  const auto seen = waiters_.observe(MailboxId(1));
  wait();
  wait();
  feed_.publish({MailboxEvent{MailboxEvent::Kind::kDeleted, MailboxId(1), imapd::ModSeq(9), 0}});
  EXPECT_EQ(woken_.size(), 2u);
  EXPECT_EQ(last_, Waiters::Wake::kGone);
  EXPECT_EQ(waiters_.wait(waiters_.next_id(), MailboxId(1), seen, [](Waiters::Wake) {}), Waiters::Wake::kGone);
  waiters_.observe(MailboxId(1));
  EXPECT_EQ(waiters_.wait(waiters_.next_id(), MailboxId(1), seen, [](Waiters::Wake) {}), Waiters::Wake::kReady);
}

TEST_F(WaitersTest, CloseWakesAllNowAndFromNowOn) {
  wait();
  waiters_.close();
  EXPECT_EQ(woken_.size(), 1u);
  EXPECT_EQ(last_, Waiters::Wake::kClosed);
  EXPECT_EQ(waiters_.wait(waiters_.next_id(), MailboxId(1), 0, [](Waiters::Wake) {}), Waiters::Wake::kClosed);
}

// Four threads take tickets from a heap that one thread fills: each ticket is taken, so nobody sleeps on one.
TEST_F(WaitersTest, NoWakeUpIsLostBetweenThreads) {
  constexpr int kTickets = 20'000;
  std::atomic<int> heap = 0;
  std::atomic<int> taken = 0;
  const MailboxId queue(1);
  std::vector<std::thread> workers;
  for (int w = 0; w < 4; ++w) {
    workers.emplace_back([&] {
      const WaiterId id = waiters_.next_id();
      while (true) {
        const auto seen = waiters_.observe(queue);
        int there = heap.load();
        while (there > 0 && !heap.compare_exchange_weak(there, there - 1)) {
        }
        if (there > 0) {
          ++taken;
          continue;
        }
        auto woken = std::make_shared<std::atomic<int>>(0);
        const auto at_once = waiters_.wait(id, queue, seen, [woken](Waiters::Wake wake) {
          *woken = wake == Waiters::Wake::kReady ? 1 : 2;
          woken->notify_one();
        });
        if (at_once == Waiters::Wake::kClosed) return;
        if (at_once) continue;
        woken->wait(0);
        if (*woken == 2) return;
      }
    });
  }
  for (int i = 0; i < kTickets; ++i) {
    ++heap;
    waiters_.notify(queue, 1);
  }
  for (int there = taken.load(); there < kTickets; there = taken.load()) std::this_thread::yield();
  waiters_.close();
  for (auto& worker : workers) worker.join();
  EXPECT_EQ(taken, kTickets);
}

}  // namespace
}  // namespace broker::queue

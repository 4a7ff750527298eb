#include "imapd/ops/health.h"

#include <gtest/gtest.h>

#include <thread>

namespace imapd::ops {
namespace {

TEST(Health, ServesFromTheStart) {
  const Health health;
  EXPECT_TRUE(health.serving());
  EXPECT_EQ(health.state(), (Health::State{true, ""}));
}

TEST(Health, FailureSaysWhyAndRecoveryEndsIt) {
  Health health;
  health.fail("store", "write failed");
  EXPECT_FALSE(health.serving());
  EXPECT_EQ(health.state(), (Health::State{false, "store: write failed"}));
  health.recover("store");
  EXPECT_TRUE(health.serving());
}

TEST(Health, OneCauseThatRecoversDoesNotHideAnother) {
  Health health;
  health.fail("store", "write failed");
  health.fail("draining", "asked to stop");
  EXPECT_EQ(health.state().reason, "draining: asked to stop; store: write failed");
  health.recover("draining");
  EXPECT_EQ(health.state().reason, "store: write failed");
  health.recover("never failed");
  EXPECT_FALSE(health.serving());
}

TEST(Health, ListenerHearsThePresentStateAndThenEachChangeOnce) {
  Health health;
  health.fail("store", "write failed");
  std::vector<Health::State> heard;
  const auto subscription = health.listen([&heard](const Health::State& state) { heard.push_back(state); });
  health.fail("store", "write failed");
  health.fail("store", "disk full");
  health.recover("store");
  health.recover("store");
  EXPECT_EQ(heard, (std::vector<Health::State>{{false, "store: write failed"}, {false, "store: disk full"}, {true, ""}}));
}

TEST(Health, ListenerHearsNothingAfterItsSubscriptionEnded) {
  Health health;
  int heard = 0;
  {
    auto subscription = health.listen([&heard](const Health::State&) { ++heard; });
    const auto moved = std::move(subscription);
    health.fail("store", "write failed");
    EXPECT_EQ(heard, 2);
  }
  health.recover("store");
  EXPECT_EQ(heard, 2);
}

TEST(Health, ListenerMayReadTheState) {
  Health health;
  bool agreed = true;
  const auto subscription = health.listen([&](const Health::State& state) {
    agreed = agreed && state == health.state() && state.serving == health.serving();
  });
  health.fail("store", "write failed");
  EXPECT_TRUE(agreed);
}

TEST(Health, ListenersSeeChangesOfManyThreadsInOrder) {
  Health health;
  std::vector<Health::State> heard;
  {
    const auto subscription = health.listen([&heard](const Health::State& state) { heard.push_back(state); });
    std::vector<std::thread> threads;
    for (const char* cause : {"a", "b", "c", "d"}) {
      threads.emplace_back([&health, cause] {
        for (int i = 0; i < 200; ++i) {
          health.fail(cause, "failed");
          health.recover(cause);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(heard.size(), 1u + 4 * 400);
  EXPECT_TRUE(heard.back().serving);
  for (std::size_t i = 1; i < heard.size(); ++i) ASSERT_NE(heard[i - 1].reason, heard[i].reason) << i;
}

}  // namespace
}  // namespace imapd::ops

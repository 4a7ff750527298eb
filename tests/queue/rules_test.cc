#include "broker/queue/rules.h"

#include <gtest/gtest.h>

namespace broker::queue {
namespace {

using imapd::Millis;
using imapd::Timestamp;
using imapd::store::MailboxInfo;
using imapd::store::MailboxKind;
using imapd::store::MessageState;

class RulesTest : public testing::Test {
 protected:
  RulesTest() {
    queue_.path.name = "orders";
    queue_.kind = MailboxKind::kQueue;
  }
  std::optional<Millis> lease(std::optional<Millis> asked) {
    const auto answer = rules_.may_claim(queue_, message_, asked);
    return std::get<QueueRules::Grant>(answer).lease;
  }
  QueueRules::Aftermath fail(std::optional<Millis> delay = std::nullopt) {
    return rules_.after_failure(queue_, message_, "why", delay, now_);
  }

  QueueRules rules_;
  MailboxInfo queue_;
  MessageState message_;
  Timestamp now_{std::chrono::hours(1'000)};
};

TEST_F(RulesTest, LeaseIsTheDefaultWhenNoneIsAskedFor) { EXPECT_EQ(lease(std::nullopt), queue_.policy.lease_default); }

TEST_F(RulesTest, LeaseIsBroughtWithinThePolicy) {
  EXPECT_EQ(lease(Millis(5'000)), Millis(5'000));
  EXPECT_EQ(lease(Millis(1)), queue_.policy.lease_min);
  EXPECT_EQ(lease(queue_.policy.lease_max * 2), queue_.policy.lease_max);
}

TEST_F(RulesTest, PausedQueueBlocksEveryClaim) {
  queue_.policy.claim_paused = true;
  EXPECT_EQ(std::get<QueueRules::Refusal>(rules_.may_claim(queue_, message_, std::nullopt)), QueueRules::Refusal::kBlocked);
}

TEST_F(RulesTest, PersonalMailboxHasNoLeaseNoBackOffAndNoDeath) {
  queue_.kind = MailboxKind::kPersonal;
  queue_.policy.claim_paused = true;
  message_.failures = 100;
  EXPECT_EQ(lease(Millis(5'000)), std::nullopt);
  EXPECT_TRUE(std::holds_alternative<QueueRules::ReadyNow>(fail()));
  EXPECT_TRUE(std::holds_alternative<QueueRules::ReadyNow>(rules_.after_release(queue_, message_, Millis(5), now_)));
}

TEST_F(RulesTest, FailureBelowTheMaximumIsScheduledAfterItsBackOff) {
  message_.failures = 2;
  EXPECT_EQ(std::get<QueueRules::Scheduled>(fail()).due, now_ + Millis(2'000));
  EXPECT_EQ(std::get<QueueRules::Scheduled>(fail(Millis(7))).due, now_ + Millis(7));
  EXPECT_TRUE(std::holds_alternative<QueueRules::ReadyNow>(fail(Millis(0))));
}

TEST_F(RulesTest, FailureAtTheMaximumDies) {
  message_.failures = queue_.policy.failures_max;
  const auto dead = std::get<QueueRules::DeadLetter>(fail(Millis(7)));
  EXPECT_EQ(dead.to.name, "orders/Dead");
  EXPECT_EQ(dead.to.owner, "");
  EXPECT_EQ(dead.reason, "why");
  queue_.policy.dead_letters = "graveyard";
  EXPECT_EQ(std::get<QueueRules::DeadLetter>(fail()).to.name, "graveyard");
}

TEST_F(RulesTest, DeadLettersDoNotDieAgain) {
  queue_.kind = MailboxKind::kDeadLetters;
  queue_.path.name = "orders/Dead";
  message_.failures = 100;
  EXPECT_EQ(std::get<QueueRules::Scheduled>(fail()).due, now_ + queue_.policy.backoff_cap);
  EXPECT_EQ(rules_.after_reject(queue_, message_, "no", now_).to.name, "orders/Dead");
}

TEST_F(RulesTest, ReleaseIsReadyAtOnceOrAfterTheDelay) {
  EXPECT_TRUE(std::holds_alternative<QueueRules::ReadyNow>(rules_.after_release(queue_, message_, std::nullopt, now_)));
  EXPECT_EQ(std::get<QueueRules::Scheduled>(rules_.after_release(queue_, message_, Millis(9), now_)).due, now_ + Millis(9));
}

TEST_F(RulesTest, RejectDiesAtOnce) {
  EXPECT_EQ(rules_.after_reject(queue_, message_, "bad", now_).to.name, "orders/Dead");
}

}  // namespace
}  // namespace broker::queue

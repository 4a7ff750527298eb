#include "broker/queue/policy.h"

#include <gtest/gtest.h>

#include <map>

#include "imapd/base/limits.h"

namespace broker::queue {
namespace {

using imapd::Code;
using imapd::Millis;
using imapd::store::Policy;

std::string fault(std::string_view name) {
  const auto result = validate_queue_name(name);
  return result ? "" : result.error().message;
}

TEST(QueueName, OrdinaryNamesAreTaken) {
  for (const char* name : {"orders", "a/b/c", "Rechnungen/Köln", "orders.eu", "inboxes", "Workers", "a b", "x/INBOX", "x/Work", "日本"}) {
    EXPECT_EQ(fault(name), "") << name;
  }
}

TEST(QueueName, EmptyLevelsAreRefused) {
  for (const char* name : {"", "/", "/a", "a/", "a//b"}) EXPECT_NE(fault(name), "") << name;
}

TEST(QueueName, WhatImapKeepsIsRefused) {
  for (const char* name : {"INBOX", "inbox", "Inbox/x", "Work", "Work/orders"}) EXPECT_NE(fault(name), "") << name;
}

TEST(QueueName, ControlCharactersAndWildcardsAreRefused) {
  for (const char* name : {"a\tb", "a\nb", "a\x7f", "a\xc2\x85", "a*", "%"}) EXPECT_NE(fault(name), "") << name;
  EXPECT_NE(fault(std::string_view("a\0b", 3)), "");
}

TEST(QueueName, BrokenUtf8IsRefused) {
  for (const char* name : {"\x80", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xff", "a\xc3"}) {
    EXPECT_EQ(fault(name), "queue name: not UTF-8");
  }
}

TEST(QueueName, LengthAndDepthAreBounded) {
  EXPECT_EQ(fault(std::string(imapd::limits::kMailboxNameBytesMax, 'a')), "");
  EXPECT_NE(fault(std::string(imapd::limits::kMailboxNameBytesMax + 1, 'a')), "");
  std::string deep = "a";
  for (std::size_t level = 1; level < imapd::limits::kMailboxDepthMax; ++level) deep += "/a";
  EXPECT_EQ(fault(deep), "");
  EXPECT_NE(fault(deep + "/a"), "");
}

class PolicyTest : public testing::Test {
 protected:
  std::string fault(const Policy& policy) {
    const auto result = validate_policy(policy, "q", [&](const std::string& name) {
      const auto found = queues_.find(name);
      return found == queues_.end() ? std::optional<Policy>() : found->second;
    });
    if (result) return "";
    EXPECT_EQ(result.error().code, Code::kInvalidArgument);
    return result.error().message.substr(0, result.error().message.find(':'));
  }
  std::map<std::string, Policy> queues_;
  Policy policy_;
};

TEST_F(PolicyTest, TheDefaultIsValid) { EXPECT_EQ(fault(policy_), ""); }

TEST_F(PolicyTest, LeaseBoundsAreOrderedAndWithinTheLimits) {
  policy_.lease_min = imapd::limits::kLeaseMin;
  policy_.lease_max = imapd::limits::kLeaseMax;
  EXPECT_EQ(fault(policy_), "");
  policy_.lease_min -= Millis(1);
  EXPECT_EQ(fault(policy_), "lease_min");
  policy_.lease_min += Millis(1);
  policy_.lease_max += Millis(1);
  EXPECT_EQ(fault(policy_), "lease_max");
  policy_.lease_max = Millis(50'000);
  EXPECT_EQ(fault(policy_), "lease_default");
  policy_.lease_default = Millis(50'000);
  EXPECT_EQ(fault(policy_), "");
  policy_.lease_min = Millis(50'001);
  EXPECT_EQ(fault(policy_), "lease_max");
}

TEST_F(PolicyTest, FailuresAreAtLeastOne) {
  policy_.failures_max = 0;
  EXPECT_EQ(fault(policy_), "failures_max");
  policy_.failures_max = 1;
  EXPECT_EQ(fault(policy_), "");
  policy_.failures_max = 1'000;
  EXPECT_EQ(fault(policy_), "");
  policy_.failures_max = 1'001;
  EXPECT_EQ(fault(policy_), "failures_max");
}

TEST_F(PolicyTest, BackOffNeverShrinksAndHasACapAboveItsBase) {
  policy_.backoff_factor_percent = 99;
  EXPECT_EQ(fault(policy_), "backoff_factor_percent");
  policy_.backoff_factor_percent = 1'001;
  EXPECT_EQ(fault(policy_), "backoff_factor_percent");
  policy_.backoff_factor_percent = 1'000;
  policy_.backoff_cap = policy_.backoff_base - Millis(1);
  EXPECT_EQ(fault(policy_), "backoff_cap");
  policy_.backoff_cap = policy_.backoff_base;
  EXPECT_EQ(fault(policy_), "");
  policy_.backoff_base = Millis(-1);
  EXPECT_EQ(fault(policy_), "backoff_base");
}

TEST_F(PolicyTest, DeadLettersNeedAValidName) {
  policy_.dead_letters = "INBOX";
  EXPECT_EQ(fault(policy_), "dead_letters");
  policy_.dead_letters = "q";
  EXPECT_EQ(fault(policy_), "dead_letters");
  policy_.dead_letters = "graveyard";
  EXPECT_EQ(fault(policy_), "");
}

TEST_F(PolicyTest, DeadLettersMayNotLeadBack) {
  policy_.dead_letters = "a";
  queues_["a"].dead_letters = "b";
  queues_["b"].dead_letters = "c";
  EXPECT_EQ(fault(policy_), "");
  queues_["c"].dead_letters = "q";
  EXPECT_EQ(fault(policy_), "dead_letters");
  queues_["c"].dead_letters = "a";  // A circle that is not ours to judge: the walk ends.
  EXPECT_EQ(fault(policy_), "");
}

TEST(Lease, IsRefusedOnePastTheBounds) {
  Policy policy;
  EXPECT_TRUE(validate_lease(policy, policy.lease_min));
  EXPECT_TRUE(validate_lease(policy, policy.lease_max));
  EXPECT_FALSE(validate_lease(policy, policy.lease_min - Millis(1)));
  EXPECT_FALSE(validate_lease(policy, policy.lease_max + Millis(1)));
}

TEST(Delay, IsRefusedOnePastTheBounds) {
  EXPECT_TRUE(validate_delay(Millis(0)));
  EXPECT_TRUE(validate_delay(imapd::limits::kDelayMax));
  EXPECT_FALSE(validate_delay(Millis(-1)));
  EXPECT_FALSE(validate_delay(Millis(imapd::limits::kDelayMax) + Millis(1)));
}

TEST(BackOff, GrowsByTheFactorUpToTheCap) {
  Policy policy;
  policy.backoff_base = Millis(1'000);
  policy.backoff_factor_percent = 250;
  policy.backoff_cap = Millis(10'000);
  EXPECT_EQ(back_off(policy, 1), Millis(1'000));
  EXPECT_EQ(back_off(policy, 2), Millis(2'500));
  EXPECT_EQ(back_off(policy, 3), Millis(6'250));
  EXPECT_EQ(back_off(policy, 4), Millis(10'000));
  EXPECT_EQ(back_off(policy, 1'000'000'000), Millis(10'000));
}

TEST(BackOff, IsConstantWithAFactorOfOneHundredPercentAndNoneWithABaseOfZero) {
  Policy policy;
  policy.backoff_factor_percent = 100;
  EXPECT_EQ(back_off(policy, 4'000'000'000u), policy.backoff_base);
  policy.backoff_base = Millis(0);
  policy.backoff_factor_percent = 1'000;
  EXPECT_EQ(back_off(policy, 4'000'000'000u), Millis(0));
}

}  // namespace
}  // namespace broker::queue

#include "imapd/auth/login_throttle.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace imapd::auth {
namespace {

constexpr Timestamp kNow{Millis(1'700'000'000'000)};

TEST(LoginThrottle, FirstFailureOfAUserIsFreeThenTheDelayDoublesToItsMaximum) {
  LoginThrottle throttle;
  std::vector<Millis> delays;
  for (int i = 0; i < 9; ++i) {
    delays.push_back(throttle.delay({"ann", ""}, kNow));
    throttle.failed({"ann", ""}, kNow);
  }
  EXPECT_EQ(delays, (std::vector<Millis>{Millis(0), Millis(0), Millis(500), Millis(1000), Millis(2000), Millis(4000),
                                         Millis(8000), Millis(15000), Millis(15000)}));
  for (int i = 0; i < 100; ++i) throttle.failed({"ann", ""}, kNow);
  EXPECT_EQ(throttle.delay({"ann", ""}, kNow), LoginThrottle::kDelayMax);
  EXPECT_EQ(throttle.delay({"bob", ""}, kNow), Millis(0));
}

TEST(LoginThrottle, AddressIsSlowedOnePastItsFreeFailuresWhateverTheUser) {
  LoginThrottle throttle;
  for (unsigned i = 0; i < LoginThrottle::kFreeFailuresOfAddress; ++i)
    throttle.failed({"u" + std::to_string(i), "10.0.0.1"}, kNow);
  EXPECT_EQ(throttle.delay({"new", "10.0.0.1"}, kNow), Millis(0));
  throttle.failed({"another", "10.0.0.1"}, kNow);
  EXPECT_EQ(throttle.delay({"new", "10.0.0.1"}, kNow), LoginThrottle::kDelayMin);
  EXPECT_EQ(throttle.delay({"new", "10.0.0.2"}, kNow), Millis(0));
}

TEST(LoginThrottle, LongerDelayOfUserAndAddressCounts) {
  LoginThrottle throttle;
  for (int i = 0; i < 3; ++i) throttle.failed({"ann", "10.0.0.1"}, kNow);
  EXPECT_EQ(throttle.delay({"ann", "10.0.0.9"}, kNow), Millis(1000));
  EXPECT_EQ(throttle.delay({"ann", "10.0.0.1"}, kNow), Millis(1000));
}

TEST(LoginThrottle, UserAndAddressOfTheSameTextAreCountedApart) {
  LoginThrottle throttle;
  for (int i = 0; i < 5; ++i) throttle.failed({"10.0.0.1", ""}, kNow);
  EXPECT_EQ(throttle.delay({"", "10.0.0.1"}, kNow), Millis(0));
}

TEST(LoginThrottle, SuccessForgetsTheUsersFailuresButNotTheAddresses) {
  LoginThrottle throttle;
  for (int i = 0; i < 12; ++i) throttle.failed({"ann", "10.0.0.1"}, kNow);
  throttle.succeeded({"ann", "10.0.0.1"});
  EXPECT_EQ(throttle.delay({"ann", "10.0.0.9"}, kNow), Millis(0));
  EXPECT_EQ(throttle.delay({"ann", "10.0.0.1"}, kNow), Millis(1000));
}

TEST(LoginThrottle, FailuresAreForgottenOnceTheirTimeIsUpAndNotAMillisecondBefore) {
  LoginThrottle throttle;
  for (int i = 0; i < 5; ++i) throttle.failed({"ann", ""}, kNow);
  EXPECT_EQ(throttle.delay({"ann", ""}, kNow + LoginThrottle::kForgetAfter - Millis(1)), Millis(4000));
  EXPECT_EQ(throttle.delay({"ann", ""}, kNow + LoginThrottle::kForgetAfter), Millis(0));
  throttle.failed({"ann", ""}, kNow + LoginThrottle::kForgetAfter);
  EXPECT_EQ(throttle.delay({"ann", ""}, kNow + LoginThrottle::kForgetAfter), Millis(0));
}

TEST(LoginThrottle, EmptyUserAndAddressAreNotCounted) {
  LoginThrottle throttle;
  for (int i = 0; i < 50; ++i) throttle.failed({"", ""}, kNow);
  EXPECT_EQ(throttle.size(), 0u);
  EXPECT_EQ(throttle.delay({"", ""}, kNow), Millis(0));
}

TEST(LoginThrottle, FullTableForgetsTheOldestFailureAndKeepsTheAddressThatGoesOnFailing) {
  LoginThrottle throttle(4);
  for (int i = 0; i < 100; ++i) throttle.failed({"u" + std::to_string(i), "10.0.0.1"}, kNow + Millis(i));
  EXPECT_EQ(throttle.size(), 4u);
  EXPECT_EQ(throttle.delay({"", "10.0.0.1"}, kNow + Millis(100)), LoginThrottle::kDelayMax);
}

}  // namespace
}  // namespace imapd::auth

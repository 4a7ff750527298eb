#include "imapd/auth/users.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "imapd/auth/password.h"

namespace imapd::auth {
namespace {

constexpr Timestamp kNow{Millis(1'700'000'000'000)};

class MapDirectory final : public UserDirectory {
 public:
  Result<std::optional<UserRecord>> find(std::string_view name) override {
    if (broken) return make_error(Code::kUnavailable, "the store is closed");
    asked.emplace_back(name);
    const auto at = users.find(std::string(name));
    if (at == users.end()) return std::nullopt;
    return at->second;
  }
  void put(const std::string& name, std::string_view password, bool is_administrator = false) {
    users[name] = UserRecord{name, *hash_password(password), is_administrator};
  }
  std::map<std::string, UserRecord> users;
  std::vector<std::string> asked;
  bool broken = false;
};

class Login : public testing::Test {
 protected:
  Login() {
    directory_.put("ann", "secret");
    directory_.put("admin", "root", true);
  }
  Authenticator::Outcome check(std::string_view user, std::string_view password, std::string_view address = "10.0.0.1") {
    auto outcome = authenticator_.check({user, password, address, kNow});
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? *outcome : Authenticator::Outcome{};
  }
  MapDirectory directory_;
  Authenticator authenticator_{directory_};
};

TEST_F(Login, RightPasswordGivesTheIdentity) {
  EXPECT_EQ(check("ann", "secret").identity, (Identity{"ann", false}));
  EXPECT_EQ(check("admin", "root").identity, (Identity{"admin", true}));
  EXPECT_EQ(check("ann", "secret").delay, Millis(0));
}

TEST_F(Login, WrongPasswordUnknownUserAndInvalidNameAreRefusedAlike) {
  for (const std::string_view user : {"ann", "nobody", "no body", "", "anyone", "ANN"}) {
    const auto outcome = check(user, "wrong");
    EXPECT_FALSE(outcome.identity) << user;
    EXPECT_EQ(outcome.delay, Millis(0)) << user;
  }
}

TEST_F(Login, InvalidNameDoesNotReachTheDirectory) {
  check("no body", "x");
  check(std::string(kUserNameBytesMax + 1, 'a'), "x");
  EXPECT_TRUE(directory_.asked.empty());
}

TEST_F(Login, EmptyPasswordIsRefused) { EXPECT_FALSE(check("ann", "").identity); }

TEST_F(Login, PasswordOverTheLimitIsRefusedEvenWhenItsBeginningIsRight) {
  const std::string longest(kPasswordBytesMax, 'p');
  directory_.put("long", longest);
  EXPECT_FALSE(check("long", longest + "p").identity);
  EXPECT_TRUE(check("long", longest).identity);
}

TEST_F(Login, AccountWithoutAPasswordIsOpenedByNone) {
  directory_.users["locked"] = UserRecord{"locked", "", false};
  EXPECT_FALSE(check("locked", "").identity);
  EXPECT_FALSE(check("locked", "x").identity);
}

TEST_F(Login, FailuresSlowTheUserFromEveryAddressAndTheRightPasswordToo) {
  check("ann", "wrong", "10.0.0.1");
  EXPECT_EQ(check("ann", "wrong", "10.0.0.2").delay, Millis(0));
  EXPECT_EQ(check("ann", "wrong", "10.0.0.3").delay, Millis(500));
  const auto right = check("ann", "secret", "10.0.0.4");
  EXPECT_TRUE(right.identity);
  EXPECT_EQ(right.delay, Millis(1000));
  EXPECT_EQ(check("ann", "wrong", "10.0.0.5").delay, Millis(0));
}

TEST_F(Login, UnknownUsersAreSlowedAsKnownOnesAre) {
  for (const std::string_view user : {"ann", "nobody"}) {
    check(user, "wrong", "");
    check(user, "wrong", "");
    EXPECT_EQ(check(user, "wrong", "").delay, Millis(500)) << user;
  }
}

TEST_F(Login, AddressIsSlowedWhenItTriesManyNames) {
  for (unsigned i = 0; i <= LoginThrottle::kFreeFailuresOfAddress; ++i) check("not valid", "x");
  EXPECT_EQ(check("ann", "wrong").delay, LoginThrottle::kDelayMin);
  EXPECT_EQ(check("admin", "wrong", "10.0.0.2").delay, Millis(0));
}

TEST_F(Login, VerifiedPasswordIsNotSlowedByOthersFailures) {
  check("ann", "secret");
  for (int i = 0; i < 4; ++i) check("ann", "wrong");
  const auto again = check("ann", "secret");
  EXPECT_TRUE(again.identity);
  EXPECT_EQ(again.delay, Millis(0));
}

TEST_F(Login, ChangedPasswordEndsTheOldOneAtOnce) {
  ASSERT_TRUE(check("ann", "secret").identity);
  directory_.put("ann", "other");
  EXPECT_FALSE(check("ann", "secret").identity);
  EXPECT_TRUE(check("ann", "other").identity);
}

TEST_F(Login, RemovedUserIsRefusedThoughVerifiedBefore) {
  ASSERT_TRUE(check("ann", "secret").identity);
  directory_.users.erase("ann");
  EXPECT_FALSE(check("ann", "secret").identity);
}

TEST_F(Login, ChangedRoleIsSeenAtOnce) {
  ASSERT_TRUE(check("ann", "secret").identity);
  directory_.users["ann"].is_administrator = true;
  EXPECT_EQ(check("ann", "secret").identity, (Identity{"ann", true}));
}

TEST_F(Login, DirectoryThatFailsIsAnErrorAndNoRefusal) {
  directory_.broken = true;
  const auto outcome = authenticator_.check({"ann", "secret", "", kNow});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::kUnavailable);
}

TEST_F(Login, CachedCheckKnowsOnlyWhatWasVerifiedBefore) {
  const Authenticator::Attempt attempt{"ann", "secret", "10.0.0.1", kNow};
  EXPECT_FALSE(authenticator_.check_cached(attempt));
  check("ann", "secret");
  const auto known = authenticator_.check_cached(attempt);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->identity, (Identity{"ann", false}));
  EXPECT_EQ(known->delay, Millis(0));
  EXPECT_FALSE(authenticator_.check_cached({"ann", "wrong", "10.0.0.1", kNow}));
  EXPECT_FALSE(authenticator_.check_cached({"no body", "secret", "10.0.0.1", kNow}));

  directory_.put("ann", "changed");
  EXPECT_FALSE(authenticator_.check_cached(attempt));
  directory_.broken = true;
  EXPECT_FALSE(authenticator_.check_cached(attempt));
}

TEST(UserName, LimitsAndCharacters) {
  for (const std::string_view name : {"a", "admin", "ann.b@example.org", "Worker_7", "x-y", "0", "anyone1", "Anyone"}) {
    EXPECT_TRUE(is_valid_user_name(name)) << name;
  }
  for (const std::string_view name : {"", "-ann", "anyone", "a b", "a/b", "a*", "a%", "a\"", "\xc3\xa4", "a\n"}) {
    EXPECT_FALSE(is_valid_user_name(name)) << name;
  }
  EXPECT_TRUE(is_valid_user_name(std::string(kUserNameBytesMax, 'a')));
  EXPECT_FALSE(is_valid_user_name(std::string(kUserNameBytesMax + 1, 'a')));
  EXPECT_FALSE(is_valid_user_name(std::string_view("a\0", 2)));
}

TEST_F(Login, ScramKeysOfNobodyLookLikeThoseOfSomebodyAndStayTheSame) {
  directory_.users["ann"].scram_keys = store_password("secret")->scram_keys;
  const auto real = authenticator_.scram_keys("ann");
  EXPECT_EQ(to_text(*real), directory_.users["ann"].scram_keys);
  Authenticator before(directory_, nullptr, "the same secret");
  Authenticator after(directory_, nullptr, "the same secret");
  Authenticator other(directory_, nullptr, "another secret");
  // No user, an invalid name, and a user whose password was set before there was SCRAM.
  for (const std::string user : {"nobody", "no body", "admin"}) {
    const auto fake = before.scram_keys(user);
    ASSERT_TRUE(fake);
    EXPECT_EQ(*fake, *after.scram_keys(user)) << "after a restart";
    EXPECT_NE(fake->salt, other.scram_keys(user)->salt);
    EXPECT_EQ(fake->salt.size(), real->salt.size());
    EXPECT_EQ(fake->iterations, real->iterations);
  }
  EXPECT_NE(before.scram_keys("nobody")->salt, before.scram_keys("nobody2")->salt);
}

TEST_F(Login, ScramIsNoWayInWithoutKeys) {
  EXPECT_FALSE(authenticator_.finish_scram({"ann", true, "", kNow})->identity);
  directory_.users["ann"].scram_keys = store_password("secret")->scram_keys;
  EXPECT_EQ(authenticator_.finish_scram({"ann", true, "", kNow})->identity, (Identity{"ann", false}));
  EXPECT_FALSE(authenticator_.finish_scram({"ann", false, "", kNow})->identity);
  directory_.broken = true;
  EXPECT_EQ(authenticator_.finish_scram({"ann", true, "", kNow}).error().code, Code::kUnavailable);
  EXPECT_EQ(authenticator_.scram_keys("ann").error().code, Code::kUnavailable);
}

TEST(StoredPassword, WithoutAFormForScramIsKeptWithoutIt) {
  const auto both = store_password("secret");
  EXPECT_TRUE(*verify_password(both->hash, "secret"));
  EXPECT_TRUE(parse_scram_keys(both->scram_keys));
  const auto one = store_password("bell\x07");
  EXPECT_TRUE(*verify_password(one->hash, "bell\x07"));
  EXPECT_EQ(one->scram_keys, "");
  EXPECT_FALSE(store_password(""));
}

}  // namespace
}  // namespace imapd::auth

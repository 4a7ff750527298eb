#include "imapd/auth/password.h"

#include <gtest/gtest.h>

#include <set>

namespace imapd::auth {
namespace {

TEST(Password, HashVerifiesItsPasswordAndNoOther) {
  const auto hash = hash_password("correct horse");
  ASSERT_TRUE(hash);
  EXPECT_TRUE(*verify_password(*hash, "correct horse"));
  for (const std::string_view wrong : {"", "correct hors", "correct horse ", "Correct horse"}) {
    EXPECT_FALSE(*verify_password(*hash, wrong)) << wrong;
  }
}

TEST(Password, HashIsAPhcStringWithTheParametersOfTheHeader) {
  const auto hash = hash_password("x");
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *hash;
  EXPECT_EQ(hash->find('\0'), std::string::npos);
}

TEST(Password, SamePasswordTwiceGivesTwoHashes) { EXPECT_NE(*hash_password("x"), *hash_password("x")); }

TEST(Password, HashOfOtherParametersIsVerifiedByItsOwn) {
  // The reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 8 -p 1 -l 32 -e (8 = 2^8 KiB).
  const std::string cheap = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  EXPECT_TRUE(*verify_password(cheap, "password"));
  EXPECT_FALSE(*verify_password(cheap, "Password"));
}

TEST(Password, WhatIsNoHashMatchesNothing) {
  for (const char* text :
       {"", "x", "$argon2id$", "$2b$10$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$"}) {
    const auto matches = verify_password(text, "x");
    ASSERT_TRUE(matches) << text;
    EXPECT_FALSE(*matches) << text;
  }
}

TEST(Password, LongestIsTakenAndOneByteMoreIsRefused) {
  const std::string longest(kPasswordBytesMax, 'p');
  const auto hash = hash_password(longest);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(*verify_password(*hash, longest));
  EXPECT_FALSE(*verify_password(*hash, longest + "p"));
  EXPECT_EQ(hash_password(longest + "p").error().code, Code::kInvalidArgument);
}

TEST(Password, EmptyOrWithNulIsRefused) {
  EXPECT_EQ(hash_password("").error().code, Code::kInvalidArgument);
  EXPECT_EQ(hash_password(std::string_view("a\0b", 3)).error().code, Code::kInvalidArgument);
}

TEST(Password, RefusalDoesNotRepeatThePassword) {
  const std::string secret = "hunter2" + std::string(kPasswordBytesMax, 'x');
  EXPECT_EQ(hash_password(secret).error().message.find("hunter2"), std::string::npos);
}

TEST(GeneratedPassword, IsLongReadableAndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string password = generate_password();
    EXPECT_EQ(password.size(), kGeneratedPasswordBytes);
    EXPECT_EQ(password.find_first_not_of("abcdefghijkmnpqrstuvwxyz23456789"), std::string::npos) << password;
    EXPECT_TRUE(seen.insert(password).second);
  }
}

TEST(RandomBytes, GivesAsManyAsAsked) {
  EXPECT_EQ(random_bytes(0).size(), 0u);
  EXPECT_EQ(random_bytes(33).size(), 33u);
  EXPECT_NE(random_bytes(32), random_bytes(32));
}

}  // namespace
}  // namespace imapd::auth

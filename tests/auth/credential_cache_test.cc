#include "imapd/auth/credential_cache.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace imapd::auth {
namespace {

TEST(CredentialCache, KnowsWhatWasInsertedAndNothingElse) {
  CredentialCache cache;
  EXPECT_FALSE(cache.contains({"ann", "hash", "secret"}));
  cache.insert({"ann", "hash", "secret"});
  EXPECT_TRUE(cache.contains({"ann", "hash", "secret"}));
  EXPECT_FALSE(cache.contains({"ann", "hash", "Secret"}));
  EXPECT_FALSE(cache.contains({"bob", "hash", "secret"}));
}

TEST(CredentialCache, ChangedStoredHashMisses) {
  CredentialCache cache;
  cache.insert({"ann", "old", "secret"});
  EXPECT_FALSE(cache.contains({"ann", "new", "secret"}));
}

TEST(CredentialCache, NewPasswordReplacesTheOldOne) {
  CredentialCache cache;
  cache.insert({"ann", "old", "one"});
  cache.insert({"ann", "new", "two"});
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_TRUE(cache.contains({"ann", "new", "two"}));
  EXPECT_FALSE(cache.contains({"ann", "old", "one"}));
}

TEST(CredentialCache, BytesMovedFromOneFieldToTheNextMiss) {
  CredentialCache cache;
  cache.insert({"ann", "hash", "secret"});
  EXPECT_FALSE(cache.contains({"ann", "hashs", "ecret"}));
  EXPECT_FALSE(cache.contains({"ann", "has", "hsecret"}));
}

TEST(CredentialCache, FullCacheForgetsTheOneLongestUnused) {
  CredentialCache cache(3);
  for (const char* user : {"a", "b", "c"}) cache.insert({user, "h", "p"});
  EXPECT_EQ(cache.size(), 3u);
  EXPECT_TRUE(cache.contains({"a", "h", "p"}));
  cache.insert({"d", "h", "p"});
  EXPECT_EQ(cache.size(), 3u);
  EXPECT_TRUE(cache.contains({"a", "h", "p"}));
  EXPECT_FALSE(cache.contains({"b", "h", "p"}));
  EXPECT_TRUE(cache.contains({"c", "h", "p"}));
  EXPECT_TRUE(cache.contains({"d", "h", "p"}));
}

TEST(CredentialCache, IsUsedByManyThreads) {
  CredentialCache cache(8);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&cache, i] {
      for (int round = 0; round < 500; ++round) {
        const std::string user = "u" + std::to_string((round + i) % 16);
        cache.insert({user, "h", "p"});
        cache.contains({user, "h", "p"});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(cache.size(), 8u);
}

}  // namespace
}  // namespace imapd::auth

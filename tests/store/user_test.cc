#include "tests/store/store_fixture.h"

namespace imapd::store {
namespace {

using UserTest = StoreTest;

TEST_F(UserTest, KeepsBothFormsOfThePasswordOverARestart) {
  ASSERT_TRUE(await(*store_, &Store::put_user, PutUser{{"ann", "hash", true, clock_.now(), "keys"}, PutUser::Mode::kCreate}));
  reopen();
  const auto ann = store_->user("ann");
  ASSERT_TRUE(ann && *ann);
  EXPECT_EQ((*ann)->password_hash, "hash");
  EXPECT_EQ((*ann)->scram_keys, "keys");
  EXPECT_TRUE((*ann)->administrator);
}

TEST_F(UserTest, FromBeforeThereWereScramKeysHasNone) {
  // An empty field is not written: these are the bytes of the record as it was then.
  ASSERT_TRUE(await(*store_, &Store::put_user, PutUser{{"ann", "hash", false, clock_.now(), ""}, PutUser::Mode::kCreate}));
  reopen();
  EXPECT_EQ((*store_->user("ann"))->scram_keys, "");
  ASSERT_TRUE(await(*store_, &Store::put_user, PutUser{{"ann", "hash2", false, clock_.now(), "keys"}, PutUser::Mode::kReplace}));
  EXPECT_EQ((*store_->user("ann"))->scram_keys, "keys");
  ASSERT_TRUE(await(*store_, &Store::put_user, PutUser{{"ann", "hash3", false, clock_.now(), ""}, PutUser::Mode::kReplace}));
  EXPECT_EQ((*store_->user("ann"))->scram_keys, "") << "keys of a password that is no longer the user's";
}

}  // namespace
}  // namespace imapd::store

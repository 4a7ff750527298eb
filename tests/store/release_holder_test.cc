// Claim rule 7: what an IMAP session held when it ended.
#include "tests/store/store_fixture.h"

namespace imapd::store {
namespace {

const FlagSet kClaimed{SystemFlag::kClaimed};
constexpr auto kAdd = FlagChange::Mode::kAdd;

class ReleaseHolderTest : public StoreTest {
 protected:
  void set_release_on_disconnect(bool value) {
    UpdateMailbox request;
    request.mailbox = queue_;
    request.policy = store_->mailbox(queue_)->policy;
    request.policy->release_on_disconnect = value;
    ASSERT_TRUE(await(*store_, &Store::update_mailbox, std::move(request)));
  }
  // Verbs are decided in order, so what was asked of the store before has been done.
  void settle_down() {
    for (int i = 0; i < 3; ++i) expire();
  }
};

TEST_F(ReleaseHolderTest, ClaimsOfAnEndedSessionAreReleasedWithoutBlame) {
  set_release_on_disconnect(true);
  const Uid held = append("one");
  const Uid others = append("two");
  store_->holder_opened("a");
  store_->holder_opened("b");
  store_flags(held, kAdd, kClaimed, imap("a"), ModSeq(0));
  store_flags(held, kAdd, {SystemFlag::kDeleted}, imap("a"));
  store_flags(others, kAdd, kClaimed, imap("b"), ModSeq(0));
  const ModSeq token = message(held)->claim->token;
  store_->holder_closed("a");
  settle_down();
  EXPECT_FALSE(message(held)->claim);
  EXPECT_FALSE(message(held)->flags.contains(SystemFlag::kClaimed));
  EXPECT_FALSE(message(held)->flags.contains(SystemFlag::kDeleted));
  EXPECT_GT(message(held)->mod_seq, token);
  EXPECT_EQ(message(held)->failures, 0u);
  EXPECT_EQ(message(held)->deliveries, 1u);
  EXPECT_TRUE(message(others)->claim);
  EXPECT_EQ(counters().ready, 1u);
  EXPECT_EQ(counters().claimed, 1u);
}

TEST_F(ReleaseHolderTest, WithoutThePolicyTheLeaseRunsOn) {
  const Uid uid = append("one");
  store_->holder_opened("a");
  store_flags(uid, kAdd, kClaimed, imap("a"), ModSeq(0));
  store_->holder_closed("a");
  settle_down();
  EXPECT_TRUE(message(uid)->claim);
}

TEST_F(ReleaseHolderTest, ClaimsOfWorkersAreTheStreamsBusiness) {
  set_release_on_disconnect(true);
  const Uid uid = append("one");
  claim(1, worker("a"));
  store_->holder_closed("a");
  settle_down();
  EXPECT_TRUE(message(uid)->claim);
}

TEST_F(ReleaseHolderTest, WhatWasGivenBackAndClaimedByAnotherStaysHis) {
  set_release_on_disconnect(true);
  const Uid uid = append("one");
  store_->holder_opened("a");
  store_flags(uid, kAdd, kClaimed, imap("a"), ModSeq(0));
  store_flags(uid, FlagChange::Mode::kRemove, kClaimed, imap("a"));
  store_flags(uid, kAdd, kClaimed, imap("b"), ModSeq(0));
  store_->holder_closed("a");
  settle_down();
  ASSERT_TRUE(message(uid)->claim);
  EXPECT_EQ(message(uid)->claim->holder, "b");
}

TEST_F(ReleaseHolderTest, MoreThanOnePieceIsReleasedToTheLast) {
  set_release_on_disconnect(true);
  constexpr std::size_t kCount = 1'001;
  Append request;
  request.mailbox = queue_;
  request.messages.resize(kCount);
  for (NewMessage& message : request.messages) {
    message.body = "x";
    message.flags = kClaimed;
  }
  request.actor = imap("a");
  ASSERT_TRUE(await(*store_, &Store::append, std::move(request)));
  EXPECT_EQ(counters().claimed, kCount);
  store_->holder_closed("a");
  settle_down();
  EXPECT_EQ(counters().claimed, 0u);
  EXPECT_EQ(counters().ready, kCount);
}

TEST_F(ReleaseHolderTest, DeletedMailboxIsPassedOver) {
  set_release_on_disconnect(true);
  const Uid uid = append("one");
  store_flags(uid, kAdd, kClaimed, imap("a"), ModSeq(0));
  ASSERT_TRUE(await(*store_, &Store::delete_mailbox, DeleteMailbox{{"", "orders"}}));
  store_->holder_closed("a");
  settle_down();
}

}  // namespace
}  // namespace imapd::store

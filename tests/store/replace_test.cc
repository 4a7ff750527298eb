// RFC 8508 in the store: one message for another, in one decision.
#include "tests/store/store_fixture.h"

namespace imapd::store {
namespace {

using Result = ReplaceOutcome::Result;

class ReplaceTest : public StoreTest {
 protected:
  Replace request(MailboxId from, Uid uid, MailboxId to, const std::string& body, const Actor& actor = imap("a")) {
    Replace replace{from, uid, {}};
    replace.append.mailbox = to;
    replace.append.messages.emplace_back();
    replace.append.messages.back().body = body;
    replace.append.actor = actor;
    return replace;
  }
  auto replace(Replace request) { return await(*store_, &Store::replace, std::move(request)); }
  MailboxId personal(const std::string& owner, const std::string& name) {
    return await(*store_, &Store::create_mailbox, CreateMailbox{{owner, name}, MailboxKind::kPersonal, {}, {}, ""})->id;
  }
  Uid append_to(MailboxId mailbox, const std::string& body) {
    Append append;
    append.mailbox = mailbox;
    append.messages.emplace_back();
    append.messages.back().body = body;
    return await(*store_, &Store::append, append)->uids.at(0);
  }
  void set_maxima(std::uint64_t messages, std::uint64_t bytes) {
    UpdateMailbox update;
    update.mailbox = queue_;
    update.policy = store_->mailbox(queue_)->policy;
    update.policy->messages_max = messages;
    update.policy->bytes_max = bytes;
    ASSERT_TRUE(await(*store_, &Store::update_mailbox, std::move(update)));
  }
};

TEST_F(ReplaceTest, OneGoesAndOneComesInOneSync) {
  const Uid old = append("old");
  const Uid other = append("other");
  const ModSeq before = store_->mailbox(queue_)->highest_mod_seq;
  const std::uint64_t syncs = store_->sync_count();
  const auto outcome = replace(request(queue_, old, queue_, "new one"));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->result, Result::kReplaced);
  EXPECT_EQ(store_->sync_count(), syncs + 1);
  EXPECT_FALSE(message(old));
  EXPECT_TRUE(message(other));
  EXPECT_EQ(message(outcome->appended.uids.at(0))->size(), 7u);
  EXPECT_EQ(counters().messages, 2u);
  EXPECT_EQ(counters().size_bytes, 12u);
  const auto changes = *store_->snapshot().changes_since(queue_, before, 100);
  EXPECT_EQ(changes.changed.size(), 1u);
  EXPECT_EQ(changes.vanished, UidSet::of(old));
  reopen();
  EXPECT_FALSE(message(old));
  EXPECT_TRUE(message(outcome->appended.uids.at(0)));
}

TEST_F(ReplaceTest, IntoAnotherMailbox) {
  const MailboxId sent = personal("ann", "INBOX/Sent");
  const Uid old = append("draft");
  const auto outcome = replace(request(queue_, old, sent, "sent"));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(counters().messages, 0u);
  EXPECT_EQ(store_->mailbox(sent)->counters.messages, 1u);
  EXPECT_EQ(outcome->appended.uid_validity, store_->mailbox(sent)->uid_validity);
}

TEST_F(ReplaceTest, WhatIsNotThereIsNotReplaced) {
  const auto outcome = replace(request(queue_, Uid(7), queue_, "new"));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->result, Result::kGone);
  EXPECT_EQ(counters().messages, 0u);
}

TEST_F(ReplaceTest, WhatAnotherHoldsIsNotReplaced) {
  const Uid old = append("old");
  store_->holder_opened("b");
  store_flags(old, FlagChange::Mode::kAdd, {SystemFlag::kClaimed}, imap("b"), ModSeq(0));
  const auto refused = replace(request(queue_, old, queue_, "new", imap("a")));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->result, Result::kInUse);
  EXPECT_EQ(counters().messages, 1u);
  EXPECT_TRUE(message(old)->claim);
  const auto outcome = replace(request(queue_, old, queue_, "new", imap("b")));
  EXPECT_EQ(outcome->result, Result::kReplaced);
  EXPECT_FALSE(message(outcome->appended.uids.at(0))->claim);
}

TEST_F(ReplaceTest, OnlyWhatItGrowsByIsHeldToTheMaximaOfTheQueue) {
  const Uid first = append("12345");
  append("12345");
  set_maxima(2, 12);
  const auto grown = replace(request(queue_, first, queue_, "1234567"));  // At the bound.
  ASSERT_TRUE(grown);
  const Uid second = grown->appended.uids.at(0);
  EXPECT_EQ(replace(request(queue_, second, queue_, "12345678")).error().code, Code::kResourceExhausted);
  EXPECT_TRUE(message(second));
  // Over its maxima already, it may still shrink.
  set_maxima(1, 5);
  EXPECT_TRUE(replace(request(queue_, second, queue_, "1234567")));
}

TEST_F(ReplaceTest, OnlyWhatItGrowsByIsHeldToTheQuotaOfTheTree) {
  const MailboxId drafts = personal("ann", "INBOX/Drafts");
  const MailboxId sent = personal("ann", "INBOX/Sent");
  const Uid draft = append_to(drafts, "12345");
  const Uid shared = append("12345");
  ASSERT_TRUE(await(*store_, &Store::set_user_quota, SetUserQuota{"ann", {.messages_max = 1, .bytes_max = 6}}));
  EXPECT_EQ(replace(request(drafts, draft, sent, "1234567")).error().code, Code::kResourceExhausted);
  EXPECT_TRUE(replace(request(drafts, draft, sent, "123456")));
  // What goes from another tree makes no room in this one.
  EXPECT_EQ(replace(request(queue_, shared, drafts, "")).error().code, Code::kResourceExhausted);
  EXPECT_TRUE(message(shared));
}

}  // namespace
}  // namespace imapd::store

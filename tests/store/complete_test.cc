// Acks and appends in one decision.
#include "tests/store/store_fixture.h"

namespace imapd::store {
namespace {

using Settled = SettleOutcome::Result;

class CompleteTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    results_ = await(*store_, &Store::create_mailbox, CreateMailbox{{"", "results"}, MailboxKind::kQueue, {}, {}, ""})->id;
  }
  static Settlement ack(const MessageState& claimed) {
    Settlement settlement;
    settlement.serial = claimed.serial;
    settlement.token = claimed.claim->token;
    return settlement;
  }
  Append appended(MailboxId mailbox, const std::string& body) {
    Append append;
    append.mailbox = mailbox;
    append.messages.emplace_back();
    append.messages.back().body = body;
    append.actor = worker("w");
    return append;
  }
  auto complete(Complete request) { return await(*store_, &Store::complete, std::move(request)); }
  std::uint64_t count(MailboxId mailbox) { return store_->mailbox(mailbox)->counters.messages; }
  MailboxId results_;
};

TEST_F(CompleteTest, AcksAndAppendsInOneSync) {
  append("job");
  append("other");
  const auto claimed = claim(1, worker("w"));
  const std::uint64_t syncs = store_->sync_count();
  Complete request;
  request.acks.push_back({queue_, {ack(claimed[0])}, worker("w")});
  request.appends.push_back(appended(results_, "result"));
  request.appends.push_back(appended(queue_, "next job"));
  const auto outcome = complete(request);
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->complete);
  EXPECT_EQ(store_->sync_count(), syncs + 1);
  EXPECT_EQ(outcome->appends.size(), 2u);
  EXPECT_EQ(count(queue_), 2u);
  EXPECT_EQ(count(results_), 1u);
  reopen();
  EXPECT_EQ(count(queue_), 2u);
  EXPECT_EQ(count(results_), 1u);
}

TEST_F(CompleteTest, OneRefusedAckStopsAll) {
  for (const char* body : {"a", "b", "c"}) append(body);
  const auto claimed = claim(3, worker("w"));
  settle(claimed[1], Settlement::Kind::kRelease, worker("w"));
  settle(claimed[2], Settlement::Kind::kAck, worker("w"));
  const ModSeq before = store_->mailbox(queue_)->highest_mod_seq;
  Complete request;
  request.acks.push_back({queue_, {ack(claimed[0]), ack(claimed[1]), ack(claimed[2])}, worker("w")});
  request.appends.push_back(appended(results_, "result"));
  const auto outcome = complete(request);
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(outcome->complete);
  ASSERT_EQ(outcome->acks.at(0).items.size(), 3u);
  EXPECT_EQ(outcome->acks[0].items[0].result, Settled::kSettled);
  EXPECT_EQ(outcome->acks[0].items[1].result, Settled::kLeaseLost);
  EXPECT_EQ(outcome->acks[0].items[2].result, Settled::kGone);
  EXPECT_TRUE(outcome->appends.empty());
  EXPECT_EQ(count(results_), 0u);
  EXPECT_EQ(store_->mailbox(queue_)->highest_mod_seq, before);
  EXPECT_TRUE(message(claimed[0].uid)->claim);
}

TEST_F(CompleteTest, AFullTargetStopsAll) {
  UpdateMailbox update;
  update.mailbox = results_;
  update.policy.emplace();
  update.policy->messages_max = 1;
  ASSERT_TRUE(await(*store_, &Store::update_mailbox, std::move(update)));
  append("job");
  const auto claimed = claim(1, worker("w"));
  Complete request;
  request.acks.push_back({queue_, {ack(claimed[0])}, worker("w")});
  request.appends.push_back(appended(results_, "one"));
  request.appends.back().messages.push_back(request.appends.back().messages.front());
  EXPECT_EQ(complete(request).error().code, Code::kResourceExhausted);
  EXPECT_TRUE(message(claimed[0].uid)->claim);
  request.appends.back().messages.pop_back();
  EXPECT_TRUE(complete(request)->complete);
}

TEST_F(CompleteTest, WhatIsAckedMakesRoom) {
  UpdateMailbox update;
  update.mailbox = queue_;
  update.policy.emplace();
  update.policy->messages_max = 1;
  ASSERT_TRUE(await(*store_, &Store::update_mailbox, std::move(update)));
  append("job");
  const auto claimed = claim(1, worker("w"));
  Complete request;
  request.acks.push_back({queue_, {ack(claimed[0])}, worker("w")});
  request.appends.push_back(appended(queue_, "next"));
  EXPECT_TRUE(complete(request)->complete);
  EXPECT_EQ(count(queue_), 1u);
}

TEST_F(CompleteTest, NothingMayBeThereTwice) {
  append("job");
  const auto claimed = claim(1, worker("w"));
  Complete request;
  request.acks.push_back({queue_, {ack(claimed[0]), ack(claimed[0])}, worker("w")});
  EXPECT_EQ(complete(request).error().code, Code::kInvalidArgument);
  request.acks = {{queue_, {ack(claimed[0])}, worker("w")}};
  request.appends.push_back(appended(results_, "one"));
  request.appends.push_back(appended(results_, "two"));
  EXPECT_EQ(complete(request).error().code, Code::kInvalidArgument);
  request.appends.clear();
  request.acks[0].items[0].kind = Settlement::Kind::kRelease;
  EXPECT_EQ(complete(request).error().code, Code::kInvalidArgument);
  EXPECT_EQ(count(queue_), 1u);
}

TEST_F(CompleteTest, OthersMayNotAck) {
  append("job");
  const auto claimed = claim(1, worker("w"));
  Complete request;
  request.acks.push_back({queue_, {ack(claimed[0])}, worker("w", "bob")});
  const auto outcome = complete(request);
  EXPECT_FALSE(outcome->complete);
  EXPECT_EQ(outcome->acks[0].items[0].result, Settled::kNoRight);
}

}  // namespace
}  // namespace imapd::store

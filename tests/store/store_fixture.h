#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <string>

#include "imapd/store/store.h"

namespace imapd::store {

// Time that stands until a test moves it.
class StillClock final : public Clock {
 public:
  Timestamp now() const override { return Timestamp(Millis(now_ms_.load())); }
  void advance(Millis by) { now_ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_ms_{1'700'000'000'000};
};

// Waits for a verb: `await(store, &Store::append, request)`.
template <class Request, class Outcome>
Outcome await(Store& store, void (Store::*verb)(Request, Callback<Outcome>), std::type_identity_t<Request> request) {
  std::promise<Outcome> promise;
  auto future = promise.get_future();
  (store.*verb)(std::move(request), [&promise](Outcome outcome) { promise.set_value(std::move(outcome)); });
  return future.get();
}

// Leases of 60 s unless asked otherwise, back-off of 1 s, death at the third failure.
class ShortRules final : public ClaimRules {
 public:
  std::variant<Grant, Refusal> may_claim(const MailboxInfo& mailbox, const MessageState&, std::optional<Millis> asked) override {
    if (mailbox.policy.claim_paused) return Refusal::kBlocked;
    return Grant{asked.value_or(mailbox.policy.lease_default)};
  }
  Aftermath after_failure(const MailboxInfo& mailbox, const MessageState& message, const std::string& reason,
                          std::optional<Millis> delay, Timestamp now) override {
    if (message.failures >= 3) return after_reject(mailbox, message, reason, now);
    return Scheduled{now + delay.value_or(Millis(1'000))};
  }
  Aftermath after_release(const MailboxInfo&, const MessageState&, std::optional<Millis> delay, Timestamp now) override {
    if (delay) return Scheduled{now + *delay};
    return ReadyNow{};
  }
  DeadLetter after_reject(const MailboxInfo& mailbox, const MessageState&, const std::string& reason, Timestamp) override {
    return DeadLetter{{mailbox.path.owner, mailbox.path.name + "/Dead"}, "Claimq-Dead-Reason: " + reason + "\r\n", reason};
  }
};

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "claimq-store-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    open();
    queue_ = await(*store_, &Store::create_mailbox, CreateMailbox{{"", "orders"}, MailboxKind::kQueue, {}, {}, ""})->id;
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }
  void open(Durability durability = Durability::kSync) {
    auto opened = Store::open({directory_, durability, nullptr}, clock_, rules_, health_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  void reopen(Durability durability = Durability::kSync) {
    store_.reset();
    open(durability);
  }

  static Actor imap(const std::string& holder, const std::string& user = "ann") {
    return {Door::kImap, user, holder, Actor::Rank::kUser};
  }
  static Actor worker(const std::string& holder, const std::string& user = "ann") {
    return {Door::kGrpc, user, holder, Actor::Rank::kUser};
  }
  Uid append(const std::string& body, FlagSet flags = {}) {
    Append request;
    request.mailbox = queue_;
    request.messages.emplace_back();
    request.messages.back().body = body;
    request.messages.back().flags = std::move(flags);
    request.actor = imap("producer");
    return await(*store_, &Store::append, request)->uids.at(0);
  }
  StoreFlagsOutcome store_flags(Uid uid, FlagChange::Mode mode, FlagSet flags, const Actor& actor,
                                std::optional<ModSeq> unchanged_since = {}) {
    StoreFlags request{queue_, UidSet::of(uid), {mode, std::move(flags)}, unchanged_since, actor};
    auto outcome = await(*store_, &Store::store_flags, request);
    EXPECT_TRUE(outcome);
    return *outcome;
  }
  std::optional<MessageState> message(Uid uid) { return *store_->snapshot().message(queue_, uid); }
  std::vector<MessageState> claim(std::size_t count, const Actor& actor) {
    return await(*store_, &Store::claim_ready, ClaimReady{queue_, count, {}, actor})->claimed;
  }
  SettleOutcome::Item settle(const MessageState& claimed, Settlement::Kind kind, const Actor& actor) {
    Settlement settlement;
    settlement.serial = claimed.serial;
    settlement.token = claimed.claim->token;
    settlement.kind = kind;
    settlement.reason = "test";
    return await(*store_, &Store::settle, Settle{queue_, {settlement}, actor})->items.at(0);
  }
  ExpireDueOutcome expire() { return *await(*store_, &Store::expire_due, ExpireDue{clock_.now()}); }
  Counters counters() { return store_->mailbox(queue_)->counters; }

  std::string directory_;
  StillClock clock_;
  ShortRules rules_;
  ops::Health health_;
  std::unique_ptr<Store> store_;
  MailboxId queue_;
};

}  // namespace imapd::store

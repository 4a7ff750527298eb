#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "broker/queue/queue.h"
#include "broker/queue/rules.h"
#include "broker/queue/sweeper.h"
#include "imapd/ops/health.h"
#include "imapd/store/store.h"
#include "tests/support/await.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace broker::queue {

using imapd::Code;
using imapd::Millis;
using imapd::ModSeq;
using imapd::Result;
using imapd::Serial;
using imapd::store::Actor;
using imapd::store::Door;
using imapd::store::MailboxInfo;
using imapd::store::MessageState;
using imapd::store::Policy;
using imapd::store::Settlement;
using imapd::store::SettleOutcome;
using support::await;
using support::start;

inline Actor worker(const std::string& user, const std::string& holder, Actor::Rank rank = Actor::Rank::kUser) {
  return Actor{Door::kGrpc, user, holder, rank};
}

// A store in a folder of its own with the queue "q", and virtual time.
class QueueTest : public testing::Test {
 protected:
  QueueTest() { open(); }
  ~QueueTest() override { close(); }

  void open() {
    imapd::store::StoreOptions options;
    options.directory = dir_.path() + "/store";
    auto opened = imapd::store::Store::open(options, clock_, rules_, health_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
    queues_ = std::make_unique<Queues>(*store_, clock_);
    sweeper_ = std::make_unique<Sweeper>(*store_);
  }
  void close() {
    sweeper_.reset();
    if (queues_) queues_->close();
    queues_.reset();
    store_.reset();
  }
  void reopen() {
    close();
    open();
  }

  MailboxInfo create(const std::string& name = "q", const Policy& policy = {}) {
    auto created = await(*queues_, &Queues::create_queue, CreateQueue{name, policy, {}});
    EXPECT_TRUE(created) << created.error().message;
    return created ? *created : MailboxInfo();
  }
  MailboxInfo info(const std::string& name = "q") { return queues_->find_queue(name).value_or(MailboxInfo()); }

  static OutgoingMessage message(const std::string& body) {
    OutgoingMessage message;
    message.body = body;
    return message;
  }
  Serial send(OutgoingMessage outgoing, const std::string& queue = "q") {
    Enqueue request;
    request.queue = queue;
    request.messages.push_back(std::move(outgoing));
    request.actor = worker("ann", "sender");
    auto sent = await(*queues_, &Queues::enqueue, std::move(request));
    EXPECT_TRUE(sent) << sent.error().message;
    return sent ? sent->serials.at(0) : Serial();
  }
  Serial send(const std::string& body) { return send(message(body)); }

  Claim claim_request(std::size_t count, const std::string& holder = "w1", const std::string& queue = "q") {
    Claim request;
    request.queue = queue;
    request.count_max = count;
    request.actor = worker("ann", holder);
    return request;
  }
  std::vector<MessageState> claim(std::size_t count = 1, const std::string& holder = "w1", const std::string& queue = "q") {
    auto claimed = await(*queues_, &Queues::claim, claim_request(count, holder, queue));
    EXPECT_TRUE(claimed) << claimed.error().message;
    return claimed ? claimed->messages : std::vector<MessageState>();
  }
  MessageState claim_one(const std::string& holder = "w1", const std::string& queue = "q") {
    auto claimed = claim(1, holder, queue);
    EXPECT_EQ(claimed.size(), 1u);
    return claimed.empty() ? MessageState() : claimed[0];
  }

  static Settlement settlement(const MessageState& message, Settlement::Kind kind) {
    return {message.serial, message.claim ? message.claim->token : ModSeq(), kind, {}, {}};
  }
  SettleOutcome::Item settle(Settlement item, const Actor& actor = worker("ann", "w1"), const std::string& queue = "q") {
    auto settled = await(*queues_, &Queues::settle, Settle{queue, {std::move(item)}, actor});
    EXPECT_TRUE(settled) << settled.error().message;
    return settled ? settled->items.at(0) : SettleOutcome::Item{};
  }
  SettleOutcome::Item settle(const MessageState& message, Settlement::Kind kind, const std::string& queue = "q") {
    return settle(settlement(message, kind), worker("ann", "w1"), queue);
  }
  SettleOutcome::Item fail(const MessageState& message, const std::string& reason = "why") {
    Settlement item = settlement(message, Settlement::Kind::kFail);
    item.reason = reason;
    return settle(item);
  }

  SweepOutcome sweep() {
    auto swept = await_sweep();
    EXPECT_TRUE(swept) << swept.error().message;
    return swept.value_or(SweepOutcome());
  }
  SweepOutcome advance(Millis by) {
    clock_.advance(by);
    return sweep();
  }

  MessageState get(Serial serial, const std::string& queue = "q") {
    auto found = queues_->get(queue, serial);
    EXPECT_TRUE(found) << found.error().message;
    return found.value_or(MessageState());
  }
  std::vector<MessageState> peek(const std::string& queue = "q", Peek::Which which = Peek::Which::kAny) {
    Peek request;
    request.queue = queue;
    request.which = which;
    auto seen = queues_->peek(request);
    EXPECT_TRUE(seen) << seen.error().message;
    return seen ? seen->messages : std::vector<MessageState>();
  }
  std::string body(const MessageState& message) {
    auto loaded = queues_->load(message);
    EXPECT_TRUE(loaded) << loaded.error().message;
    return loaded ? loaded->content.body : std::string();
  }

  support::TempDir dir_;
  support::ManualClock clock_;
  QueueRules rules_;
  imapd::ops::Health health_;
  std::unique_ptr<imapd::store::Store> store_;
  std::unique_ptr<Queues> queues_;
  std::unique_ptr<Sweeper> sweeper_;

 private:
  Result<SweepOutcome> await_sweep() {
    std::promise<Result<SweepOutcome>> promise;
    auto future = promise.get_future();
    sweeper_->run_once(clock_.now(), [promise = std::move(promise)](Result<SweepOutcome> swept) mutable {
      promise.set_value(std::move(swept));
    });
    return future.get();
  }
};

}  // namespace broker::queue

#include <cstdlib>
#include <random>

#include "tests/queue/queue_fixture.h"
#include "tests/support/queue_model.h"

namespace broker::queue {
namespace {

using Kind = Settlement::Kind;
using Outcome = SettleOutcome::Result;
using support::QueueModel;

// Random workers on a queue in virtual time, against QueueModel. A failure prints its seed; CLAIMQ_SEED=n replays it.
class ModelTest : public QueueTest {
 protected:
  static constexpr std::int64_t kLease = 10'000;

  void run(std::uint64_t seed, int steps) {
    SCOPED_TRACE("replay: CLAIMQ_SEED=" + std::to_string(seed) + " queue_test --gtest_filter=ModelTest.*");
    random_.seed(seed);
    Policy policy;
    policy.lease_default = Millis(kLease);
    policy.failures_max = 3;
    create("q", policy);
    for (int i = 0; i < steps && !HasFailure(); ++i) {
      SCOPED_TRACE("step " + std::to_string(i));
      step();
      compare();
    }
  }

  std::int64_t now() const { return clock_.now().time_since_epoch().count(); }
  std::int64_t pick(std::int64_t low, std::int64_t high) { return std::uniform_int_distribution<std::int64_t>(low, high)(random_); }

  void step() {
    const std::int64_t dice = pick(0, 99);
    if (dice < 30) return send_one();
    if (dice < 55) return claim_some();
    if (dice < 85) return settle_one();
    if (dice < 99) return pass_time();
    reopen();
    model_.restart(now());
  }

  void send_one() {
    OutgoingMessage outgoing = message("x");
    outgoing.priority = static_cast<int>(pick(0, 9));
    if (pick(0, 3) == 0) outgoing.delay = Millis(pick(0, 20'000));
    const bool waits = outgoing.delay && outgoing.delay->count() > 0;
    const Serial serial = send(outgoing);
    model_.sent(serial.value(), static_cast<std::uint32_t>(outgoing.priority),
                waits ? std::optional(now() + outgoing.delay->count()) : std::nullopt);
  }

  void claim_some() {
    const auto count = static_cast<std::size_t>(pick(1, 4));
    Claim request = claim_request(count, "w" + std::to_string(pick(1, 3)));
    const std::int64_t lease = pick(0, 1) == 0 ? kLease : pick(1'000, 60'000);
    request.lease = Millis(lease);
    const auto expected = model_.next(count);
    const auto claimed = await(*queues_, &Queues::claim, request);
    ASSERT_TRUE(claimed);
    std::vector<std::uint64_t> won;
    for (const MessageState& held : claimed->messages) {
      won.push_back(held.serial.value());
      tokens_.emplace_back(held.serial.value(), held.claim->token.value());
    }
    ASSERT_EQ(won, expected);
    for (const MessageState& held : claimed->messages) {
      model_.claimed(held.serial.value(), request.actor.holder, held.claim->token.value(), lease, now());
    }
  }

  // With any token that was ever given out, so most are stale.
  void settle_one() {
    if (tokens_.empty()) return;
    const auto from = pick(0, 2) == 0 ? 0 : std::max<std::int64_t>(0, static_cast<std::int64_t>(tokens_.size()) - 8);
    const auto [serial, token] = tokens_[static_cast<std::size_t>(pick(from, static_cast<std::int64_t>(tokens_.size()) - 1))];
    Settlement item{Serial(serial), ModSeq(token), static_cast<Kind>(pick(0, 4)), "why", {}};
    if (item.kind == Kind::kRelease || item.kind == Kind::kFail) {
      if (pick(0, 1) == 0) item.delay = Millis(pick(0, 5'000));
    }
    const bool stranger = pick(0, 9) == 0;
    // Any worker of the user may end a claim; only its holder may keep it for longer.
    const std::string holder = model_.holds(serial, token) && pick(0, 3) > 0 ? model_.messages.at(serial).held->holder : "any";
    const bool may_not_extend = item.kind == Kind::kExtend && holder == "any";
    const auto settled = settle(item, worker(stranger ? "bob" : "ann", holder));
    if (model_.messages.count(serial) == 0) {
      EXPECT_EQ(settled.result, Outcome::kGone);
    } else if (!model_.holds(serial, token)) {
      EXPECT_EQ(settled.result, Outcome::kLeaseLost);
    } else if (stranger || may_not_extend) {
      EXPECT_EQ(settled.result, Outcome::kNoRight);
    } else {
      ASSERT_EQ(settled.result, Outcome::kSettled);
      settled_in_model(item, settled);
    }
  }

  void settled_in_model(const Settlement& item, const SettleOutcome::Item& settled) {
    const std::uint64_t serial = item.serial.value();
    const auto delay = item.delay ? std::optional(item.delay->count()) : std::nullopt;
    switch (item.kind) {
      case Kind::kAck: model_.ack(serial); break;
      case Kind::kRelease: model_.release(serial, delay.value_or(0), now()); break;
      case Kind::kFail: model_.fail(serial, delay, now()); break;
      case Kind::kReject: model_.reject(serial); break;
      case Kind::kExtend:
        model_.extended(serial, settled.new_token.value(), now());
        tokens_.emplace_back(serial, settled.new_token.value());
        break;
    }
  }

  void pass_time() {
    clock_.advance(Millis(pick(0, 1) == 0 ? pick(1, 500) : pick(1, 15'000)));
    sweep();
    model_.sweep(now());
  }

  void compare() {
    const auto there = peek();
    ASSERT_EQ(there.size(), model_.messages.size());
    std::uint64_t ready = 0, held = 0, scheduled = 0;
    for (const MessageState& message : there) {
      const auto at = model_.messages.find(message.serial.value());
      ASSERT_NE(at, model_.messages.end());
      const auto& expected = at->second;
      EXPECT_EQ(message.deliveries, expected.deliveries);
      EXPECT_EQ(message.failures, expected.failures);
      EXPECT_EQ(message.priority, expected.priority);
      EXPECT_EQ(message.ready(), expected.ready());
      EXPECT_EQ(message.flags.contains_keyword("$Scheduled"), expected.due.has_value());
      if (expected.held) {
        ASSERT_TRUE(message.claim);
        EXPECT_EQ(message.claim->token.value(), expected.held->token);
        EXPECT_EQ(message.claim->holder, expected.held->holder);
        EXPECT_EQ(message.claim->deadline->time_since_epoch().count(), expected.held->deadline);
      }
      if (expected.due) {
        EXPECT_EQ(message.claim->deadline->time_since_epoch().count(), *expected.due);
      }
      ready += expected.ready() ? 1 : 0;
      held += expected.held ? 1 : 0;
      scheduled += expected.due ? 1 : 0;
    }
    const auto counters = info().counters;
    EXPECT_EQ(counters.messages, model_.messages.size());
    EXPECT_EQ(counters.ready, ready);
    EXPECT_EQ(counters.claimed, held);
    EXPECT_EQ(counters.scheduled, scheduled);

    std::vector<QueueModel::Dead> dead;
    for (const MessageState& message : peek("q/Dead")) dead.push_back({message.deliveries, message.failures});
    auto expected_dead = model_.dead;
    std::sort(dead.begin(), dead.end());
    std::sort(expected_dead.begin(), expected_dead.end());
    EXPECT_TRUE(dead == expected_dead);
  }

  std::mt19937_64 random_;
  QueueModel model_{{kLease, 3, 1'000, 300'000}};
  std::vector<std::pair<std::uint64_t, std::uint64_t>> tokens_;  // Serial, token: all that were ever given out.
};

class SeededModelTest : public ModelTest, public testing::WithParamInterface<int> {};

TEST_P(SeededModelTest, QueueBehavesAsItsModel) { run(static_cast<std::uint64_t>(GetParam()), 400); }
INSTANTIATE_TEST_SUITE_P(Seeds, SeededModelTest, testing::Range(1, 13));

TEST_F(ModelTest, QueueBehavesAsItsModelByTheSeedAskedFor) {
  const char* seed = std::getenv("CLAIMQ_SEED");
  if (seed == nullptr) GTEST_SKIP() << "CLAIMQ_SEED is not set";
  run(std::strtoull(seed, nullptr, 10), 400);
}

}  // namespace
}  // namespace broker::queue

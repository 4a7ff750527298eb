#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// What broker/queue/MODEL.md says, in the plainest form: one queue and its dead letters. Times are milliseconds.
namespace support {

class QueueModel {
 public:
  struct Settings {
    std::int64_t lease = 60'000;
    std::uint32_t failures_max = 5;
    std::int64_t backoff_base = 1'000;
    std::int64_t backoff_cap = 300'000;
  };
  struct Message {
    std::uint32_t priority = 4;
    std::uint32_t deliveries = 0;
    std::uint32_t failures = 0;
    std::optional<std::int64_t> due;  // Scheduled.
    struct Held {
      std::string holder;
      std::uint64_t token;
      std::int64_t lease;
      std::int64_t deadline;
    };
    std::optional<Held> held;
    bool ready() const { return !due && !held; }
  };
  struct Dead {
    std::uint32_t deliveries;
    std::uint32_t failures;
    friend auto operator<=>(const Dead&, const Dead&) = default;
  };

  explicit QueueModel(Settings settings) : settings_(settings) {}

  void sent(std::uint64_t serial, std::uint32_t priority, std::optional<std::int64_t> due) {
    messages[serial] = Message{priority, 0, 0, due, std::nullopt};
  }
  // The serials that a claim must win, in order.
  std::vector<std::uint64_t> next(std::size_t count) const {
    std::vector<std::uint64_t> order;
    for (const auto& [serial, message] : messages) {
      if (message.ready()) order.push_back(serial);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return messages.at(a).priority > messages.at(b).priority; });
    order.resize(std::min(order.size(), count));
    return order;
  }
  void claimed(std::uint64_t serial, const std::string& holder, std::uint64_t token, std::int64_t lease, std::int64_t now) {
    Message& message = messages.at(serial);
    ++message.deliveries;
    message.held = Message::Held{holder, token, lease, now + lease};
  }
  bool holds(std::uint64_t serial, std::uint64_t token) const {
    const auto at = messages.find(serial);
    return at != messages.end() && at->second.held && at->second.held->token == token;
  }
  void ack(std::uint64_t serial) { messages.erase(serial); }
  void release(std::uint64_t serial, std::int64_t delay, std::int64_t now) { give_back(messages.at(serial), delay, now); }
  void fail(std::uint64_t serial, std::optional<std::int64_t> delay, std::int64_t now) {
    Message& message = messages.at(serial);
    ++message.failures;
    if (message.failures >= settings_.failures_max) return reject(serial);
    std::int64_t wait = settings_.backoff_base;
    for (std::uint32_t i = 1; i < message.failures; ++i) wait = std::min(wait * 2, settings_.backoff_cap);
    give_back(message, delay.value_or(std::min(wait, settings_.backoff_cap)), now);
  }
  void reject(std::uint64_t serial) {
    dead.push_back({messages.at(serial).deliveries, messages.at(serial).failures});
    messages.erase(serial);
  }
  void extended(std::uint64_t serial, std::uint64_t token, std::int64_t now) {
    auto& held = *messages.at(serial).held;
    held.token = token;
    held.lease = settings_.lease;
    held.deadline = now + settings_.lease;
  }
  void sweep(std::int64_t now) {
    std::vector<std::uint64_t> expired;
    for (auto& [serial, message] : messages) {
      if (message.due && *message.due <= now) message.due.reset();
      if (message.held && message.held->deadline <= now) expired.push_back(serial);
    }
    for (const std::uint64_t serial : expired) fail(serial, std::nullopt, now);
  }
  void restart(std::int64_t now) {
    for (auto& [serial, message] : messages) {
      if (!message.held) continue;
      message.held->deadline = std::max(message.held->deadline, now + std::min<std::int64_t>(message.held->lease, 30'000));
    }
  }

  std::map<std::uint64_t, Message> messages;
  std::vector<Dead> dead;

 private:
  static void give_back(Message& message, std::int64_t delay, std::int64_t now) {
    message.held.reset();
    if (delay > 0) message.due = now + delay;
  }
  Settings settings_;
};

}  // namespace support

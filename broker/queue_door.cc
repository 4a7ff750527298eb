#include "broker/queue_door.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string_view>

#include "broker/queue/policy.h"

namespace broker {
namespace {

using imapd::Code;
using imapd::make_error;
using imapd::Millis;
using imapd::Result;
using imapd::store::MailboxInfo;
using imapd::store::Policy;

imapd::Error invalid(std::string_view name, const std::string& what) {
  return make_error(Code::kInvalidArgument, std::string(name) + ": " + what);
}

// `digits` decimals behind the point, which may be left out: 1.5 with three is 1500.
std::optional<std::uint64_t> parse_decimal(std::string_view text, std::size_t digits) {
  std::string_view whole = text.substr(0, text.find('.'));
  std::string_view part = whole.size() == text.size() ? std::string_view() : text.substr(whole.size() + 1);
  if (whole.size() != text.size() && part.empty()) return std::nullopt;
  if (whole.empty() || part.size() > digits) return std::nullopt;
  const std::string all = std::string(whole) + std::string(part) + std::string(digits - part.size(), '0');
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(all.data(), all.data() + all.size(), value);
  if (error != std::errc() || end != all.data() + all.size()) return std::nullopt;
  return value;
}

std::string decimal_text(std::uint64_t value, std::size_t digits) {
  std::string text = std::to_string(value);
  if (text.size() <= digits) text.insert(0, digits + 1 - text.size(), '0');
  text.insert(text.size() - digits, 1, '.');
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

constexpr std::size_t kMillisDigits = 3;
constexpr std::size_t kPercentDigits = 2;

// How a field of Policy is shown and read.
struct Field {
  std::string_view name;
  std::string (*show)(const Policy&);
  Result<void> (*read)(Policy&, std::string_view name, const std::string& value);
  void (*reset)(Policy&);
};

std::string show(Millis value) { return decimal_text(static_cast<std::uint64_t>(value.count()), kMillisDigits); }
std::string show(bool value) { return value ? "true" : "false"; }
std::string show(std::uint64_t value) { return std::to_string(value); }
std::string show(std::uint32_t value) { return std::to_string(value); }
std::string show(const std::string& value) { return value; }

Result<void> read(Millis& to, std::string_view name, const std::string& value) {
  const auto millis = parse_decimal(value, kMillisDigits);
  if (!millis || *millis > static_cast<std::uint64_t>(INT64_MAX)) return invalid(name, "is not a number of seconds");
  to = Millis(static_cast<std::int64_t>(*millis));
  return {};
}
Result<void> read(bool& to, std::string_view name, const std::string& value) {
  if (value != "true" && value != "false") return invalid(name, "is neither true nor false");
  to = value == "true";
  return {};
}
Result<void> read(std::uint64_t& to, std::string_view name, const std::string& value) {
  const auto number = parse_decimal(value, 0);
  if (!number) return invalid(name, "is not a number");
  to = *number;
  return {};
}
Result<void> read(std::uint32_t& to, std::string_view name, const std::string& value) {
  const auto number = parse_decimal(value, 0);
  if (!number || *number > UINT32_MAX) return invalid(name, "is not a number");
  to = static_cast<std::uint32_t>(*number);
  return {};
}
Result<void> read(std::string& to, std::string_view, const std::string& value) {
  to = value;
  return {};
}

template <auto member>
constexpr Field field(std::string_view name) {
  return {name, [](const Policy& policy) { return show(policy.*member); },
          [](Policy& policy, std::string_view named, const std::string& value) { return read(policy.*member, named, value); },
          [](Policy& policy) { policy.*member = Policy().*member; }};
}

std::string show_factor(const Policy& policy) { return decimal_text(policy.backoff_factor_percent, kPercentDigits); }
Result<void> read_factor(Policy& policy, std::string_view name, const std::string& value) {
  const auto percent = parse_decimal(value, kPercentDigits);
  if (!percent || *percent > UINT32_MAX) return invalid(name, "is not a number with at most two decimals");
  policy.backoff_factor_percent = static_cast<std::uint32_t>(*percent);
  return {};
}

constexpr std::array kFields = {
    field<&Policy::lease_default>("lease"),
    field<&Policy::lease_min>("lease-min"),
    field<&Policy::lease_max>("lease-max"),
    field<&Policy::failures_max>("failures-max"),
    field<&Policy::dead_letters>("dead-letters"),
    field<&Policy::backoff_base>("backoff-base"),
    Field{"backoff-factor", show_factor, read_factor,
          [](Policy& policy) { policy.backoff_factor_percent = Policy().backoff_factor_percent; }},
    field<&Policy::backoff_cap>("backoff-cap"),
    field<&Policy::release_on_disconnect>("release-on-disconnect"),
    field<&Policy::messages_max>("messages-max"),
    field<&Policy::bytes_max>("bytes-max"),
    field<&Policy::enqueue_paused>("enqueue-paused"),
    field<&Policy::claim_paused>("claim-paused"),
};
constexpr std::array<std::string_view, 5> kCounters = {"ready", "scheduled", "claimed", "dead", "oldest-age"};

Result<void> apply(Policy& policy, const PolicyDoor::Change::Item& item) {
  if (std::find(kCounters.begin(), kCounters.end(), item.name) != kCounters.end()) {
    return make_error(Code::kFailedPrecondition, item.name + ": is counted, it cannot be set");
  }
  for (const Field& field : kFields) {
    if (field.name != item.name) continue;
    if (item.value) return field.read(policy, field.name, *item.value);
    field.reset(policy);
    return {};
  }
  return invalid(item.name, "is no setting of a queue");
}

bool is_queue(const MailboxInfo& mailbox) {
  return mailbox.selectable && mailbox.path.owner.empty() && mailbox.kind != imapd::store::MailboxKind::kPersonal;
}

}  // namespace

std::vector<PolicyDoor::Setting> PolicyDoor::settings(const MailboxInfo& mailbox, const MayCount& may_count) const {
  std::vector<Setting> all;
  if (!is_queue(mailbox)) return all;
  for (const Field& field : kFields) all.push_back({std::string(field.name), field.show(mailbox.policy)});
  all.push_back({"ready", std::to_string(mailbox.counters.ready)});
  all.push_back({"scheduled", std::to_string(mailbox.counters.scheduled)});
  all.push_back({"claimed", std::to_string(mailbox.counters.claimed)});
  const auto dead = store_.find_mailbox({std::string(), queue::dead_letters_name(mailbox.path.name, mailbox.policy)});
  if (!dead) {
    all.push_back({"dead", "0"});
  } else if (may_count(*dead)) {
    all.push_back({"dead", std::to_string(dead->counters.messages)});
  }
  queue::Peek first;
  first.queue = mailbox.path.name;
  first.count_max = 1;
  const auto oldest = queues_.peek(first);
  if (oldest && !oldest->messages.empty()) {
    const Millis age = clock_.now() - oldest->messages.front().saved;
    all.push_back({"oldest-age", show(std::max(age, Millis(0)))});
  }
  return all;
}

void PolicyDoor::change(Change change, imapd::Callback<Result<void>> done) {
  const auto queue = store_.mailbox(change.queue);
  if (!queue || !is_queue(*queue)) return done(make_error(Code::kNotFound, "there is no such queue"));
  queue::UpdateQueue update{queue->path.name, queue->policy, queue->policy};
  for (const Change::Item& item : change.items) {
    if (Result<void> applied = apply(update.policy, item); !applied) return done(std::move(applied));
  }
  const std::string dead = queue::dead_letters_name(queue->path.name, update.policy);
  if (update.policy.dead_letters != queue->policy.dead_letters && dead != queue->path.name + "/Dead" &&
      !change.may_send_to(dead)) {
    return done(make_error(Code::kPermissionDenied, "dead-letters: you do not have the right to send them there"));
  }
  queues_.update_queue(std::move(update), [done = std::move(done)](Result<MailboxInfo> updated) mutable {
    if (!updated) return done(Result<void>(std::move(updated.error())));
    done(Result<void>());
  });
}

}  // namespace broker

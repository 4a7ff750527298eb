#include "broker/queue/policy.h"

#include <set>

#include "imapd/base/limits.h"

namespace broker::queue {

using imapd::Code;
using imapd::make_error;
using imapd::Millis;
using imapd::Result;
using imapd::store::Policy;
namespace limits = imapd::limits;

namespace {

constexpr std::uint32_t kFactorPercentMin = 100;
constexpr std::uint32_t kFactorPercentMax = 1'000;

// The bytes of the character that `text` begins with; 0 when it does not begin with well-formed UTF-8 (RFC 3629, section 4).
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;  // Overlong; surrogates.
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;  // Overlong; above U+10FFFF.
  return length;
}

bool is_inbox(std::string_view level) {
  constexpr std::string_view kInbox = "INBOX";
  if (level.size() != kInbox.size()) return false;
  for (std::size_t i = 0; i < kInbox.size(); ++i) {
    const char c = level[i];
    if ((c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c) != kInbox[i]) return false;
  }
  return true;
}

imapd::Error invalid(std::string message) { return make_error(Code::kInvalidArgument, std::move(message)); }

std::string text(Millis value) { return std::to_string(value.count()) + " ms"; }

Result<void> validate_characters(std::string_view name) {
  for (std::size_t at = 0; at < name.size();) {
    const auto byte = static_cast<unsigned char>(name[at]);
    const std::size_t length = character_bytes(name.substr(at));
    if (length == 0) return invalid("queue name: not UTF-8");
    const bool c1 = length == 2 && byte == 0xC2 && static_cast<unsigned char>(name[at + 1]) < 0xA0;
    if (byte < 0x20 || byte == 0x7F || c1) return invalid("queue name: holds a control character");
    if (byte == '*' || byte == '%') return invalid("queue name: holds a wildcard (* or %)");
    at += length;
  }
  return {};
}

}  // namespace

Result<void> validate_queue_name(std::string_view name) {
  if (name.empty()) return invalid("queue name: empty");
  if (name.size() > limits::kMailboxNameBytesMax) {
    return invalid("queue name: longer than " + std::to_string(limits::kMailboxNameBytesMax) + " bytes");
  }
  TRY(validate_characters(name));
  if (name.front() == '/' || name.back() == '/' || name.find("//") != std::string_view::npos) {
    return invalid("queue name: a level between slashes is empty");
  }
  std::size_t depth = 1;
  for (const char c : name) depth += c == '/' ? 1 : 0;
  if (depth > limits::kMailboxDepthMax) {
    return invalid("queue name: more than " + std::to_string(limits::kMailboxDepthMax) + " levels");
  }
  const std::string_view top = name.substr(0, name.find('/'));
  if (is_inbox(top)) return invalid("queue name: INBOX is each user's own mailbox");
  if (top == "Work") return invalid("queue name: Work is reserved for the consumers' view of the queues");
  return {};
}

std::string dead_letters_name(const std::string& queue, const Policy& policy) {
  return policy.dead_letters.empty() ? queue + "/Dead" : policy.dead_letters;
}

namespace {

Result<void> validate_leases(const Policy& policy) {
  const Millis highest = limits::kLeaseMax;
  if (policy.lease_min < limits::kLeaseMin || policy.lease_min > highest) {
    return invalid("lease_min: " + text(policy.lease_min) + " is not within " + text(limits::kLeaseMin) + " and " + text(highest));
  }
  if (policy.lease_max < policy.lease_min || policy.lease_max > highest) {
    return invalid("lease_max: " + text(policy.lease_max) + " is not within lease_min (" + text(policy.lease_min) + ") and " +
                   text(highest));
  }
  if (policy.lease_default < policy.lease_min || policy.lease_default > policy.lease_max) {
    return invalid("lease_default: " + text(policy.lease_default) + " is not within lease_min (" + text(policy.lease_min) +
                   ") and lease_max (" + text(policy.lease_max) + ")");
  }
  return {};
}

Result<void> validate_retries(const Policy& policy) {
  if (policy.failures_max < 1 || policy.failures_max > limits::kFailuresMax) {
    return invalid("failures_max: " + std::to_string(policy.failures_max) + " is not within 1 and " +
                   std::to_string(limits::kFailuresMax));
  }
  const std::uint32_t factor = policy.backoff_factor_percent;
  if (factor < kFactorPercentMin || factor > kFactorPercentMax) {
    return invalid("backoff_factor_percent: " + std::to_string(factor) + " is not within " + std::to_string(kFactorPercentMin) +
                   " and " + std::to_string(kFactorPercentMax));
  }
  const Millis longest = limits::kDelayMax;
  if (policy.backoff_base < Millis(0) || policy.backoff_base > longest) {
    return invalid("backoff_base: " + text(policy.backoff_base) + " is not within 0 ms and " + text(longest));
  }
  if (policy.backoff_cap < policy.backoff_base || policy.backoff_cap > longest) {
    return invalid("backoff_cap: " + text(policy.backoff_cap) + " is not within backoff_base (" + text(policy.backoff_base) +
                   ") and " + text(longest));
  }
  return {};
}

}  // namespace

Result<void> validate_policy(const Policy& policy, const std::string& queue, const PolicyLookup& lookup) {
  TRY(validate_leases(policy));
  TRY(validate_retries(policy));
  std::string next = dead_letters_name(queue, policy);
  if (const Result<void> named = validate_queue_name(next); !named) return invalid("dead_letters: " + named.error().message);
  std::set<std::string> seen;
  while (seen.insert(next).second) {
    if (next == queue) {
      return invalid(seen.size() == 1 ? "dead_letters: a queue cannot be its own dead letters"
                                      : "dead_letters: " + dead_letters_name(queue, policy) + " leads back to " + queue);
    }
    const std::optional<Policy> following = lookup(next);
    if (!following) break;
    next = dead_letters_name(next, *following);
  }
  return {};
}

Result<void> validate_lease(const Policy& policy, Millis asked) {
  if (asked < policy.lease_min || asked > policy.lease_max) {
    return invalid("lease: " + text(asked) + " is not within the queue's " + text(policy.lease_min) + " and " +
                   text(policy.lease_max));
  }
  return {};
}

Result<void> validate_delay(Millis asked) {
  if (asked < Millis(0) || asked > limits::kDelayMax) {
    return invalid("delay: " + text(asked) + " is not within 0 ms and " + text(limits::kDelayMax));
  }
  return {};
}

Millis back_off(const Policy& policy, std::uint32_t failures) {
  Millis wait = policy.backoff_base;
  // Ends early: with the least factor above 100 % it grows, and with 100 % or a base of 0 it never does.
  for (std::uint32_t i = 1; i < failures && wait < policy.backoff_cap; ++i) {
    const Millis longer{wait.count() * static_cast<std::int64_t>(policy.backoff_factor_percent) / 100};
    if (longer <= wait) break;
    wait = longer;
  }
  return std::min(wait, policy.backoff_cap);
}

}  // namespace broker::queue

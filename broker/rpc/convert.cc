#include "broker/rpc/convert.h"

#include <algorithm>
#include <utility>

#include "imapd/ops/log.h"

namespace broker::rpc {

namespace store = imapd::store;
namespace v1 = claimq::v1;
using imapd::Millis;
using imapd::Timestamp;

namespace {

constexpr std::size_t kOverheadBytesPerMessage = 256;
constexpr std::uint64_t kGuessedMessageBytes = 4 * 1024;

bool is_attribute_name(std::string_view name) {
  if (name.empty() || name.size() > kAttributeNameBytesMax) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

bool is_header_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

v1::MessageState state_of(const store::MessageState& state) {
  if (!state.claim) return state.ready() ? v1::MESSAGE_STATE_READY : v1::MESSAGE_STATE_UNSPECIFIED;
  return state.claim->door == store::Door::kSchedule ? v1::MESSAGE_STATE_SCHEDULED : v1::MESSAGE_STATE_CLAIMED;
}

void fill_state(const std::string& queue, const store::MessageState& state, v1::QueuedMessage& to) {
  to.set_queue(queue);
  to.set_serial(state.serial.value());
  to.set_uid(state.uid.value());
  to.set_state(state_of(state));
  to.set_mod_seq(state.mod_seq.value());
  to.set_deliveries(state.deliveries);
  to.set_failures(state.failures);
  set_timestamp(*to.mutable_enqueue_time(), state.saved);
  for (const imapd::Flag& flag : state.flags.flags()) to.add_flags(flag.name());
  to.mutable_message()->set_priority(state.priority);
  to.mutable_message()->set_key(to_utf8(state.key));
  to.mutable_message()->set_group(to_utf8(state.group));
  if (!state.claim) return;
  if (state.claim->door == store::Door::kSchedule) {
    if (state.claim->deadline) set_timestamp(*to.mutable_message()->mutable_due_time(), *state.claim->deadline);
    return;
  }
  to.set_holder(to_utf8(state.claim->holder));
  if (state.claim->deadline) set_timestamp(*to.mutable_lease_deadline(), *state.claim->deadline);
}

}  // namespace

void set_timestamp(google::protobuf::Timestamp& to, Timestamp from) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(from);
  to.set_seconds(seconds.time_since_epoch().count());
  to.set_nanos(static_cast<std::int32_t>((from - seconds).count() * 1'000'000));
}

void set_duration(google::protobuf::Duration& to, Millis from) {
  to.set_seconds(from.count() / 1'000);
  to.set_nanos(static_cast<std::int32_t>(from.count() % 1'000 * 1'000'000));
}

std::string to_utf8(std::string text) {
  if (is_valid_utf8(text)) return text;
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  std::string clean;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = 1;
    while (length <= 4 && i + length <= text.size() && !is_valid_utf8(std::string_view(text).substr(i, length))) ++length;
    if (length > 4 || i + length > text.size()) {
      clean += kReplacement;
      ++i;
    } else {
      clean.append(text, i, length);
      i += length;
    }
  }
  return clean;
}

queue::OutgoingMessage outgoing_message(const v1::Message& message, const std::string& field, FieldChecks& checks) {
  queue::OutgoingMessage outgoing;
  if (static_cast<std::size_t>(message.attributes_size()) > kAttributesMax) {
    checks.violation(field + ".attributes", "are more than " + std::to_string(kAttributesMax));
  }
  for (const auto& [name, value] : message.attributes()) {
    if (!is_attribute_name(name)) {
      checks.violation(field + ".attributes", "have a name that is not 1 to 256 bytes of [A-Za-z0-9._-]");
    }
    checks.text(field + ".attributes", value, kAttributeValueBytesMax);
    outgoing.attributes.emplace(name, value);
  }
  checks.text(field + ".content_type", message.content_type(), kContentTypeBytesMax);
  if (!is_header_text(message.content_type())) checks.violation(field + ".content_type", "holds a control character");
  checks.text(field + ".key", message.key(), kKeyBytesMax);
  checks.text(field + ".group", message.group(), kGroupBytesMax);
  if (message.has_priority()) {
    checks.number(field + ".priority", message.priority(), {0, 9});
    outgoing.priority = static_cast<int>(std::min(message.priority(), 9u));
  }
  if (message.has_delay() && message.has_due_time()) checks.violation(field + ".due_time", "stands beside a delay");
  if (message.has_delay()) outgoing.delay = checks.duration(field + ".delay", message.delay(), {Millis(0), kDelayMax});
  if (message.has_due_time()) outgoing.due = checks.timestamp(field + ".due_time", message.due_time());
  outgoing.content_type = message.content_type();
  outgoing.body = message.body();
  outgoing.key = message.key();
  outgoing.group = message.group();
  return outgoing;
}

Outcome<void> fill_message(const Services& services, const std::string& queue, const store::MessageState& state,
                           Content content, v1::QueuedMessage& to) {
  fill_state(queue, state, to);
  if (content == Content::kNone) return {};
  auto delivery = services.queues.load(state);
  if (!delivery) return failure_of(delivery.error(), {.not_found = "MESSAGE_GONE"});
  imapd::mime::QueueMessage& decoded = delivery->content;
  v1::Message& message = *to.mutable_message();
  for (auto& [name, value] : decoded.attributes) (*message.mutable_attributes())[to_utf8(name)] = to_utf8(std::move(value));
  message.set_content_type(to_utf8(std::move(decoded.content_type)));
  if (message.key().empty()) message.set_key(to_utf8(std::move(decoded.key)));
  if (message.group().empty()) message.set_group(to_utf8(std::move(decoded.group)));
  if (content != Content::kNoBody) message.set_body(std::move(decoded.body));
  if (content != Content::kRaw) return {};
  auto raw = services.queues.load_raw(state);
  if (!raw) return failure_of(raw.error(), {.not_found = "MESSAGE_GONE"});
  to.set_raw(std::move(*raw));
  return {};
}

Loaded fill_claims(const Services& services, const std::string& queue, std::vector<store::MessageState> claimed,
                   LoadOptions options, google::protobuf::RepeatedPtrField<v1::Claim>& to) {
  Loaded loaded;
  std::size_t bytes = 0;
  for (store::MessageState& state : claimed) {
    const std::size_t size = state.size() * (options.content == Content::kRaw ? 2 : 1) + kOverheadBytesPerMessage;
    if (!loaded.delivered.empty() && bytes + size > options.bytes_max) {
      loaded.beyond.push_back(std::move(state));
      continue;
    }
    v1::Claim& claim = *to.Add();
    const auto filled = fill_message(services, queue, state, options.content, *claim.mutable_message());
    if (!filled) {
      to.RemoveLast();
      if (filled.error().reason == "MESSAGE_GONE") continue;
      imapd::ops::log_error("message_unreadable", {{"queue", queue}, {"serial", state.serial.value()}});
      loaded.unreadable.push_back(std::move(state));
      continue;
    }
    bytes += size;
    claim.set_token(state.claim->token.value());
    if (state.claim->deadline) set_timestamp(*claim.mutable_deadline(), *state.claim->deadline);
    loaded.delivered.push_back(std::move(state));
  }
  return loaded;
}

store::Settlement settlement_of(const store::MessageState& claimed, store::Settlement::Kind kind) {
  store::Settlement settlement;
  settlement.serial = claimed.serial;
  settlement.token = claimed.claim->token;
  settlement.kind = kind;
  return settlement;
}

void release_all(const Services& services, const std::string& queue, const store::Actor& actor,
                 std::vector<store::Settlement> items) {
  if (items.empty()) return;
  services.queues.settle({queue, std::move(items), actor}, [](imapd::Result<store::SettleOutcome>) {});
}

void give_back(const Services& services, const std::string& queue, const store::Actor& actor, const Loaded& loaded) {
  std::vector<store::Settlement> items;
  for (const store::MessageState& state : loaded.beyond) {
    items.push_back(settlement_of(state, store::Settlement::Kind::kRelease));
  }
  for (const store::MessageState& state : loaded.unreadable) {
    items.push_back(settlement_of(state, store::Settlement::Kind::kFail));
    items.back().reason = "unreadable";
  }
  release_all(services, queue, actor, std::move(items));
}

std::size_t count_that_fits(const store::Counters& counters, std::size_t bytes_max) {
  const std::uint64_t average = counters.messages == 0 ? kGuessedMessageBytes : counters.size_bytes / counters.messages;
  return std::max<std::size_t>(1, bytes_max / (average + kOverheadBytesPerMessage));
}

void fill_result(const store::Settlement& asked, const store::SettleOutcome::Item& item, v1::SettleResult& to) {
  using Result = store::SettleOutcome::Result;
  to.set_serial(asked.serial.value());
  switch (item.result) {
    case Result::kSettled: to.mutable_status(); break;
    case Result::kLeaseLost: return fill_status(lease_lost(), *to.mutable_status());
    case Result::kGone: return fill_status(message_gone(), *to.mutable_status());
    case Result::kNoRight: return fill_status(no_right("settle this claim"), *to.mutable_status());
  }
  if (asked.kind == store::Settlement::Kind::kExtend) to.set_new_token(item.new_token.value());
  if (item.deadline) set_timestamp(*to.mutable_deadline(), *item.deadline);
  if (item.dead_letters) to.set_dead_letters(item.dead_letters->name);
}

}  // namespace broker::rpc

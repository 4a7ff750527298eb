#include <algorithm>
#include <string_view>
#include <utility>

#include "broker/queue/policy.h"
#include "broker/queue/queue.h"
#include "broker/queue/state.h"
#include "imapd/base/limits.h"

namespace broker::queue {

using imapd::Callback;
using imapd::Code;
using imapd::Error;
using imapd::make_error;
using imapd::Result;
using imapd::store::Append;
using imapd::store::AppendOutcome;
using imapd::store::MailboxInfo;
using imapd::store::NewMessage;
namespace limits = imapd::limits;

namespace {

Error invalid(std::string message) { return make_error(Code::kInvalidArgument, std::move(message)); }

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// [A-Za-z0-9][A-Za-z0-9._-]*
bool is_attribute_name(std::string_view name) {
  if (name.empty() || name.size() > limits::kAttributeNameBytesMax || !is_letter_or_digit(name.front())) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Result<void> validate(const OutgoingMessage& message) {
  if (message.attributes.size() > limits::kAttributesMax) {
    return invalid("attributes: more than " + std::to_string(limits::kAttributesMax));
  }
  for (const auto& [name, value] : message.attributes) {
    if (!is_attribute_name(name)) {
      return invalid("attributes: a name is a letter or digit, then letters, digits, dots, underscores and hyphens, at most " +
                     std::to_string(limits::kAttributeNameBytesMax));
    }
    if (value.size() > limits::kAttributeValueBytesMax) {
      return invalid("attributes: a value has more than " + std::to_string(limits::kAttributeValueBytesMax) + " bytes");
    }
  }
  if (message.content_type.size() > limits::kContentTypeBytesMax || has_control(message.content_type)) {
    return invalid("content_type: longer than " + std::to_string(limits::kContentTypeBytesMax) + " bytes, or a control character");
  }
  if (message.key.size() > limits::kKeyBytesMax) {
    return invalid("key: more than " + std::to_string(limits::kKeyBytesMax) + " bytes");
  }
  if (message.group.size() > limits::kKeyBytesMax) {
    return invalid("group: more than " + std::to_string(limits::kKeyBytesMax) + " bytes");
  }
  if (message.priority < 0 || message.priority > 9) return invalid("priority: not within 0 and 9");
  if (message.delay && message.due) return invalid("delay and due: only one of them");
  if (message.delay) return validate_delay(*message.delay);
  return {};
}

Result<std::optional<imapd::Timestamp>> due_time(const OutgoingMessage& message, imapd::Timestamp now) {
  std::optional<imapd::Timestamp> due = message.due;
  if (message.delay) due = now + *message.delay;
  if (due && *due <= now) due.reset();
  if (due && *due - now > limits::kDelayMax) return invalid("due: more than a year ahead");
  return due;
}

Error too_large() {
  return make_error(Code::kResourceExhausted,
                    "more than " + std::to_string(limits::kMessageBytesMax) + " bytes as an internet message");
}

}  // namespace

Result<NewMessage> Queues::State::compose(OutgoingMessage message, const std::string& queue, imapd::Timestamp now) {
  TRY(validate(message));
  TRY_ASSIGN(due, due_time(message, now));
  if (message.body.size() > limits::kMessageBytesMax) return too_large();
  imapd::mime::QueueMessage content;
  content.attributes = std::move(message.attributes);
  content.content_type = std::move(message.content_type);
  content.body = std::move(message.body);
  content.key = message.key;
  content.group = message.group;
  content.priority = message.priority;
  content.message_id = instance + "." + std::to_string(next_message.fetch_add(1)) + "@claimq";
  content.date = now;
  content.queue = queue;

  NewMessage stored;
  stored.body = imapd::mime::compose(content);
  if (stored.body.size() > limits::kMessageBytesMax) return too_large();
  stored.priority = static_cast<std::uint32_t>(message.priority);
  stored.key = std::move(message.key);
  stored.group = std::move(message.group);
  stored.due = due;
  return stored;
}

Result<Append> Queues::State::append_of(Enqueue request) {
  TRY_ASSIGN(queue, find(request.queue));
  if (queue.kind == imapd::store::MailboxKind::kDeadLetters) {
    return make_error(Code::kFailedPrecondition, "dead letters take no new messages");
  }
  if (request.messages.empty() || request.messages.size() > limits::kEnqueueBatchMax) {
    return invalid("1 to " + std::to_string(limits::kEnqueueBatchMax) + " messages");
  }
  Append append;
  append.mailbox = queue.id;
  append.actor = std::move(request.actor);
  append.messages.reserve(request.messages.size());
  const imapd::Timestamp now = clock.now();
  std::size_t bytes = 0;
  for (OutgoingMessage& message : request.messages) {
    TRY_ASSIGN(composed, compose(std::move(message), request.queue, now));
    bytes += composed.body.size();
    if (bytes > limits::kMessageBytesMax) return too_large();
    append.messages.push_back(std::move(composed));
  }
  return append;
}

void Queues::enqueue(Enqueue request, Callback<Result<EnqueueOutcome>> done) {
  Result<Append> append = state_->append_of(std::move(request));
  if (!append) return done(std::move(append.error()));
  state_->store.append(std::move(*append), [done = std::move(done)](Result<AppendOutcome> appended) mutable {
    if (!appended) return done(std::move(appended.error()));
    done(EnqueueOutcome{std::move(appended->serials), std::move(appended->mod_seqs)});
  });
}

}  // namespace broker::queue

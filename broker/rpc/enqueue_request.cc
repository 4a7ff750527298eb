#include "broker/rpc/enqueue_request.h"

#include <algorithm>

#include "broker/rpc/convert.h"
#include "imapd/base/limits.h"

namespace broker::rpc {

namespace {

namespace limits = imapd::limits;

// base64 makes three bytes four, and a line end for every 76 of them.
constexpr std::size_t kSurelyFits = limits::kMessageBytesMax / 4 * 3 - limits::kMessageBytesMax / 64;

}  // namespace

Outcome<EnqueueRequest> enqueue_request(const Services& services, const Caller& caller, const std::string& queue,
                                        const Messages& messages, std::size_t message_bytes_max) {
  FieldChecks checks;
  checks.queue_name("queue", queue);
  checks.number("messages", static_cast<std::uint64_t>(messages.size()), {1, limits::kEnqueueBatchMax});
  if (!checks.ok()) return std::move(checks).failure();
  auto access = access_queue(services, caller, queue, imapd::auth::Right::kInsert, "enqueue into this queue");
  if (!access) return access.error();

  EnqueueRequest request;
  request.verb.queue = queue;
  request.verb.actor = actor_of(caller, *access, "");
  request.is_dead_letters = access->info.kind == imapd::store::MailboxKind::kDeadLetters;
  std::size_t largest = 0;
  for (int i = 0; i < messages.size(); ++i) {
    const std::string field = "messages[" + std::to_string(i) + "]";
    request.verb.messages.push_back(outgoing_message(messages[i], field, checks));
    largest = std::max(largest, messages[i].body().size());
    request.bytes += messages[i].body().size();
  }
  if (!checks.ok()) return std::move(checks).failure();
  if (largest > message_bytes_max) {
    return Failure{StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE", "a body is larger than a message may be", {}};
  }
  return request;
}

Failure enqueue_failure(const imapd::Error& error, std::size_t bytes, bool is_dead_letters) {
  return failure_of(error, {.failed_precondition = is_dead_letters ? "DEAD_LETTERS" : "QUEUE_PAUSED",
                            .resource_exhausted = bytes > kSurelyFits ? "MESSAGE_TOO_LARGE" : "QUEUE_FULL"});
}

}  // namespace broker::rpc

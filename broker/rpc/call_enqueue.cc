#include <algorithm>

#include "broker/rpc/convert.h"
#include "broker/rpc/queue_calls.h"
#include "imapd/base/limits.h"

namespace broker::rpc {

namespace {

namespace limits = imapd::limits;
using imapd::Task;
namespace v1 = claimq::v1;

// base64 makes three bytes four, and a line end for every 76 of them.
constexpr std::size_t kSurelyFits = limits::kMessageBytesMax / 4 * 3 - limits::kMessageBytesMax / 64;

Failure refused(const imapd::Error& error, const imapd::store::Policy& policy, std::size_t largest) {
  return failure_of(error, {.failed_precondition = policy.enqueue_paused ? "QUEUE_PAUSED" : "DEAD_LETTERS",
                            .resource_exhausted = largest > kSurelyFits ? "MESSAGE_TOO_LARGE" : "QUEUE_FULL"});
}

}  // namespace

Task<Outcome<void>> QueueCalls::enqueue(Call& call, const v1::EnqueueRequest& request, v1::EnqueueResponse& response) {
  FieldChecks checks;
  checks.queue_name("queue", request.queue());
  checks.number("messages", static_cast<std::uint64_t>(request.messages_size()), {1, limits::kEnqueueBatchMax});
  if (!checks.ok()) co_return std::move(checks).failure();
  auto access = access_queue(services_, call.caller, request.queue(), imapd::auth::Right::kInsert, "enqueue into this queue");
  if (!access) co_return access.error();

  queue::Enqueue enqueue;
  enqueue.queue = request.queue();
  enqueue.actor = actor_of(call.caller, *access, "");
  std::size_t largest = 0;
  for (int i = 0; i < request.messages_size(); ++i) {
    const std::string field = "messages[" + std::to_string(i) + "]";
    enqueue.messages.push_back(outgoing_message(request.messages(i), field, checks));
    largest = std::max(largest, request.messages(i).body().size());
  }
  if (!checks.ok()) co_return std::move(checks).failure();
  if (largest > message_bytes_max_) {
    co_return Failure{StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE", "a body is larger than a message may be", {}};
  }

  auto outcome = co_await imapd::async(services_.queues, &queue::Queues::enqueue, std::move(enqueue));
  if (!outcome) co_return refused(outcome.error(), access->info.policy, largest);
  for (const imapd::Serial serial : outcome->serials) response.add_serials(serial.value());
  co_return Outcome<void>();
}

}  // namespace broker::rpc

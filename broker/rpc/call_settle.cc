#include "broker/rpc/convert.h"
#include "broker/rpc/queue_calls.h"

namespace broker::rpc {

namespace store = imapd::store;
namespace v1 = claimq::v1;
using imapd::Millis;
using imapd::Task;
using Kind = store::Settlement::Kind;
using Refs = google::protobuf::RepeatedPtrField<v1::ClaimRef>;

struct QueueCalls::Settling {
  const std::string& queue;
  const std::string& worker_id;
  const Refs& claims;
  Kind kind;
  const std::string* reason = nullptr;
  const google::protobuf::Duration* delay = nullptr;
  const google::protobuf::Duration* lease = nullptr;
};

Failure refusal_of(store::SettleOutcome::Result result) {
  switch (result) {
    case store::SettleOutcome::Result::kGone: return message_gone();
    case store::SettleOutcome::Result::kNoRight: return no_right("settle this claim");
    case store::SettleOutcome::Result::kSettled:
    case store::SettleOutcome::Result::kLeaseLost: break;
  }
  return lease_lost();
}

SettleRight right_for(Kind kind) {
  if (kind == Kind::kAck) return {imapd::auth::Right::kExpunge, "ack in this queue"};
  return {imapd::auth::Right::kWrite, "settle in this queue"};
}

Task<Outcome<void>> QueueCalls::settle(Call& call, Settling settling, Results& results) {
  FieldChecks checks;
  checks.queue_name("queue", settling.queue);
  checks.worker_id("worker_id", settling.worker_id);
  checks.number("claims", static_cast<std::uint64_t>(settling.claims.size()), {1, kSettleBatchMax});
  if (settling.reason != nullptr) checks.text("reason", *settling.reason, kReasonBytesMax);
  std::optional<Millis> delay;
  if (settling.delay != nullptr) delay = checks.duration("delay", *settling.delay, {Millis(0), kDelayMax});
  if (!checks.ok()) co_return std::move(checks).failure();
  const SettleRight needed = right_for(settling.kind);
  auto access = access_queue(services_, call.caller, settling.queue, needed.right, needed.what);
  if (!access) co_return access.error();
  if (settling.lease != nullptr) delay = checked_lease(checks, *settling.lease, access->info.policy);
  if (!checks.ok()) co_return std::move(checks).failure();

  queue::Settle settle;
  settle.queue = settling.queue;
  settle.actor = actor_of(call.caller, *access, settling.worker_id);
  for (const v1::ClaimRef& ref : settling.claims) {
    store::Settlement item;
    item.serial = imapd::Serial(ref.serial());
    item.token = imapd::ModSeq(ref.token());
    item.kind = settling.kind;
    item.delay = delay;
    if (settling.reason != nullptr) item.reason = *settling.reason;
    settle.items.push_back(std::move(item));
  }
  const std::vector<store::Settlement> asked = settle.items;
  auto outcome = co_await imapd::async(services_.queues, &queue::Queues::settle, std::move(settle));
  if (!outcome) co_return failure_of(outcome.error(), {.failed_precondition = "DEAD_LETTERS"});
  if (asked.size() == 1 && outcome->items.front().result != store::SettleOutcome::Result::kSettled) {
    co_return refusal_of(outcome->items.front().result);
  }
  for (std::size_t i = 0; i < asked.size(); ++i) fill_result(asked[i], outcome->items[i], *results.Add());
  co_return Outcome<void>();
}

Task<Outcome<void>> QueueCalls::ack(Call& call, const v1::AckRequest& request, v1::AckResponse& response) {
  return settle(call, {request.queue(), request.worker_id(), request.claims(), Kind::kAck}, *response.mutable_results());
}

Task<Outcome<void>> QueueCalls::release(Call& call, const v1::ReleaseRequest& request, v1::ReleaseResponse& response) {
  Settling settling{request.queue(), request.worker_id(), request.claims(), Kind::kRelease};
  if (request.has_delay()) settling.delay = &request.delay();
  return settle(call, settling, *response.mutable_results());
}

Task<Outcome<void>> QueueCalls::fail(Call& call, const v1::FailRequest& request, v1::FailResponse& response) {
  Settling settling{request.queue(), request.worker_id(), request.claims(), Kind::kFail, &request.reason()};
  if (request.has_delay()) settling.delay = &request.delay();
  return settle(call, settling, *response.mutable_results());
}

Task<Outcome<void>> QueueCalls::reject(Call& call, const v1::RejectRequest& request, v1::RejectResponse& response) {
  return settle(call, {request.queue(), request.worker_id(), request.claims(), Kind::kReject, &request.reason()},
                *response.mutable_results());
}

Task<Outcome<void>> QueueCalls::extend(Call& call, const v1::ExtendRequest& request, v1::ExtendResponse& response) {
  Settling settling{request.queue(), request.worker_id(), request.claims(), Kind::kExtend};
  if (request.has_lease()) settling.lease = &request.lease();
  return settle(call, settling, *response.mutable_results());
}

}  // namespace broker::rpc

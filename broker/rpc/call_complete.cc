#include "broker/rpc/enqueue_request.h"
#include "broker/rpc/queue_calls.h"

namespace broker::rpc {

namespace store = imapd::store;
namespace v1 = claimq::v1;
using imapd::Task;

namespace {

std::string path_of(std::string_view field, int index) { return std::string(field) + "[" + std::to_string(index) + "]"; }

FieldChecks check(const v1::CompleteRequest& request) {
  FieldChecks checks;
  checks.worker_id("worker_id", request.worker_id());
  checks.number("enqueues", static_cast<std::uint64_t>(request.enqueues_size()), {0, kCompleteEnqueuesMax});
  checks.number("acks", static_cast<std::uint64_t>(request.acks_size()), {0, kSettleBatchMax});
  if (!checks.ok()) return checks;
  std::uint64_t claims = 0;
  for (int i = 0; i < request.acks_size(); ++i) {
    checks.queue_name(path_of("acks", i) + ".queue", request.acks(i).queue());
    if (request.acks(i).claims().empty()) checks.violation(path_of("acks", i) + ".claims", "is empty");
    claims += static_cast<std::uint64_t>(request.acks(i).claims_size());
  }
  checks.number("acks", claims, {0, kSettleBatchMax});
  if (claims == 0 && request.enqueues_size() == 0) checks.violation("acks", "neither acks nor enqueues");
  return checks;
}

queue::Settle acks_of(const v1::CompletedClaims& asked, store::Actor actor) {
  queue::Settle acks;
  acks.queue = asked.queue();
  acks.actor = std::move(actor);
  for (const v1::ClaimRef& ref : asked.claims()) {
    store::Settlement item;
    item.serial = imapd::Serial(ref.serial());
    item.token = imapd::ModSeq(ref.token());
    acks.items.push_back(std::move(item));
  }
  return acks;
}

// The first claim that was refused, named.
Failure refused(const std::vector<store::SettleOutcome>& acks) {
  Failure failure = lease_lost();
  for (std::size_t i = 0; i < acks.size(); ++i) {
    for (std::size_t k = 0; k < acks[i].items.size(); ++k) {
      if (acks[i].items[k].result == store::SettleOutcome::Result::kSettled) continue;
      if (failure.violations.empty()) failure = refusal_of(acks[i].items[k].result);
      if (failure.violations.size() == kViolationsMax) return failure;
      const std::string field = path_of("acks", static_cast<int>(i)) + "." + path_of("claims", static_cast<int>(k));
      failure.violations.push_back({field, refusal_of(acks[i].items[k].result).message});
    }
  }
  return failure;
}

}  // namespace

Task<Outcome<void>> QueueCalls::complete(Call& call, const v1::CompleteRequest& request, v1::CompleteResponse& response) {
  FieldChecks checks = check(request);
  if (!checks.ok()) co_return std::move(checks).failure();
  queue::Complete complete;
  const SettleRight needed = right_for(store::Settlement::Kind::kAck);
  for (const v1::CompletedClaims& asked : request.acks()) {
    const auto access = access_queue(services_, call.caller, asked.queue(), needed.right, needed.what);
    if (!access) co_return access.error();
    complete.acks.push_back(acks_of(asked, actor_of(call.caller, *access, request.worker_id())));
  }
  EnqueueRequest all;  // Without the messages.
  for (int i = 0; i < request.enqueues_size(); ++i) {
    const v1::CompletedMessages& asked = request.enqueues(i);
    auto checked = enqueue_request(services_, call.caller, asked.queue(), asked.messages(), message_bytes_max_);
    if (!checked) {
      Failure failure = checked.error();
      for (FieldViolation& violation : failure.violations) violation.field = path_of("enqueues", i) + "." + violation.field;
      co_return failure;
    }
    all.bytes += checked->bytes;
    all.is_dead_letters = all.is_dead_letters || checked->is_dead_letters;
    complete.enqueues.push_back(std::move(checked->verb));
  }
  const auto outcome = co_await imapd::async(services_.queues, &queue::Queues::complete, std::move(complete));
  if (!outcome) co_return enqueue_failure(outcome.error(), all.bytes, all.is_dead_letters);
  if (!outcome->complete) co_return refused(outcome->acks);
  for (const queue::EnqueueOutcome& enqueued : outcome->enqueues) {
    v1::EnqueueResponse& to = *response.add_enqueues();
    for (const imapd::Serial serial : enqueued.serials) to.add_serials(serial.value());
  }
  co_return Outcome<void>();
}

}  // namespace broker::rpc

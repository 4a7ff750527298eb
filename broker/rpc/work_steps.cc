#include <algorithm>
#include <utility>

#include "broker/rpc/queue_calls.h"
#include "broker/rpc/work_stream.h"
#include "imapd/base/limits.h"

namespace broker::rpc {

namespace asio = boost::asio;
namespace store = imapd::store;
namespace v1 = claimq::v1;
using imapd::auth::Right;
using Kind = store::Settlement::Kind;

Outcome<QueueAccess> WorkStream::access(const std::string& queue, Right needed, std::string_view what) {
  const auto known = refresh(hall_.services, call_.caller);
  auto access = known ? access_queue(hall_.services, call_.caller, queue, needed, what) : Outcome<QueueAccess>(known.error());
  expelled_ = expelled_ || !access;
  return access;
}

void WorkStream::check_again() {
  told_ = false;
  // What may not be settled is told with its settlement, so the right to claim is what the stream needs.
  if (!start_ || ending_) return;
  const auto found = access(start_->queue(), Right::kWrite, "claim from this queue");
  if (!found) end(grpc_status(found.error()));
}

void WorkStream::take_requests() {
  while (!inbox_.empty() && !ending_ && to_settle_.size() < kSettleBatchMax &&
         static_cast<std::uint32_t>(results_.results_size()) < kSettleBatchMax) {
    v1::WorkRequest request = std::move(inbox_.front());
    inbox_.pop_front();
    if (start_.has_value() == request.has_start()) {
      FieldChecks checks;
      checks.violation("start", start_ ? "came twice" : "must come first");
      return end(grpc_status(std::move(checks).failure()));
    }
    switch (request.request_case()) {
      case v1::WorkRequest::kStart: take_start(std::move(*request.mutable_start())); break;
      case v1::WorkRequest::kCredit: take_credit(request.credit()); break;
      case v1::WorkRequest::kSettle: take_settle(request.settle()); break;
      case v1::WorkRequest::REQUEST_NOT_SET: break;
    }
  }
  if (reading_ || reads_ended_ || ending_ || inbox_.size() >= kInboxMax) return;
  reading_ = true;
  StartRead(&incoming_);
}

void WorkStream::take_start(v1::WorkStart start) {
  FieldChecks checks;
  checks.queue_name("start.queue", start.queue());
  checks.worker_id("start.worker_id", start.worker_id());
  if (!checks.ok()) return end(grpc_status(std::move(checks).failure()));
  const auto found = access(start.queue(), Right::kWrite, "claim from this queue");
  if (!found) return end(grpc_status(found.error()));
  if (start.has_lease()) lease_ = checked_lease(checks, start.lease(), found->info.policy);
  if (!checks.ok()) return end(grpc_status(std::move(checks).failure()));
  actor_ = actor_of(call_.caller, *found, start.worker_id());
  start_ = std::move(start);
}

void WorkStream::take_credit(const v1::WorkCredit& credit) {
  if (std::uint64_t{credit_} + credit.messages() + held_.size() <= kCreditMax) {
    credit_ += credit.messages();
    return;
  }
  FieldChecks checks;
  checks.violation("credit.messages", "and the claims that are held are more than " + std::to_string(kCreditMax));
  end(grpc_status(std::move(checks).failure()));
}

void WorkStream::take_settle(const v1::WorkSettle& settle) {
  FieldChecks checks;
  const auto count = settle.ack_size() + settle.release_size() + settle.fail_size() + settle.reject_size() + settle.extend_size();
  checks.number("settle", static_cast<std::uint64_t>(count), {0, kSettleBatchMax});
  checks.text("settle.reason", settle.reason(), kReasonBytesMax);
  if (!checks.ok()) return end(grpc_status(std::move(checks).failure()));
  const auto take = [&](const auto& refs, Kind kind) {
    for (const v1::ClaimRef& ref : refs) {
      store::Settlement item;
      item.serial = imapd::Serial(ref.serial());
      item.token = imapd::ModSeq(ref.token());
      item.kind = kind;
      if (kind == Kind::kFail || kind == Kind::kReject) item.reason = settle.reason();
      if (kind == Kind::kExtend) item.delay = lease_;
      to_settle_.push_back({std::move(item)});
    }
  };
  take(settle.ack(), Kind::kAck);
  take(settle.release(), Kind::kRelease);
  take(settle.fail(), Kind::kFail);
  take(settle.reject(), Kind::kReject);
  take(settle.extend(), Kind::kExtend);
}

// What has come meanwhile in one batch, as far as it fits: one commit for it.
void WorkStream::settle_next() {
  if (settling_ || to_settle_.empty()) return;
  const auto fits = static_cast<std::ptrdiff_t>(std::min<std::size_t>(to_settle_.size(), kSettleBatchMax));
  std::vector<Step> steps(to_settle_.begin(), to_settle_.begin() + fits);
  to_settle_.erase(to_settle_.begin(), to_settle_.begin() + fits);
  const auto found = access(start_->queue(), Right::kLookup, "see this queue");
  if (!found) return end(grpc_status(found.error()));
  actor_ = actor_of(call_.caller, *found, start_->worker_id());
  queue::Settle settle;
  settle.queue = start_->queue();
  settle.actor = actor_;
  for (Step& step : steps) {
    step.allowed = found->rights.has(right_for(step.settlement.kind).right);
    if (step.allowed) settle.items.push_back(step.settlement);
  }
  settling_ = true;
  if (settle.items.empty()) return settled(std::move(steps), store::SettleOutcome());
  ++operations_;
  hall_.services.queues.settle(std::move(settle), [this, steps = std::move(steps)](
                                                      imapd::Result<store::SettleOutcome> outcome) mutable {
    run([this, steps = std::move(steps), outcome = std::move(outcome)]() mutable {
      --operations_;
      settled(std::move(steps), std::move(outcome));
    });
  });
}

void WorkStream::settled(std::vector<Step> steps, imapd::Result<store::SettleOutcome> outcome) {
  settling_ = false;
  if (!outcome) return end(grpc_status(failure_of(outcome.error(), {.failed_precondition = "DEAD_LETTERS"})));
  std::size_t next = 0;
  for (const Step& step : steps) {
    v1::SettleResult& result = *results_.add_results();
    if (!step.allowed) {
      result.set_serial(step.settlement.serial.value());
      fill_status(no_right(right_for(step.settlement.kind).what), *result.mutable_status());
      continue;
    }
    const store::SettleOutcome::Item& item = outcome->items[next++];
    fill_result(step.settlement, item, result);
    const bool extended = item.result == store::SettleOutcome::Result::kSettled && step.settlement.kind == Kind::kExtend;
    // What it held was released meanwhile, but not under this token.
    if (expelled_ && extended) held_.insert_or_assign(step.settlement.serial, item.new_token);
    const auto held = held_.find(step.settlement.serial);
    // A stale token settles nothing, so what we hold under a newer one stays ours.
    if (held == held_.end() || held->second != step.settlement.token) continue;
    if (extended) {
      held->second = item.new_token;
    } else if (item.result != store::SettleOutcome::Result::kNoRight) {
      held_.erase(held);
    }
  }
}

void WorkStream::claim_more() {
  if (!start_ || draining_ || credit_ == 0 || claiming_ || writing_ || reads_ended_ || !results_.results().empty()) return;
  const auto found = access(start_->queue(), Right::kWrite, "claim from this queue");
  if (!found) {
    end(grpc_status(found.error()));
    return wind_down();
  }
  actor_ = actor_of(call_.caller, *found, start_->worker_id());
  if (!waiter_) waiter_ = hall_.services.queues.next_waiter();
  queue::Claim claim;
  claim.queue = start_->queue();
  const std::size_t fits = count_that_fits(found->info.counters, kFrameBytes);
  claim.count_max = std::min({std::size_t{credit_}, fits, imapd::limits::kClaimBatchMax});
  claim.lease = lease_;
  claim.waiter = waiter_;
  claim.actor = actor_;
  claiming_ = true;
  ++operations_;
  hall_.services.queues.claim(std::move(claim), [this](imapd::Result<queue::ClaimOutcome> outcome) {
    run([this, outcome = std::move(outcome)]() mutable {
      --operations_;
      claiming_ = false;
      claimed(std::move(outcome));
    });
  });
}

void WorkStream::claimed(imapd::Result<queue::ClaimOutcome> outcome) {
  if (!outcome) {
    // Streams hear that the server drains before the queues are closed.
    if (!draining_) end(grpc_status(failure_of(outcome.error(), {})));
    return;
  }
  if (outcome->messages.empty()) return;
  waiter_.reset();
  // It may have waited for long: the right may have gone meanwhile.
  const auto found = access(start_->queue(), Right::kWrite, "claim from this queue");
  if (!found) end(grpc_status(found.error()));
  if (ending_ || reads_ended_ || draining_) {
    std::vector<store::Settlement> items;
    for (const store::MessageState& state : outcome->messages) items.push_back(settlement_of(state, Kind::kRelease));
    return release(std::move(items));
  }
  const LoadOptions options{start_->include_raw() ? Content::kRaw : Content::kDecoded, kAnswerBytesMax};
  const std::string& queue = start_->queue();
  const Loaded loaded = fill_claims(hall_.services, queue, std::move(outcome->messages), options, *outgoing_.mutable_claims());
  give_back(hall_.services, queue, actor_, loaded);
  if (loaded.delivered.empty()) return;
  for (const store::MessageState& state : loaded.delivered) held_.insert_or_assign(state.serial, state.claim->token);
  credit_ -= static_cast<std::uint32_t>(loaded.delivered.size());
  write();
}

void WorkStream::stop_claiming() {
  if (claiming_ && waiter_) hall_.services.queues.cancel(*waiter_);
}

}  // namespace broker::rpc

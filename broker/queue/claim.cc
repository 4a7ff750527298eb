#include <utility>

#include "broker/queue/policy.h"
#include "broker/queue/queue.h"
#include "broker/queue/state.h"
#include "imapd/base/check.h"
#include "imapd/base/limits.h"

namespace broker::queue {

using imapd::Callback;
using imapd::Code;
using imapd::make_error;
using imapd::Result;
using imapd::store::ClaimReady;
using imapd::store::ClaimReadyOutcome;
using imapd::store::MailboxInfo;
using imapd::store::Settlement;

WaiterId Queues::next_waiter() { return state_->waiters.next_id(); }

void Queues::claim(Claim request, Callback<Result<ClaimOutcome>> done) {
  Result<MailboxInfo> queue = state_->find(request.queue);
  if (!queue) return done(std::move(queue.error()));
  if (request.count_max < 1 || request.count_max > imapd::limits::kClaimBatchMax) {
    return done(make_error(Code::kInvalidArgument, "1 to " + std::to_string(imapd::limits::kClaimBatchMax) + " messages"));
  }
  if (request.lease) {
    Result<void> valid = validate_lease(queue->policy, *request.lease);
    if (!valid) return done(std::move(valid.error()));
  }
  ClaimReady claim{queue->id, request.count_max, request.lease, std::move(request.actor)};
  if (!request.waiter) {
    state_->store.claim_ready(std::move(claim), [done = std::move(done)](Result<ClaimReadyOutcome> outcome) mutable {
      if (!outcome) return done(std::move(outcome.error()));
      done(ClaimOutcome{std::move(outcome->claimed)});
    });
    return;
  }
  {
    const std::lock_guard lock(state_->mutex);
    // A waiter is one claim: a second one under its number would take away the first one's answer.
    CHECK(state_->live_claims.emplace(*request.waiter, LiveClaim{std::move(claim), std::move(done)}).second);
  }
  state_->attempt(*request.waiter);
}

void Queues::cancel(WaiterId waiter) {
  std::unique_lock lock(state_->mutex);
  const auto found = state_->live_claims.find(waiter);
  if (found == state_->live_claims.end()) return;
  found->second.cancelled = true;
  if (!state_->waiters.cancel(waiter)) return;  // An attempt is under way, and sees the mark at its end.
  Callback<Result<ClaimOutcome>> done = std::move(found->second.done);
  state_->live_claims.erase(found);
  lock.unlock();
  done(ClaimOutcome{});
}

void Queues::close() { state_->waiters.close(); }

void Queues::State::attempt(WaiterId id) {
  ClaimReady request;
  {
    const std::lock_guard lock(mutex);
    request = live_claims.at(id).request;
  }
  const Waiters::Observed seen = waiters.observe(request.mailbox);
  store.claim_ready(std::move(request), [this, id, seen](Result<ClaimReadyOutcome> outcome) {
    attempted(id, seen, std::move(outcome));
  });
}

void Queues::State::attempted(WaiterId id, Waiters::Observed seen, Result<ClaimReadyOutcome> outcome) {
  if (!outcome) return take(id).done(std::move(outcome.error()));
  if (outcome->claimed.empty()) return wait(id, seen);
  LiveClaim claim = take(id);
  if (!claim.cancelled) return claim.done(ClaimOutcome{std::move(outcome->claimed)});
  // Nobody is there to take them. Answered only when they are free: a cancelled claim holds nothing.
  imapd::store::Settle release;
  release.mailbox = claim.request.mailbox;
  release.actor = claim.request.actor;
  for (const imapd::store::MessageState& message : outcome->claimed) {
    release.items.push_back({message.serial, message.claim->token, Settlement::Kind::kRelease, {}, {}});
  }
  store.settle(std::move(release), [done = std::move(claim.done)](Result<imapd::store::SettleOutcome> settled) mutable {
    if (!settled) return done(std::move(settled.error()));
    done(ClaimOutcome{});
  });
}

void Queues::State::wait(WaiterId id, Waiters::Observed seen) {
  std::unique_lock lock(mutex);
  const LiveClaim& claim = live_claims.at(id);
  if (claim.cancelled) {
    lock.unlock();
    return take(id).done(ClaimOutcome{});
  }
  // Under the lock, so that cancel() finds it either not yet waiting, or waiting.
  const auto at_once = waiters.wait(id, claim.request.mailbox, seen, [this, id](Waiters::Wake wake) { woken(id, wake); });
  lock.unlock();
  // When it waits it may have ended already, and this object with it.
  if (at_once) woken(id, *at_once);
}

void Queues::State::woken(WaiterId id, Waiters::Wake wake) {
  if (wake == Waiters::Wake::kReady) return attempt(id);
  LiveClaim claim = take(id);
  if (claim.cancelled) return claim.done(ClaimOutcome{});
  const bool gone = wake == Waiters::Wake::kGone;
  claim.done(gone ? make_error(Code::kNotFound, "the queue was deleted") : make_error(Code::kUnavailable, "closing"));
}

LiveClaim Queues::State::take(WaiterId id) {
  const std::lock_guard lock(mutex);
  const auto found = live_claims.find(id);
  CHECK(found != live_claims.end());
  LiveClaim claim = std::move(found->second);
  live_claims.erase(found);
  return claim;
}

}  // namespace broker::queue

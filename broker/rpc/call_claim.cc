#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "broker/rpc/convert.h"
#include "broker/rpc/queue_calls.h"
#include "imapd/base/limits.h"

namespace broker::rpc {

namespace asio = boost::asio;
namespace store = imapd::store;
namespace v1 = claimq::v1;
using imapd::Millis;
using imapd::Task;

std::optional<Millis> checked_lease(FieldChecks& checks, const google::protobuf::Duration& asked, const store::Policy& policy) {
  return checks.duration("lease", asked, {policy.lease_min, policy.lease_max});
}

Task<Outcome<void>> QueueCalls::claim(Call& call, const v1::ClaimRequest& request, v1::ClaimResponse& response) {
  FieldChecks checks;
  checks.queue_name("queue", request.queue());
  checks.worker_id("worker_id", request.worker_id());
  checks.number("count_max", request.count_max(), {0, imapd::limits::kClaimBatchMax});
  Millis wait(0);
  if (request.has_wait()) wait = checks.duration("wait", request.wait(), {Millis(0), kClaimWaitMax}).value_or(wait);
  if (!checks.ok()) co_return std::move(checks).failure();
  auto access = access_queue(services_, call.caller, request.queue(), imapd::auth::Right::kWrite, "claim from this queue");
  if (!access) co_return access.error();

  queue::Claim claim;
  claim.queue = request.queue();
  claim.count_max = std::min<std::size_t>(std::max(request.count_max(), 1u),
                                          count_that_fits(access->info.counters, kAnswerBytesMax));
  if (request.has_lease()) claim.lease = checked_lease(checks, request.lease(), access->info.policy);
  if (!checks.ok()) co_return std::move(checks).failure();
  claim.actor = actor_of(call.caller, *access, request.worker_id());
  const store::Actor actor = claim.actor;

  const auto strand = co_await asio::this_coro::executor;
  asio::steady_timer timer(strand);
  queue::Queues& queues = services_.queues;
  if (wait.count() > 0) {
    const queue::WaiterId waiter = queues.next_waiter();
    claim.waiter = waiter;
    // Both arrive on this strand, so after the claim has begun.
    call.cancellation.set_hook([&queues, strand, waiter] { asio::post(strand, [&queues, waiter] { queues.cancel(waiter); }); });
    timer.expires_after(wait);
    timer.async_wait([&queues, waiter](boost::system::error_code stopped) {
      if (!stopped) queues.cancel(waiter);
    });
  }
  auto outcome = co_await imapd::async(queues, &queue::Queues::claim, std::move(claim));
  call.cancellation.clear_hook();
  timer.cancel();
  if (!outcome) co_return failure_of(outcome.error(), {});
  std::vector<store::Settlement> releases;
  // It may have waited for long: the right, or the user, may have gone meanwhile.
  const auto known = refresh(services_, call.caller);
  access = known ? access_queue(services_, call.caller, request.queue(), imapd::auth::Right::kWrite, "claim from this queue")
                 : Outcome<QueueAccess>(known.error());
  if (!access) {
    for (const store::MessageState& state : outcome->messages) {
      releases.push_back(settlement_of(state, store::Settlement::Kind::kRelease));
    }
    release_all(services_, request.queue(), actor, std::move(releases));
    co_return access.error();
  }

  const LoadOptions options{request.include_raw() ? Content::kRaw : Content::kDecoded, kAnswerBytesMax};
  Loaded loaded = fill_claims(services_, request.queue(), std::move(outcome->messages), options, *response.mutable_claims());
  give_back(services_, request.queue(), actor, loaded);
  for (const store::MessageState& state : loaded.delivered) {
    releases.push_back(settlement_of(state, store::Settlement::Kind::kRelease));
  }
  call.if_undelivered = [&services = services_, queue = request.queue(), actor, releases = std::move(releases)]() mutable {
    release_all(services, queue, actor, std::move(releases));
  };
  co_return Outcome<void>();
}

}  // namespace broker::rpc

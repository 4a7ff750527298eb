#include "broker/rpc/admin_operations.h"

#include <utility>

#include "broker/rpc/validate.h"

namespace broker::rpc {

namespace v1 = claimq::v1;
using imapd::Task;
using imapd::auth::Right;

namespace {

// May this caller take messages out of the queue?
Outcome<QueueAccess> access_to_remove(const Services& services, const Caller& caller, const std::string& queue) {
  constexpr std::string_view kWhat = "delete messages of this queue";
  auto access = access_queue(services, caller, queue, Right::kDeleteMessages, kWhat);
  if (access && !access->rights.has(Right::kExpunge)) return no_right(kWhat);
  return access;
}

// What both check of a request.
template <class Request>
Outcome<QueueAccess> check(const Services& services, const Caller& caller, const Request& request, FieldChecks checks) {
  checks.queue_name("queue", request.queue());
  checks.search("search", request.search());
  if (!checks.ok()) return std::move(checks).failure();
  return access_to_remove(services, caller, request.queue());
}

}  // namespace

Task<Outcome<PurgeWork>> PurgeWork::begin(const Services& services, Call& call, const v1::PurgeRequest& request) {
  const auto access = check(services, call.caller, request, FieldChecks());
  if (!access) co_return access.error();
  PurgeWork work(services, call);
  work.purge_.queue = request.queue();
  work.purge_.search = request.search();
  work.told_.set_total(access->info.counters.messages);
  co_return work;
}

Task<Outcome<More>> PurgeWork::step(v1::PurgeResponse& response) {
  const auto access = access_to_remove(*services_, call_->caller, purge_.queue);
  if (!access) co_return access.error();
  queue::Purge next = purge_;
  const auto outcome = co_await imapd::async(services_->queues, &queue::Queues::purge, std::move(next));
  if (!outcome) co_return failure_of(outcome.error(), {});
  told_.set_examined(told_.examined() + outcome->examined);
  told_.set_removed(told_.removed() + outcome->removed);
  told_.set_held(told_.held() + outcome->held);
  response = told_;
  purge_.page = outcome->next;
  co_return purge_.page ? More::kYes : More::kNo;
}

Task<Outcome<RedriveWork>> RedriveWork::begin(const Services& services, Call& call, const v1::RedriveRequest& request) {
  FieldChecks checks;
  if (!request.to().empty()) checks.queue_name("to", request.to());
  if (request.to() == request.queue()) checks.violation("to", "is the queue itself");
  const auto access = check(services, call.caller, request, std::move(checks));
  if (!access) co_return access.error();
  if (!request.to().empty()) {
    const auto target = access_queue(services, call.caller, request.to(), Right::kInsert, "enqueue into the target queue");
    if (!target) co_return target.error();
  }
  RedriveWork work(services, call);
  work.redrive_.queue = request.queue();
  work.redrive_.search = request.search();
  work.redrive_.to = request.to();
  work.redrive_.may_insert = [&services, &call](const imapd::store::MailboxInfo& target) -> imapd::Result<void> {
    const imapd::auth::Rights rights = rights_on(target, call.caller);
    if (!rights.has(Right::kLookup)) return imapd::make_error(imapd::Code::kNotFound, "there is no queue to move them to");
    if (!rights.has(Right::kInsert)) return imapd::make_error(imapd::Code::kPermissionDenied, "no right to enqueue into " + target.path.name);
    return {};
  };
  work.told_.set_total(access->info.counters.messages);
  co_return work;
}

Task<Outcome<More>> RedriveWork::step(v1::RedriveResponse& response) {
  const auto access = access_to_remove(*services_, call_->caller, redrive_.queue);
  if (!access) co_return access.error();
  queue::Redrive next = redrive_;
  const auto outcome = co_await imapd::async(services_->queues, &queue::Queues::redrive, std::move(next));
  if (!outcome) {
    Reasons reasons;
    reasons.failed_precondition = "QUEUE_PAUSED";
    co_return failure_of(outcome.error(), reasons);
  }
  told_.set_examined(told_.examined() + outcome->examined);
  told_.set_moved(told_.moved() + outcome->moved);
  told_.set_held(told_.held() + outcome->held);
  told_.set_homeless(told_.homeless() + outcome->homeless);
  response = told_;
  redrive_.page = outcome->next;
  co_return redrive_.page ? More::kYes : More::kNo;
}

}  // namespace broker::rpc

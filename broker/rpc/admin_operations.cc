#include "broker/rpc/admin_operations.h"

#include <utility>

#include "broker/rpc/validate.h"

namespace broker::rpc {

namespace v1 = claimq::v1;
using imapd::Task;
using imapd::auth::Right;

namespace {

// May this caller take messages out of the queue? Who learns what is in them must be allowed to read, too: by what a search finds,
// or by having them moved to where he may.
enum class Learns { kNothing, kContent };
Outcome<QueueAccess> access_to_remove(const Services& services, const Caller& caller, const std::string& queue, Learns learns) {
  constexpr std::string_view kWhat = "delete messages of this queue";
  auto access = access_queue(services, caller, queue, Right::kDeleteMessages, kWhat);
  if (access && !access->rights.has(Right::kExpunge)) return no_right(kWhat);
  if (access && learns == Learns::kContent && !access->rights.has(Right::kRead)) return no_right("read this queue");
  return access;
}
Learns learns(const queue::Purge& purge) { return purge.search.empty() ? Learns::kNothing : Learns::kContent; }

// What both check of a request.
template <class Request>
Outcome<QueueAccess> check(const Services& services, const Caller& caller, const Request& request, FieldChecks checks) {
  checks.queue_name("queue", request.queue());
  checks.search("search", request.search());
  if (!checks.ok()) return std::move(checks).failure();
  return access_queue(services, caller, request.queue(), Right::kDeleteMessages, "delete messages of this queue");
}

// RFC 4314, section 4: the flags of kinds that the caller may not set in the target stay behind.
std::optional<imapd::Result<imapd::store::FlagKinds>> door_of(const imapd::store::MailboxInfo& target, const Caller& caller) {
  const imapd::auth::Rights rights = rights_on(target, caller);
  if (!rights.has(Right::kLookup)) return std::nullopt;
  if (!rights.has(Right::kInsert)) {
    return imapd::make_error(imapd::Code::kPermissionDenied, "no right to enqueue into " + target.path.name);
  }
  return imapd::store::FlagKinds{rights.has(Right::kSeen), rights.has(Right::kDeleteMessages), rights.has(Right::kWrite)};
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
  const auto access = access_to_remove(*services_, call_->caller, purge_.queue, learns(purge_));
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
  work.redrive_.door = [&call](const imapd::store::MailboxInfo& target) { return door_of(target, call.caller); };
  work.told_.set_total(access->info.counters.messages);
  co_return work;
}

Task<Outcome<More>> RedriveWork::step(v1::RedriveResponse& response) {
  const auto access = access_to_remove(*services_, call_->caller, redrive_.queue, Learns::kContent);
  if (!access) co_return access.error();
  queue::Redrive next = redrive_;
  const auto outcome = co_await imapd::async(services_->queues, &queue::Queues::redrive, std::move(next));
  if (!outcome) co_return failure_of(outcome.error(), {});
  told_.set_examined(told_.examined() + outcome->examined);
  told_.set_moved(told_.moved() + outcome->moved);
  told_.set_held(told_.held() + outcome->held);
  told_.set_homeless(told_.homeless() + outcome->homeless);
  told_.set_refused(told_.refused() + outcome->refused);
  if (outcome->refused > 0) told_.set_refusal(outcome->refusal);
  response = told_;
  redrive_.page = outcome->next;
  co_return redrive_.page ? More::kYes : More::kNo;
}

}  // namespace broker::rpc

#include <algorithm>

#include "broker/queue/policy.h"
#include "broker/rpc/admin_calls.h"
#include "broker/rpc/convert.h"
#include "broker/rpc/policy_convert.h"
#include "imapd/base/limits.h"

namespace broker::rpc {

namespace store = imapd::store;
namespace v1 = claimq::v1;
using imapd::Task;
using imapd::auth::Right;
using imapd::auth::Rights;
using None = AdminCalls::None;

namespace {

// Each lost race is a change that somebody else made: nobody makes so many in a row by chance.
constexpr int kUpdateAttemptsMax = 16;

// The ACL that a new queue begins with: that of the queue above it, and everything for who made it, so that it is of use.
// nullopt: the caller may not make it.
std::optional<imapd::auth::Acl> acl_for_new(const Services& services, const Caller& caller, const std::string& name) {
  imapd::auth::Acl acl;
  bool may_create = caller.is_administrator;
  const auto slash = name.rfind('/');
  if (slash != std::string::npos) {
    if (const auto parent = services.queues.find_queue(name.substr(0, slash))) {
      acl = parent->acl;
      may_create = may_create || rights_on(*parent, caller).has_all(Rights(Right::kLookup) | Right::kCreate);
    }
  }
  if (!may_create) return std::nullopt;
  if (!caller.is_administrator) acl[caller.user] = Rights::all().to_string();
  return acl;
}

// The server itself moves what dies in a queue, and makes the place when it is missing: so whoever names the place must be allowed
// to put messages there, or to make it.
Outcome<void> may_send_dead_letters(const Services& services, const Caller& caller, const std::string& queue,
                                    const store::Policy& policy) {
  const std::string to = queue::dead_letters_name(queue, policy);
  bool allowed = caller.is_administrator;
  if (const auto target = services.queues.find_queue(to)) {
    allowed = allowed || rights_on(*target, caller).has_all(Rights(Right::kLookup) | Right::kInsert);
  } else {
    allowed = allowed || to == queue + "/Dead" || acl_for_new(services, caller, to).has_value();
  }
  if (!allowed) return no_right("send dead letters there");
  return {};
}

}  // namespace

void AdminCalls::fill_queue(const store::MailboxInfo& info, v1::Queue& to) const {
  to.set_name(info.path.name);
  fill_policy(info.policy, *to.mutable_policy());
  to.set_messages(info.counters.messages);
  to.set_ready(info.counters.ready);
  to.set_scheduled(info.counters.scheduled);
  to.set_claimed(info.counters.claimed);
  to.set_size_bytes(info.counters.size_bytes);
  to.set_highest_mod_seq(info.highest_mod_seq.value());
  set_timestamp(*to.mutable_create_time(), info.created);
  to.set_is_dead_letters(info.kind == store::MailboxKind::kDeadLetters);
  if (info.kind == store::MailboxKind::kQueue) {
    const auto dead = services_.queues.find_queue(queue::dead_letters_name(info.path.name, info.policy));
    if (dead) to.set_dead(dead->counters.messages);
  }
  if (info.counters.messages == 0) return;
  queue::Peek first;
  first.queue = info.path.name;
  first.count_max = 1;
  const auto oldest = services_.queues.peek(first);
  if (!oldest || oldest->messages.empty()) return;
  const imapd::Millis age = services_.clock.now() - oldest->messages.front().saved;
  set_duration(*to.mutable_oldest_age(), std::max(age, imapd::Millis(0)));
}

Task<None> AdminCalls::create_queue(Call& call, const v1::CreateQueueRequest& request, v1::CreateQueueResponse& response) {
  FieldChecks checks;
  checks.queue_name("name", request.name());
  queue::CreateQueue create;
  create.name = request.name();
  apply_policy(request.policy(), create.policy, checks);
  if (!checks.ok()) co_return std::move(checks).failure();
  co_await turn_.take();
  const EditTurn::Held held(turn_);
  auto acl = acl_for_new(services_, call.caller, request.name());
  if (!acl) co_return no_right("create this queue");
  const auto allowed = may_send_dead_letters(services_, call.caller, create.name, create.policy);
  if (!allowed) co_return allowed.error();
  create.acl = std::move(*acl);
  auto outcome = co_await imapd::async(services_.queues, &queue::Queues::create_queue, std::move(create));
  // A name that is taken, though not for this caller's eyes, is one that it may not make.
  const bool taken = !outcome && outcome.error().code == imapd::Code::kAlreadyExists;
  if (taken && !access_queue(services_, call.caller, request.name(), Right::kLookup, "")) co_return no_right("create this queue");
  if (!outcome) co_return failure_of(outcome.error(), {});
  fill_queue(*outcome, *response.mutable_queue());
  co_return None();
}

Task<None> AdminCalls::get_queue(Call& call, const v1::GetQueueRequest& request, v1::GetQueueResponse& response) {
  FieldChecks checks;
  checks.queue_name("name", request.name());
  if (!checks.ok()) co_return std::move(checks).failure();
  const auto access = access_queue(services_, call.caller, request.name(), Right::kLookup, "see this queue");
  if (!access) co_return access.error();
  fill_queue(access->info, *response.mutable_queue());
  co_return None();
}

Task<None> AdminCalls::list_queues(Call& call, const v1::ListQueuesRequest& request, v1::ListQueuesResponse& response) {
  FieldChecks checks;
  checks.number("page_size", request.page_size(), {0, kPageSizeMax});
  checks.text("prefix", request.prefix(), imapd::limits::kMailboxNameBytesMax);
  checks.text("page_token", request.page_token(), imapd::limits::kMailboxNameBytesMax);
  if (!checks.ok()) co_return std::move(checks).failure();
  const std::uint32_t page_size = request.page_size() == 0 ? kPageSizeDefault : request.page_size();
  for (const store::MailboxInfo& info : services_.queues.list_queues(request.prefix())) {
    // The token is the name of the last queue told: those that come and go meanwhile do no harm.
    if (!request.page_token().empty() && info.path.name <= request.page_token()) continue;
    if (!rights_on(info, call.caller).has(Right::kLookup)) continue;
    if (static_cast<std::uint32_t>(response.queues_size()) == page_size) {
      response.set_next_page_token(response.queues(response.queues_size() - 1).name());
      break;
    }
    fill_queue(info, *response.add_queues());
  }
  co_return None();
}

Task<None> AdminCalls::update_queue(Call& call, const v1::UpdateQueueRequest& request, v1::UpdateQueueResponse& response) {
  FieldChecks checks;
  checks.queue_name("name", request.name());
  if (!checks.ok()) co_return std::move(checks).failure();
  co_await turn_.take();
  const EditTurn::Held held(turn_);
  imapd::Result<store::MailboxInfo> outcome = store::MailboxInfo();
  // The turn is among callers of this service only: a policy changes over IMAP too. What was changed there in between stays, and
  // what is asked for here is put upon it.
  for (int attempt = 0; attempt < kUpdateAttemptsMax; ++attempt) {
    const auto access = access_queue(services_, call.caller, request.name(), Right::kAdminister, "change this queue");
    if (!access) co_return access.error();
    const store::Policy& before = access->info.policy;
    queue::UpdateQueue update{request.name(), before, before};
    apply_policy(request.policy(), update.policy, checks);
    if (!checks.ok()) co_return std::move(checks).failure();
    if (update.policy.dead_letters != before.dead_letters) {
      const auto allowed = may_send_dead_letters(services_, call.caller, request.name(), update.policy);
      if (!allowed) co_return allowed.error();
    }
    outcome = co_await imapd::async(services_.queues, &queue::Queues::update_queue, std::move(update));
    if (outcome || outcome.error().code != imapd::Code::kAborted) break;
  }
  if (!outcome) co_return failure_of(outcome.error(), {});
  fill_queue(*outcome, *response.mutable_queue());
  co_return None();
}

Task<None> AdminCalls::delete_queue(Call& call, const v1::DeleteQueueRequest& request, v1::DeleteQueueResponse&) {
  FieldChecks checks;
  checks.queue_name("name", request.name());
  if (!checks.ok()) co_return std::move(checks).failure();
  const auto access = access_queue(services_, call.caller, request.name(), Right::kDeleteMailbox, "delete this queue");
  if (!access) co_return access.error();
  queue::DeleteQueue remove;
  remove.name = request.name();
  remove.mode = request.force() ? queue::DeleteQueue::Mode::kForce : queue::DeleteQueue::Mode::kIfEmpty;
  auto outcome = co_await imapd::async(services_.queues, &queue::Queues::delete_queue, std::move(remove));
  if (!outcome) co_return failure_of(outcome.error(), {.failed_precondition = "QUEUE_IN_USE"});
  co_return None();
}

Task<None> AdminCalls::set_acl(Call& call, const v1::SetAclRequest& request, v1::SetAclResponse&) {
  FieldChecks checks;
  checks.queue_name("queue", request.queue());
  if (!imapd::auth::is_valid_acl_identifier(request.entry().identifier())) {
    checks.violation("entry.identifier", "is neither a user nor anyone, perhaps with - in front");
  }
  const auto rights = Rights::parse(request.entry().rights());
  if (!rights) checks.violation("entry.rights", "hold something else than rights of RFC 4314 (lrswipkxtea)");
  if (!checks.ok()) co_return std::move(checks).failure();
  const auto access = access_queue(services_, call.caller, request.queue(), Right::kAdminister, "change this queue's ACL");
  if (!access) co_return access.error();
  store::AclChange change;
  change.identifier = request.entry().identifier();
  change.rights = rights->to_string();
  store::UpdateMailbox update;
  update.mailbox = access->info.id;
  update.acl_change = std::move(change);
  auto outcome = co_await imapd::async(services_.store, &store::Store::update_mailbox, std::move(update));
  if (!outcome) co_return failure_of(outcome.error(), {.resource_exhausted = "ACL_FULL"});
  co_return None();
}

Task<None> AdminCalls::get_acl(Call& call, const v1::GetAclRequest& request, v1::GetAclResponse& response) {
  FieldChecks checks;
  checks.queue_name("queue", request.queue());
  if (!checks.ok()) co_return std::move(checks).failure();
  const auto access = access_queue(services_, call.caller, request.queue(), Right::kAdminister, "see this queue's ACL");
  if (!access) co_return access.error();
  for (const auto& [identifier, rights] : access->info.acl) {
    v1::AclEntry& entry = *response.add_entries();
    entry.set_identifier(identifier);
    entry.set_rights(Rights::parse(rights).value_or(Rights()).to_string());
  }
  co_return None();
}

}  // namespace broker::rpc

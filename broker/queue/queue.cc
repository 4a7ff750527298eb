#include "broker/queue/queue.h"

#include <array>
#include <cstdio>
#include <random>

#include "broker/queue/policy.h"
#include "broker/queue/state.h"
#include "imapd/base/limits.h"

namespace broker::queue {

using imapd::Callback;
using imapd::Code;
using imapd::make_error;
using imapd::Result;
using imapd::store::CreateMailbox;
using imapd::store::DeleteMailbox;
using imapd::store::MailboxInfo;
using imapd::store::MailboxKind;
using imapd::store::MailboxPath;
using imapd::store::Policy;
using imapd::store::SettleOutcome;

namespace {

std::string random_name() {
  std::random_device random;
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%08x%08x", random(), random());
  return text.data();
}

MailboxPath shared(const std::string& name) { return {std::string(), name}; }

}  // namespace

Queues::State::State(imapd::store::Store& the_store, const imapd::Clock& the_clock)
    : store(the_store), clock(the_clock), instance(random_name()), waiters(the_store.change_feed()) {}

Result<MailboxInfo> Queues::State::find(const std::string& name) const {
  auto info = store.find_mailbox(shared(name));
  if (!info || !info->selectable) return make_error(Code::kNotFound, "there is no queue of this name");
  return std::move(*info);
}

Queues::Queues(imapd::store::Store& store, const imapd::Clock& clock) : state_(std::make_unique<State>(store, clock)) {}
Queues::~Queues() = default;

Result<MailboxInfo> Queues::find_queue(const std::string& name) const { return state_->find(name); }

std::vector<MailboxInfo> Queues::list_queues(const std::string& prefix) const {
  std::vector<MailboxInfo> queues;
  for (MailboxInfo& info : state_->store.mailboxes()) {
    if (!info.path.owner.empty() || !info.selectable || !info.path.name.starts_with(prefix)) continue;
    queues.push_back(std::move(info));
  }
  return queues;
}

namespace {

PolicyLookup lookup_in(imapd::store::Store& store) {
  return [&store](const std::string& name) -> std::optional<Policy> {
    const auto info = store.find_mailbox(shared(name));
    if (!info || info->kind != MailboxKind::kQueue || !info->selectable) return std::nullopt;
    return info->policy;
  };
}

CreateMailbox dead_letters_of(const CreateQueue& queue) {
  CreateMailbox dead;
  dead.path = shared(dead_letters_name(queue.name, queue.policy));
  dead.kind = MailboxKind::kDeadLetters;
  dead.policy = queue.policy;
  dead.policy.dead_letters.clear();
  // What died must have a place, however full or paused its queue is.
  dead.policy.messages_max = 0;
  dead.policy.bytes_max = 0;
  dead.policy.enqueue_paused = false;
  dead.policy.claim_paused = false;
  dead.acl = queue.acl;
  dead.special_use = "\\Junk";  // RFC 6154: the use nearest to what is kept out of the way.
  return dead;
}

}  // namespace

void Queues::create_queue(CreateQueue request, Callback<Result<MailboxInfo>> done) {
  Result<void> valid = validate_queue_name(request.name);
  if (valid) valid = validate_policy(request.policy, request.name, lookup_in(state_->store));
  if (!valid) return done(std::move(valid.error()));

  CreateMailbox queue{.path = shared(request.name), .kind = MailboxKind::kQueue, .policy = request.policy, .acl = request.acl,
                      .special_use = {}};
  CreateMailbox dead = dead_letters_of(request);
  state_->store.create_mailbox(
      std::move(queue),
      [state = state_.get(), dead = std::move(dead), done = std::move(done)](Result<MailboxInfo> created) mutable {
        if (!created) return done(std::move(created));
        state->store.create_mailbox(
            std::move(dead),
            [created = std::move(*created), done = std::move(done)](Result<MailboxInfo> dead_created) mutable {
              if (!dead_created && dead_created.error().code != Code::kAlreadyExists) return done(std::move(dead_created));
              done(std::move(created));
            });
      });
}

namespace {

Result<void> may_delete_unforced(imapd::store::Store& store, const MailboxInfo& queue, const std::optional<MailboxInfo>& dead) {
  if (queue.counters.messages > 0) return make_error(Code::kFailedPrecondition, "the queue holds messages");
  if (dead && dead->counters.messages > 0) return make_error(Code::kFailedPrecondition, "the queue's dead letters hold messages");
  for (const MailboxInfo& other : store.mailboxes()) {
    if (other.kind != MailboxKind::kQueue || !other.path.owner.empty() || !other.selectable || other.id == queue.id) continue;
    const std::string target = dead_letters_name(other.path.name, other.policy);
    if (target == queue.path.name || (dead && target == dead->path.name)) {
      return make_error(Code::kFailedPrecondition, "another queue sends its dead letters here");
    }
  }
  return {};
}

}  // namespace

void Queues::delete_queue(DeleteQueue request, Callback<Result<void>> done) {
  Result<MailboxInfo> queue = state_->find(request.name);
  if (!queue) return done(std::move(queue.error()));
  // Only the dead letters that came with it go with it: another place may be somebody else's too.
  std::optional<MailboxInfo> dead = state_->store.find_mailbox(shared(request.name + "/Dead"));
  if (dead && dead->kind != MailboxKind::kDeadLetters) dead.reset();
  if (request.mode == DeleteQueue::Mode::kIfEmpty) {
    Result<void> allowed = may_delete_unforced(state_->store, *queue, dead);
    if (!allowed) return done(std::move(allowed));
  }
  // Asked again in the commit: a message may have come since.
  const auto when =
      request.mode == DeleteQueue::Mode::kIfEmpty ? DeleteMailbox::When::kIfEmpty : DeleteMailbox::When::kAlways;
  if (!dead) return state_->store.delete_mailbox(DeleteMailbox{shared(request.name), when}, std::move(done));
  state_->store.delete_mailbox(
      DeleteMailbox{shared(request.name + "/Dead"), when},
      [state = state_.get(), name = request.name, when, done = std::move(done)](Result<void> deleted) mutable {
        if (!deleted && deleted.error().code != Code::kNotFound) return done(std::move(deleted));
        state->store.delete_mailbox(DeleteMailbox{shared(name), when}, std::move(done));
      });
}

void Queues::update_queue(UpdateQueue request, Callback<Result<MailboxInfo>> done) {
  Result<MailboxInfo> queue = state_->find(request.name);
  if (!queue) return done(std::move(queue.error()));
  // Dead letters do not die again, so it does not matter where theirs would go.
  const PolicyLookup nowhere = [](const std::string&) { return std::optional<Policy>(); };
  Result<void> valid = validate_policy(request.policy, request.name,
                                       queue->kind == MailboxKind::kQueue ? lookup_in(state_->store) : nowhere);
  if (!valid) return done(std::move(valid.error()));
  imapd::store::UpdateMailbox update;
  update.mailbox = queue->id;
  update.policy = std::move(request.policy);
  update.policy_before = std::move(request.only_if);
  state_->store.update_mailbox(std::move(update),
                               [state = state_.get(), done = std::move(done)](Result<MailboxInfo> updated) mutable {
                                 // Resumed: what is ready was so before, so that no event of the store would tell.
                                 if (updated) state->waiters.notify(updated->id, updated->counters.ready);
                                 done(std::move(updated));
                               });
}

namespace {

Result<void> validate_settlement(const imapd::store::Settlement& item, const MailboxInfo& queue) {
  using Kind = imapd::store::Settlement::Kind;
  if (item.kind == Kind::kReject && queue.kind == MailboxKind::kDeadLetters) {
    return make_error(Code::kFailedPrecondition, "a dead letter cannot be rejected: acknowledge it, or move it to a queue");
  }
  if (!item.delay) return {};
  return item.kind == Kind::kExtend ? validate_lease(queue.policy, *item.delay) : validate_delay(*item.delay);
}

}  // namespace

void Queues::settle(Settle request, Callback<Result<SettleOutcome>> done) {
  Result<MailboxInfo> queue = state_->find(request.queue);
  if (!queue) return done(std::move(queue.error()));
  if (request.items.empty() || request.items.size() > imapd::limits::kClaimBatchMax) {
    return done(make_error(Code::kInvalidArgument, "1 to " + std::to_string(imapd::limits::kClaimBatchMax) + " messages"));
  }
  for (imapd::store::Settlement& item : request.items) {
    Result<void> valid = validate_settlement(item, *queue);
    if (!valid) return done(std::move(valid.error()));
    // Longer than a header line shows: cut here already, so that nobody keeps it.
    if (item.reason.size() > imapd::limits::kReasonBytesMax) item.reason.resize(imapd::limits::kReasonBytesMax);
  }
  state_->store.settle({queue->id, std::move(request.items), std::move(request.actor)}, std::move(done));
}

}  // namespace broker::queue

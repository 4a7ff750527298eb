#include <map>
#include <memory>
#include <utility>

#include "broker/queue/queue.h"
#include "broker/queue/state.h"
#include "broker/queue/trace.h"
#include "imapd/base/limits.h"

// What operators do to many messages at once, step by step.
namespace broker::queue {

using imapd::Callback;
using imapd::Code;
using imapd::MailboxId;
using imapd::make_error;
using imapd::Result;
using imapd::UidSet;
using imapd::store::CopyMessages;
using imapd::store::CopyOutcome;
using imapd::store::ExpungeOutcome;
using imapd::store::MailboxInfo;
using imapd::store::MessageState;

namespace {

bool is_held(const MessageState& message) { return message.claim && message.claim->door != imapd::store::Door::kSchedule; }

Peek page_of(const std::string& queue, const std::string& search, const std::optional<Peek::Page>& page) {
  Peek peek;
  peek.queue = queue;
  peek.count_max = imapd::limits::kPeekBatchMax;
  peek.page = page;
  peek.search = search;
  return peek;
}

}  // namespace

void Queues::purge(Purge request, Callback<Result<PurgeOutcome>> done) {
  Result<MailboxInfo> queue = state_->find(request.queue);
  if (!queue) return done(std::move(queue.error()));
  Result<PeekOutcome> found = peek(page_of(request.queue, request.search, request.page));
  if (!found) return done(std::move(found.error()));
  PurgeOutcome outcome;
  outcome.examined = found->examined;
  outcome.next = found->next;
  if (found->messages.empty()) return done(outcome);
  imapd::store::Expunge expunge;
  expunge.mailbox = queue->id;
  expunge.which = imapd::store::Expunge::Which::kNotHeld;
  expunge.uids.emplace();
  for (const MessageState& message : found->messages) expunge.uids->add(message.uid);
  state_->store.expunge(std::move(expunge), [outcome, done = std::move(done)](Result<ExpungeOutcome> expunged) mutable {
    if (!expunged) return done(std::move(expunged.error()));
    outcome.removed = expunged->expunged.size();
    outcome.held = expunged->held;
    done(outcome);
  });
}

namespace {

// The moves of one step, one target after the other.
struct Moves {
  RedriveOutcome outcome;
  std::vector<CopyMessages> left;
  Callback<Result<RedriveOutcome>> done;
};

void move_next(imapd::store::Store& store, std::shared_ptr<Moves> moves) {
  if (moves->left.empty()) return moves->done(moves->outcome);
  CopyMessages move = std::move(moves->left.back());
  moves->left.pop_back();
  store.copy_messages(std::move(move), [&store, moves = std::move(moves)](Result<CopyOutcome> moved) mutable {
    if (!moved) return moves->done(std::move(moved.error()));
    moves->outcome.moved += moved->uids.size();
    moves->outcome.held += moved->refused.size();
    move_next(store, std::move(moves));
  });
}

}  // namespace

void Queues::redrive(Redrive request, Callback<Result<RedriveOutcome>> done) {
  Result<MailboxInfo> queue = state_->find(request.queue);
  if (!queue) return done(std::move(queue.error()));
  Result<PeekOutcome> found = peek(page_of(request.queue, request.search, request.page));
  if (!found) return done(std::move(found.error()));
  auto moves = std::make_shared<Moves>();
  moves->done = std::move(done);
  moves->outcome.examined = found->examined;
  moves->outcome.next = found->next;

  std::map<std::string, UidSet> homes;
  for (const MessageState& message : found->messages) {
    if (is_held(message)) {
      ++moves->outcome.held;
      continue;
    }
    homes[request.to.empty() ? origin_of(queue->path.name, message) : request.to].add(message.uid);
  }
  for (auto& [name, uids] : homes) {
    Result<MailboxInfo> target = state_->find(name);
    if (!target && !request.to.empty()) return moves->done(make_error(Code::kNotFound, "there is no queue to move them to"));
    if (!target || target->id == queue->id) {
      moves->outcome.homeless += uids.size();
      continue;
    }
    Result<void> allowed = request.may_insert ? request.may_insert(*target) : Result<void>();
    if (!allowed) return moves->done(std::move(allowed.error()));
    CopyMessages move;
    move.from = queue->id;
    move.to = target->id;
    move.uids = std::move(uids);
    move.mode = CopyMessages::Mode::kMove;
    // Nobody's: what is claimed meanwhile stays with whoever claimed it.
    move.actor.door = imapd::store::Door::kGrpc;
    moves->left.push_back(std::move(move));
  }
  move_next(state_->store, std::move(moves));
}

}  // namespace broker::queue

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
  peek.ends = Peek::Ends::kNow;
  return peek;
}

}  // namespace

void Queues::purge(Purge request, Callback<Result<PurgeOutcome>> done) {
  Result<PeekOutcome> found = peek(page_of(request.queue, request.search, request.page));
  if (!found) return done(std::move(found.error()));
  PurgeOutcome outcome;
  outcome.examined = found->examined;
  outcome.next = found->next;
  if (found->messages.empty()) return done(outcome);
  imapd::store::Expunge expunge;
  expunge.mailbox = found->mailbox;
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

// A target that takes nothing stops only what goes there.
bool is_refusal(Code code) {
  return code == Code::kNotFound || code == Code::kPermissionDenied || code == Code::kFailedPrecondition || code == Code::kResourceExhausted;
}

void refuse(RedriveOutcome& outcome, std::uint64_t count, const imapd::Error& why) {
  outcome.refused += count;
  outcome.refusal = why.message;
}

void move_next(imapd::store::Store& store, std::shared_ptr<Moves> moves) {
  if (moves->left.empty()) return moves->done(moves->outcome);
  CopyMessages move = std::move(moves->left.back());
  moves->left.pop_back();
  const std::uint64_t count = move.uids.size();
  store.copy_messages(std::move(move), [&store, count, moves = std::move(moves)](Result<CopyOutcome> moved) mutable {
    if (!moved && !is_refusal(moved.error().code)) return moves->done(std::move(moved.error()));
    if (moved) {
      moves->outcome.moved += moved->uids.size();
      moves->outcome.held += moved->refused.size();
    } else {
      refuse(moves->outcome, count, moved.error());
    }
    move_next(store, std::move(moves));
  });
}

// Where messages of this step may go; nullopt: they stay, and the outcome says why.
std::optional<CopyMessages> move_to(const Result<MailboxInfo>& target, const Redrive& request, const UidSet& uids, RedriveOutcome& outcome) {
  using Kinds = imapd::store::FlagKinds;
  std::optional<Result<Kinds>> allowed;
  if (target) allowed = request.door ? request.door(*target) : Result<Kinds>(Kinds());
  if (!allowed) {
    outcome.homeless += uids.size();
    return std::nullopt;
  }
  if (!*allowed) {
    refuse(outcome, uids.size(), allowed->error());
    return std::nullopt;
  }
  CopyMessages move;
  move.to = target->id;
  move.uids = uids;
  move.mode = CopyMessages::Mode::kMove;
  move.held = CopyMessages::Held::kNobody;
  move.kinds = **allowed;
  return move;
}

}  // namespace

void Queues::redrive(Redrive request, Callback<Result<RedriveOutcome>> done) {
  if (!request.to.empty()) {
    const Result<MailboxInfo> target = state_->find(request.to);
    if (!target) return done(make_error(Code::kNotFound, "there is no queue to move them to"));
  }
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
    } else {
      homes[request.to.empty() ? origin_of(request.queue, message) : request.to].add(message.uid);
    }
  }
  for (const auto& [name, uids] : homes) {
    Result<MailboxInfo> target = state_->find(name);
    if (target && target->id == found->mailbox) target = make_error(Code::kNotFound, "it came from here");
    std::optional<CopyMessages> move = move_to(target, request, uids, moves->outcome);
    if (!move) continue;
    move->from = found->mailbox;
    moves->left.push_back(std::move(*move));
  }
  move_next(state_->store, std::move(moves));
}

}  // namespace broker::queue

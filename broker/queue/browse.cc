#include <algorithm>
#include <utility>

#include "broker/queue/queue.h"
#include "broker/queue/search.h"
#include "broker/queue/state.h"
#include "imapd/base/limits.h"

namespace broker::queue {

using imapd::Code;
using imapd::make_error;
using imapd::Result;
using imapd::Uid;
using imapd::UidSet;
using imapd::store::MessageState;

namespace {

bool is_of(const MessageState& message, Peek::Which which) {
  const bool scheduled = message.claim && message.claim->door == imapd::store::Door::kSchedule;
  switch (which) {
    case Peek::Which::kAny: return true;
    case Peek::Which::kReady: return message.ready();
    case Peek::Which::kScheduled: return scheduled;
    case Peek::Which::kClaimed: return message.claim && !scheduled;
  }
  return false;
}

}  // namespace

Result<PeekOutcome> Queues::peek(const Peek& request) const {
  TRY_ASSIGN(queue, state_->find(request.queue));
  if (request.count_max < 1 || request.count_max > imapd::limits::kPeekBatchMax) {
    return make_error(Code::kInvalidArgument, "1 to " + std::to_string(imapd::limits::kPeekBatchMax) + " messages");
  }
  const imapd::store::Snapshot snapshot = state_->store.snapshot();
  TRY_ASSIGN(info, snapshot.mailbox(queue.id));
  if (request.page && request.page->uid_validity != info.uid_validity) {
    return make_error(Code::kInvalidArgument, "the page is of an earlier numbering: begin anew");
  }
  TRY_ASSIGN(search, QueueSearch::parse(request.search, info, state_->clock.now()));
  const Uid from = request.page ? request.page->from : Uid(1);
  PeekOutcome outcome;
  outcome.mailbox = queue.id;
  std::optional<Uid> end = request.page ? request.page->last : std::nullopt;
  if (!request.page && request.ends == Peek::Ends::kNow) end = Uid(info.uid_next.value() - 1);
  const Uid last = std::min(end.value_or(info.uid_next), Uid(info.uid_next.value() - 1));
  if (from > last) return outcome;

  const UidSet rest = UidSet::range(from, last);
  const std::size_t examined_max = search.examined_max();
  std::optional<imapd::Error> failure;
  TRY(snapshot.for_each(queue.id, rest, [&](const MessageState& message) {
    if (outcome.messages.size() == request.count_max || outcome.examined == examined_max || search.has_read_enough()) {
      outcome.next = Peek::Page{info.uid_validity, message.uid, end};
      return false;
    }
    ++outcome.examined;
    if (!is_of(message, request.which)) return true;
    const Result<bool> matches = search.matches(snapshot, message);
    if (!matches) failure = matches.error();
    if (matches && *matches) outcome.messages.push_back(message);
    return !failure;
  }));
  if (failure) return std::move(*failure);
  return outcome;
}

Result<MessageState> Queues::get(const std::string& queue, imapd::Serial serial) const {
  TRY_ASSIGN(info, state_->find(queue));
  TRY_ASSIGN(message, state_->store.snapshot().message(info.id, serial));
  if (!message) return make_error(Code::kNotFound, "there is no such message in the queue");
  return std::move(*message);
}

Result<std::string> Queues::load_raw(const MessageState& message) const { return state_->store.snapshot().body(message.body); }

Result<Delivery> Queues::load(const MessageState& message) const {
  TRY_ASSIGN(raw, load_raw(message));
  return Delivery{message, imapd::mime::decode(raw)};
}

}  // namespace broker::queue

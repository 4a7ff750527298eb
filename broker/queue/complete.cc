#include <cstddef>
#include <iterator>
#include <map>
#include <utility>

#include "broker/queue/queue.h"
#include "broker/queue/state.h"
#include "imapd/base/limits.h"

namespace broker::queue {

using imapd::Callback;
using imapd::Code;
using imapd::MailboxId;
using imapd::make_error;
using imapd::Result;
using imapd::store::Append;
using imapd::store::AppendOutcome;

namespace {

// Which append of the store's verb an Enqueue became a part of, and how many messages it has there.
struct Place {
  std::size_t append;
  std::size_t messages;
};

// The store's answer, cut up as it was asked.
std::vector<EnqueueOutcome> enqueues_of(const std::vector<AppendOutcome>& appends, const std::vector<Place>& places) {
  std::vector<EnqueueOutcome> enqueues;
  std::vector<std::size_t> used(appends.size(), 0);
  for (const Place& place : places) {
    const AppendOutcome& from = appends[place.append];
    EnqueueOutcome& to = enqueues.emplace_back();
    for (std::size_t i = 0; i < place.messages; ++i) {
      const std::size_t at = used[place.append]++;
      to.serials.push_back(from.serials[at]);
      to.mod_seqs.push_back(from.mod_seqs[at]);
    }
  }
  return enqueues;
}

std::size_t bytes_of(const Append& append) {
  std::size_t bytes = 0;
  for (const auto& message : append.messages) bytes += message.body.size();
  return bytes;
}

}  // namespace

void Queues::complete(Complete request, Callback<Result<CompleteOutcome>> done) {
  imapd::store::Complete verb;
  std::size_t acks = 0;
  for (Settle& settle : request.acks) {
    auto queue = state_->find(settle.queue);
    if (!queue) return done(std::move(queue.error()));
    acks += settle.items.size();
    verb.acks.push_back({queue->id, std::move(settle.items), std::move(settle.actor)});
  }
  if (acks > imapd::limits::kClaimBatchMax) {
    return done(make_error(Code::kInvalidArgument, "at most " + std::to_string(imapd::limits::kClaimBatchMax) + " acks"));
  }
  std::map<MailboxId, std::size_t> index;
  std::vector<Place> places;
  std::size_t bytes = 0;
  std::size_t messages = 0;
  for (Enqueue& enqueue : request.enqueues) {
    messages += enqueue.messages.size();
    if (messages > imapd::limits::kEnqueueBatchMax) {
      return done(make_error(Code::kInvalidArgument, "at most " + std::to_string(imapd::limits::kEnqueueBatchMax) + " messages together"));
    }
    Result<Append> append = state_->append_of(std::move(enqueue));
    if (!append) return done(std::move(append.error()));
    bytes += bytes_of(*append);
    if (bytes > imapd::limits::kMessageBytesMax) {
      return done(make_error(Code::kResourceExhausted, "the messages come to more than " + std::to_string(imapd::limits::kMessageBytesMax) + " bytes together"));
    }
    const auto [at, is_new] = index.emplace(append->mailbox, verb.appends.size());
    places.push_back({at->second, append->messages.size()});
    if (is_new) {
      verb.appends.push_back(std::move(*append));
    } else {
      auto& joined = verb.appends[at->second].messages;
      std::move(append->messages.begin(), append->messages.end(), std::back_inserter(joined));
    }
  }
  if (acks == 0 && places.empty()) return done(make_error(Code::kInvalidArgument, "nothing to complete"));
  state_->store.complete(std::move(verb), [places = std::move(places), done = std::move(done)](
                                              Result<imapd::store::CompleteOutcome> completed) mutable {
    if (!completed) return done(std::move(completed.error()));
    CompleteOutcome outcome;
    outcome.complete = completed->complete;
    outcome.acks = std::move(completed->acks);
    if (outcome.complete) outcome.enqueues = enqueues_of(completed->appends, places);
    done(std::move(outcome));
  });
}

}  // namespace broker::queue

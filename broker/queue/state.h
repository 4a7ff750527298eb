#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <unordered_map>

#include "broker/queue/queue.h"

namespace broker::queue {

// A claim that may wait, from claim() until it calls back.
struct LiveClaim {
  imapd::store::ClaimReady request;
  imapd::Callback<imapd::Result<ClaimOutcome>> done;
  bool cancelled = false;
};

struct Queues::State {
  State(imapd::store::Store& the_store, const imapd::Clock& the_clock);

  imapd::store::Store& store;
  const imapd::Clock& clock;
  const std::string instance;  // Makes Message-IDs unique across starts.
  std::atomic<std::uint64_t> next_message{1};
  std::mutex mutex;
  std::unordered_map<WaiterId, LiveClaim> live_claims;  // Guarded by mutex, which is taken before that of `waiters`.
  Waiters waiters;

  imapd::Result<imapd::store::MailboxInfo> find(const std::string& name) const;
  // What the store is asked to append. Errors: as Enqueue's.
  imapd::Result<imapd::store::Append> append_of(Enqueue request);
  imapd::Result<imapd::store::NewMessage> compose(OutgoingMessage message, const std::string& queue, imapd::Timestamp now);

  // claim.cc
  void attempt(WaiterId id);
  void attempted(WaiterId id, Waiters::Observed seen, imapd::Result<imapd::store::ClaimReadyOutcome> outcome);
  void wait(WaiterId id, Waiters::Observed seen);
  void woken(WaiterId id, Waiters::Wake wake);
  LiveClaim take(WaiterId id);
};

}  // namespace broker::queue

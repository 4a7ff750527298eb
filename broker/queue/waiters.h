#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "imapd/base/callback.h"
#include "imapd/base/ids.h"
#include "imapd/store/change_feed.h"

namespace broker::queue {

// Also a place in the line: a waiter that was woken in vain waits on under its number, before those who came later.
using WaiterId = imapd::StrongId<struct WaiterIdTag, std::uint64_t>;

// Who waits for a message of a queue. Wakes as many waiters as there are ready messages, first come first served. To be woken is
// no promise: the waiter tries to claim, and waits again when somebody was quicker.
//
// No wake-up is lost between "nothing was ready" and "now I wait":
//     const auto seen = waiters.observe(mailbox);
//     ... claim; nothing was ready ...
//     waiters.wait(id, mailbox, seen, wake);  // Answers kReady at once when something became ready after observe().
//
// There are no timers here: who has a deadline calls cancel().
//
// Concurrency  Thread-safe. `wake` is called without a lock held, on the thread of the event, notify() or close(); it must not
//              block, and may call any member.
class Waiters {
 public:
  enum class Wake {
    kReady,   // Something may be ready.
    kGone,    // The queue was deleted.
    kClosed,  // close() was called.
  };
  using Observed = std::uint64_t;

  // Subscribes to every mailbox of `feed`, which outlives this.
  explicit Waiters(imapd::store::ChangeFeed& feed);

  WaiterId next_id();
  Observed observe(imapd::MailboxId mailbox);
  // nullopt: it waits, and `wake` will be called once unless cancel() says otherwise. Else it need not wait, and `wake` is dropped.
  std::optional<Wake> wait(WaiterId id, imapd::MailboxId mailbox, Observed seen, imapd::UniqueFunction<void(Wake)> wake);
  // Whether it was waiting: then its `wake` is never called. Otherwise it was called, or is being called.
  bool cancel(WaiterId id);
  // Wakes as an event of the store would: for what makes messages claimable without a change to them (a queue resumed).
  void notify(imapd::MailboxId mailbox, std::uint64_t ready);
  // Wakes all with kClosed, now and from now on.
  void close();
  std::size_t waiting(imapd::MailboxId mailbox) const;

 private:
  struct Line {
    Observed events;  // The number of the last event that found something ready.
    std::map<WaiterId, imapd::UniqueFunction<void(Wake)>> waiters;
  };
  void on_event(const imapd::store::MailboxEvent& event);
  void gone(imapd::MailboxId mailbox);

  mutable std::mutex mutex_;
  bool closed_ = false;                                      // Guarded by mutex_, as all below.
  std::uint64_t next_id_ = 1;
  Observed last_event_ = 0;
  std::unordered_map<imapd::MailboxId, Line> lines_;
  std::unordered_map<WaiterId, imapd::MailboxId> mailbox_of_;  // Those that wait now.
  imapd::store::ChangeFeed::Subscription subscription_;      // Last: no event reaches a half-destroyed object.
};

}  // namespace broker::queue

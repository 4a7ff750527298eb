#pragma once

#include "broker/queue/queue.h"
#include "imapd/base/clock.h"
#include "imapd/session/queue_door.h"

namespace broker {

// Policies and counters of queues as texts, for the IMAP sessions: durations in seconds, switches as true and false.
class PolicyDoor final : public imapd::session::QueueDoor {
 public:
  // All outlive it.
  PolicyDoor(imapd::store::Store& store, queue::Queues& queues, const imapd::Clock& clock)
      : store_(store), queues_(queues), clock_(clock) {}

  std::vector<Setting> settings(const imapd::store::MailboxInfo& mailbox, const MayCount& may_count) const override;
  void change(Change change, imapd::Callback<imapd::Result<void>> done) override;

 private:
  imapd::store::Store& store_;
  queue::Queues& queues_;
  const imapd::Clock& clock_;
};

}  // namespace broker

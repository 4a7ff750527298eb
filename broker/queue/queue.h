#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/queue/waiters.h"
#include "imapd/base/callback.h"
#include "imapd/base/clock.h"
#include "imapd/base/error.h"
#include "imapd/mime/queue_message.h"
#include "imapd/store/store.h"

namespace broker::queue {

// A queue is a mailbox of the shared tree that can be selected; so are its dead letters.
struct CreateQueue {
  std::string name;
  imapd::store::Policy policy;
  std::map<std::string, std::string> acl;
};  // kInvalidArgument, kAlreadyExists

struct DeleteQueue {
  std::string name;
  enum class Mode { kIfEmpty, kForce } mode = Mode::kIfEmpty;
};  // kNotFound; kFailedPrecondition: it or its dead letters hold messages, or another queue sends its dead letters there

struct UpdateQueue {
  std::string name;
  imapd::store::Policy policy;
  std::optional<imapd::store::Policy> only_if = std::nullopt;  // As UpdateMailbox::policy_before.
};  // kNotFound, kInvalidArgument, kAborted

// Bounds: base/limits.h (attributes, batch, bytes).
struct OutgoingMessage {
  std::map<std::string, std::string> attributes;
  std::string content_type;
  std::string body;
  std::string key;
  std::string group;
  int priority = imapd::mime::kDefaultPriority;  // 0 to 9, 9 first.
  std::optional<imapd::Millis> delay;            // At most one of these two.
  std::optional<imapd::Timestamp> due;
};
struct Enqueue {
  std::string queue;
  std::vector<OutgoingMessage> messages;  // All or none.
  imapd::store::Actor actor;
};  // kNotFound, kInvalidArgument, kResourceExhausted (full, or too large), kFailedPrecondition (paused; dead letters)
struct EnqueueOutcome {
  std::vector<imapd::Serial> serials;  // In the order given.
  std::vector<imapd::ModSeq> mod_seqs;
};

struct Claim {
  std::string queue;
  std::size_t count_max = 1;
  std::optional<imapd::Millis> lease;  // nullopt: the policy's default.
  // From next_waiter(): when nothing is ready, wait until something is or until cancel(). nullopt: answer at once.
  std::optional<WaiterId> waiter;
  imapd::store::Actor actor;
};  // kNotFound (also: deleted while waiting), kInvalidArgument, kUnavailable (closing)
struct ClaimOutcome {
  std::vector<imapd::store::MessageState> messages;  // Empty: nothing was ready, or cancelled.
};

struct Settle {
  std::string queue;
  std::vector<imapd::store::Settlement> items;
  imapd::store::Actor actor;
};  // kNotFound, kInvalidArgument; kFailedPrecondition: a dead letter cannot be rejected

struct Peek {
  std::string queue;
  enum class Which { kAny, kReady, kScheduled, kClaimed } which = Which::kAny;
  std::size_t count_max = 100;
  struct Page {
    imapd::UidValidity uid_validity;
    imapd::Uid from;
  };
  std::optional<Page> page;  // nullopt: from the oldest on.
};  // kNotFound; kInvalidArgument: a page of an earlier UIDVALIDITY
struct PeekOutcome {
  std::vector<imapd::store::MessageState> messages;  // Ascending serial. May be short of count_max while `next` is set.
  std::optional<Peek::Page> next;
};

struct Delivery {
  imapd::store::MessageState state;
  imapd::mime::QueueMessage content;
};

// The verbs of queues: what a door needs of them, over the store.
//
// Operation    Checks what is asked, composes or decodes messages, runs the store's verb, and lets claims wait.
// Concurrency  All members may be called from any thread. A Callback runs on the store's committer thread, or at once on the
//              caller's when the request is refused, and must not block. Members that return a Result read the disk and may
//              block: call them on a thread that may.
// Ownership    The store and the clock outlive it. close() first, and let the callbacks come, before it is destroyed.
class Queues {
 public:
  Queues(imapd::store::Store& store, const imapd::Clock& clock);
  ~Queues();

  void create_queue(CreateQueue request, imapd::Callback<imapd::Result<imapd::store::MailboxInfo>> done);
  void delete_queue(DeleteQueue request, imapd::Callback<imapd::Result<void>> done);
  void update_queue(UpdateQueue request, imapd::Callback<imapd::Result<imapd::store::MailboxInfo>> done);
  // From memory.
  imapd::Result<imapd::store::MailboxInfo> find_queue(const std::string& name) const;
  std::vector<imapd::store::MailboxInfo> list_queues(const std::string& prefix = {}) const;  // Ordered by name.

  void enqueue(Enqueue request, imapd::Callback<imapd::Result<EnqueueOutcome>> done);
  void settle(Settle request, imapd::Callback<imapd::Result<imapd::store::SettleOutcome>> done);

  void claim(Claim request, imapd::Callback<imapd::Result<ClaimOutcome>> done);
  WaiterId next_waiter();
  // Ends a claim that waits: it calls back with an empty outcome, on this thread or another, and holds nothing (what it won
  // meanwhile is released). No effect on one that has called back.
  void cancel(WaiterId waiter);
  // Ends all claims that wait, now and from now on, with kUnavailable.
  void close();

  imapd::Result<PeekOutcome> peek(const Peek& request) const;
  imapd::Result<imapd::store::MessageState> get(const std::string& queue, imapd::Serial serial) const;  // kNotFound
  // kNotFound: the message went meanwhile.
  imapd::Result<Delivery> load(const imapd::store::MessageState& message) const;
  // The RFC 5322 bytes.
  imapd::Result<std::string> load_raw(const imapd::store::MessageState& message) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace broker::queue

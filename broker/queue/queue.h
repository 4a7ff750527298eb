#pragma once

#include <functional>
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

// Acks and messages for other queues (or the same) in one commit: all or nothing.
struct Complete {
  std::vector<Settle> acks;        // Every item kAck.
  std::vector<Enqueue> enqueues;
};  // kInvalidArgument also: a message acked twice, nothing asked for; otherwise as Enqueue and Settle. Then nothing was done.
struct CompleteOutcome {
  bool complete = false;                             // False: some ack was refused, and nothing was done.
  std::vector<imapd::store::SettleOutcome> acks;     // As asked.
  std::vector<EnqueueOutcome> enqueues;              // As asked; empty unless complete.
};

struct Peek {
  std::string queue;
  enum class Which { kAny, kReady, kScheduled, kClaimed } which = Which::kAny;
  std::size_t count_max = 100;
  struct Page {
    imapd::UidValidity uid_validity;
    imapd::Uid from;
    std::optional<imapd::Uid> last = std::nullopt;  // The pages end here; nullopt: with the queue.
  };
  std::optional<Page> page;  // nullopt: from the oldest on.
  // Keys of IMAP's SEARCH (RFC 3501, section 6.4.4, and extensions) that a message must match; empty: all. Those that only a
  // session can answer (message numbers, RECENT, filters) are refused.
  std::string search = {};
  // kNow: the pages end where the queue ends at the first.
  enum class Ends { kWithQueue, kNow } ends = Ends::kWithQueue;
};  // kNotFound; kInvalidArgument: a page of an earlier UIDVALIDITY, no search
struct PeekOutcome {
  std::vector<imapd::store::MessageState> messages;  // Ascending serial. May be short of count_max while `next` is set.
  std::optional<Peek::Page> next;
  std::uint64_t examined = 0;
  imapd::MailboxId mailbox;
};

// One step of removing what a search finds: as many messages as one page of Peek examines. Ask again from `next`; what came after
// the first step is left alone.
struct Purge {
  std::string queue;
  std::string search;  // As Peek's.
  std::optional<Peek::Page> page;
};  // As Peek's
struct PurgeOutcome {
  std::uint64_t examined = 0;
  std::uint64_t removed = 0;
  std::uint64_t held = 0;  // Found, and left to who holds them.
  std::optional<Peek::Page> next;
};

// One step of moving dead letters back to where they died, or to `to`: there they are new messages, counters at zero.
struct Redrive {
  std::string queue;
  std::string search;  // As Peek's.
  std::string to;      // Empty: each to the queue that its trace names, or the level above "/Dead".
  std::optional<Peek::Page> page;
  // May messages go there, and which of their flags? nullopt of the outer: there is no such queue for who asks.
  using Door = std::function<std::optional<imapd::Result<imapd::store::FlagKinds>>(const imapd::store::MailboxInfo& target)>;
  Door door;  // Absent: anything goes.
};  // As Peek's; kNotFound: `to` is not there
struct RedriveOutcome {
  std::uint64_t examined = 0;
  std::uint64_t moved = 0;
  std::uint64_t held = 0;      // Found, and left to who holds them.
  std::uint64_t homeless = 0;  // Found, and there is no queue that they came from.
  std::uint64_t refused = 0;   // Found, and their queue takes them not: full, paused, no right.
  std::string refusal;         // Why the last of these.
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

  void complete(Complete request, imapd::Callback<imapd::Result<CompleteOutcome>> done);

  void claim(Claim request, imapd::Callback<imapd::Result<ClaimOutcome>> done);
  WaiterId next_waiter();
  // Ends a claim that waits: it calls back with an empty outcome, on this thread or another, and holds nothing (what it won
  // meanwhile is released). No effect on one that has called back.
  void cancel(WaiterId waiter);
  // Ends all claims that wait, now and from now on, with kUnavailable.
  void close();

  // The search is made before these return, on the caller's thread; `done` comes as for the verbs above.
  void purge(Purge request, imapd::Callback<imapd::Result<PurgeOutcome>> done);
  void redrive(Redrive request, imapd::Callback<imapd::Result<RedriveOutcome>> done);

  // kInvalidArgument says what is wrong with the text of a search (Peek).
  static imapd::Result<void> validate_search(const std::string& text);
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

#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "imapd/base/uid_set.h"
#include "imapd/store/mailbox.h"
#include "imapd/store/message.h"
#include "imapd/store/metadata.h"

// What is asked of Store's verbs and what they answer. Every verb is decided in one order per mailbox, and its answer is given
// when it is as durable as the store promises (I1, I2).
namespace imapd::store {

// --- mailboxes ---
struct CreateMailbox {
  MailboxPath path;
  MailboxKind kind = MailboxKind::kQueue;
  Policy policy;
  std::map<std::string, std::string> acl;
  std::string special_use;
};  // -> MailboxInfo. kAlreadyExists; missing parents are created as \Noselect levels.

struct DeleteMailbox {
  MailboxPath path;
  enum class When { kAlways, kIfEmpty } when = When::kAlways;
};  // kNotFound; kFailedPrecondition: asked for an empty one, and it is not. With children it stays as a \Noselect level; a level that has children is kFailedPrecondition (RFC 3501, 6.3.4).

struct RenameMailbox {
  MailboxPath from;
  MailboxPath to;
};  // Children move along. Renaming a personal INBOX moves its messages into a new mailbox (RFC 3501, 6.3.5).

// One entry of an ACL, decided on the list as it is then, so that changes made at once do not undo each other. `rights` are letters of
// RFC 4314, none of them virtual; an entry that is left without any goes.
struct AclChange {
  enum class Mode { kReplace, kAdd, kRemove };
  std::string identifier;
  Mode mode = Mode::kReplace;
  std::string rights;
};  // kResourceExhausted: over kAclEntriesMax.

struct UpdateMailbox {
  MailboxId mailbox;
  std::optional<Policy> policy;
  std::optional<std::map<std::string, std::string>> acl;
  std::optional<std::string> special_use;
  std::optional<Policy> policy_before = std::nullopt;  // Only when it is still this one: kAborted.
  std::optional<AclChange> acl_change = std::nullopt;  // After `acl`.
};  // -> MailboxInfo

struct Subscribe {
  std::string user;
  std::string name;  // As the client names it; needs not exist (RFC 3501, section 6.3.6).
  enum class Change { kAdd, kRemove } change = Change::kAdd;
};

// --- users ---
struct User {
  std::string name;
  std::string password_hash;  // PHC string.
  bool administrator = false;
  Timestamp created;
  std::string scram_keys = {};  // Of the same password; empty: none.
};
struct PutUser {
  User user;
  enum class Mode { kCreate, kReplace } mode = Mode::kCreate;
};  // kAlreadyExists / kNotFound
struct RemoveUser {
  std::string name;
};

// --- messages ---
struct NewMessage {
  std::string body;  // RFC 5322 bytes.
  FlagSet flags;     // With kClaimed it is born claimed by the actor.
  std::optional<InternalDate> internal_date;  // nullopt: now.
  std::uint32_t priority = 4;
  std::string key;
  std::string group;
  std::optional<Timestamp> due;  // Scheduled until then (queues only).
};
struct Append {
  MailboxId mailbox;
  std::vector<NewMessage> messages;  // All or none.
  Actor actor;
};
struct AppendOutcome {
  UidValidity uid_validity;
  std::vector<Serial> serials;
  std::vector<Uid> uids;
  std::vector<ModSeq> mod_seqs;
};  // kNotFound, kResourceExhausted (policy's maxima), kFailedPrecondition (enqueue paused)

// Flags as RFC 4314 divides them: each kind may be changed by whoever has the right to it.
struct FlagKinds {
  bool seen = true;
  bool deleted = true;
  bool others = true;

  bool contain(const Flag& flag) const {
    if (flag.is_system() && flag.system() == SystemFlag::kSeen) return seen;
    if (flag.is_system() && flag.system() == SystemFlag::kDeleted) return deleted;
    return others;
  }
};
struct FlagChange {
  enum class Mode { kAdd, kRemove, kReplace } mode = Mode::kAdd;
  FlagSet flags;
  FlagKinds kinds = {};  // Flags of other kinds stay as they are.
};
enum class Refusal {
  kModified,  // A flag named in the command changed after unchanged_since (RFC 7162, 3.1.3), or a claim was lost to it.
  kInUse,     // Held by somebody else, or claimed without UNCHANGEDSINCE and not ready.
  kBlocked,   // The rules refuse it: paused, group.
  kNoRight,
};
struct RefusedMessage {
  MessageState message;  // As it is now.
  Refusal reason;
};
struct StoreFlags {
  MailboxId mailbox;
  UidSet uids;
  FlagChange change;
  std::optional<ModSeq> unchanged_since;
  Actor actor;
};
struct StoreFlagsOutcome {
  std::vector<MessageState> stored;  // As they are now; also those on which nothing had to change.
  std::vector<RefusedMessage> refused;
  UidSet gone;  // Asked for and not there: expunged, or never existed.
};

// Claims up to count_max ready messages in the order of the queue, each by the conditional store that StoreFlags runs too.
struct ClaimReady {
  MailboxId mailbox;
  std::size_t count_max = 1;
  std::optional<Millis> lease;
  Actor actor;
};
struct ClaimReadyOutcome {
  std::vector<MessageState> claimed;  // claim->token is what settles them.
};

struct Settlement {
  enum class Kind { kAck, kRelease, kFail, kReject, kExtend };
  Serial serial;
  ModSeq token;
  Kind kind = Kind::kAck;
  std::string reason;           // kFail, kReject: a short text for the trace header.
  std::optional<Millis> delay;  // kRelease, kFail: instead of the policy's. kExtend: the lease from now.
};
struct Settle {
  MailboxId mailbox;
  std::vector<Settlement> items;
  Actor actor;
};
struct SettleOutcome {
  enum class Result { kSettled, kLeaseLost, kGone, kNoRight };
  struct Item {
    Result result;
    ModSeq new_token;                    // kExtend: the token from now on.
    std::optional<Timestamp> deadline;   // kExtend
    std::optional<MailboxPath> dead_letters;  // Where it went, when it went there.
  };
  std::vector<Item> items;  // In the order asked.
};

// Acks and appends in one decision, perhaps in several mailboxes: all or nothing.
struct Complete {
  std::vector<Settle> acks;     // Every item kAck; no message twice.
  std::vector<Append> appends;  // No mailbox twice. What is acked makes room for what comes.
};
struct CompleteOutcome {
  bool complete = false;               // False: an ack was refused, and nothing was done.
  std::vector<SettleOutcome> acks;     // In the order asked. kSettled of those that were not refused.
  std::vector<AppendOutcome> appends;  // In the order asked; empty unless complete.
};  // Errors: as Append's, and nothing was done; kInvalidArgument: something is there twice, or is no ack.

struct Expunge {
  MailboxId mailbox;
  std::optional<UidSet> uids;  // nullopt: all with \Deleted; else those of them that have \Deleted (RFC 4315, section 2.1).
  Actor actor;
  // kNotHeld: the named ones, with \Deleted or without, that nobody holds, the actor neither. `uids` is required.
  enum class Which { kDeleted, kNotHeld } which = Which::kDeleted;
};
struct ExpungeOutcome {
  UidSet expunged;
  std::uint64_t held = 0;  // kNotHeld: passed over.
  ModSeq highest_mod_seq;
};  // Messages held by others are passed over (DESIGN, claim rule 5).

struct CopyMessages {
  enum class Mode { kCopy, kMove };
  MailboxId from;
  MailboxId to;
  UidSet uids;
  Mode mode = Mode::kCopy;
  Actor actor;
  FlagKinds kinds = {};  // Flags of other kinds are not set on what arrives.
  // kMove: what the actor may settle goes too (claim rule 5), or only what nobody holds, the actor neither.
  enum class Held { kMaySettle, kNobody } held = Held::kMaySettle;
};
struct CopyOutcome {
  UidValidity uid_validity;  // Of the target.
  std::vector<std::pair<Uid, Uid>> uids;  // Source -> target, in the order of the source.
  std::vector<RefusedMessage> refused;    // kMove: held by others.
};

// Appends one message and takes another one away, in one decision (RFC 8508). What goes makes room for what comes.
struct Replace {
  MailboxId from;
  Uid uid;        // Of `from`: goes.
  Append append;  // Just one message, perhaps into another mailbox.
};
struct ReplaceOutcome {
  enum class Result {
    kReplaced,
    kGone,   // There is no such message (any more), and nothing was done.
    kInUse,  // Held by somebody else (DESIGN, claim rule 5), and nothing was done.
  };
  Result result = Result::kReplaced;
  AppendOutcome appended;  // Of kReplaced.
};  // Errors: as Append's.

// Ends leases and delays whose time has come, at most count_max of them.
struct ExpireDue {
  Timestamp now;
  std::size_t count_max = 1'000;
};
struct ExpireDueOutcome {
  std::size_t expired = 0;
  std::size_t became_ready = 0;
  std::size_t dead_lettered = 0;
  std::optional<Timestamp> next_due;  // nullopt: nothing waits.
};

// Gives back what an IMAP session that has ended holds in queues whose policy has release_on_disconnect, at most count_max
// claims. The store asks it of itself, by holder_closed().
struct ReleaseHolder {
  std::string holder;
  std::size_t count_max = 1'000;
};
struct ReleaseHolderOutcome {
  std::size_t released = 0;
  bool more = false;
};

// --- the change feed ---
struct Changes {
  ModSeq highest_mod_seq;  // Every change after `since` up to here is told; ask again from here when there is `more`.
  bool more = false;       // The answer was cut at count_max.
  Uid uid_next;
  std::vector<MessageState> changed;  // Ascending mod-sequence, the latest state of each.
  UidSet vanished;
  enum class Completeness { kComplete, kBehindHorizon } completeness = Completeness::kComplete;
};
// What Changes would say of all that vanished, without the rest.
struct Vanished {
  UidSet uids;  // kBehindHorizon: all UIDs below the mailbox's next that are not there.
  Changes::Completeness completeness = Changes::Completeness::kComplete;
};

}  // namespace imapd::store

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "imapd/base/callback.h"
#include "imapd/base/error.h"
#include "imapd/base/uid_set.h"
#include "imapd/store/mailbox.h"
#include "imapd/store/message.h"
#include "imapd/store/verbs.h"

namespace imapd::store {

class Engine;

// One moment of the store: everything read through it is of that moment. Cheap to take; holds back the removal of old data while
// it lives, so keep it for one command and not for a session.
//
// Concurrency  Used by one thread at a time. Reads may block on the disk.
class Snapshot {
 public:
  Snapshot(Engine& engine);  // The engine outlives it.
  Snapshot(Snapshot&&) noexcept;
  Snapshot& operator=(Snapshot&&) noexcept;
  ~Snapshot();

  Result<MailboxInfo> mailbox(MailboxId mailbox) const;  // kNotFound
  Result<std::optional<MessageState>> message(MailboxId mailbox, Uid uid) const;
  Result<std::optional<MessageState>> message(MailboxId mailbox, Serial serial) const;
  // Visits the messages of `uids` that exist, ascending, until visit returns false.
  Result<void> for_each(MailboxId mailbox, const UidSet& uids, UniqueFunction<bool(const MessageState&)> visit) const;
  // The UIDs that exist, which is what a session needs when it selects. Reads keys only.
  Result<UidSet> uids(MailboxId mailbox) const;
  // Of a queue: a superset of what has no claim, all of it but what is claimed and \Deleted too. Costs what it finds and reads keys
  // only. nullopt: that is more than count_max, or the mailbox is personal, where nothing tells.
  Result<std::optional<UidSet>> maybe_unclaimed(MailboxId mailbox, std::size_t count_max) const;
  // The size of all that has \Deleted. Costs what is deleted, not what is there.
  Result<std::uint64_t> deleted_bytes(MailboxId mailbox) const;
  // Changed or vanished after `since`, about count_max of each kind at most, the earliest first. `since` = 0: everything.
  Result<Changes> changes_since(MailboxId mailbox, ModSeq since, std::size_t count_max) const;
  // All that vanished after `since`, however much changed besides.
  Result<Vanished> vanished_since(MailboxId mailbox, ModSeq since) const;
  // Bytes [offset, offset + count) of a message; fewer at its end. kNotFound: it went before this snapshot was taken.
  Result<std::string> body(const BodyRef& body, std::uint64_t offset = 0, std::uint64_t count = UINT64_MAX) const;
  // The first ready messages in claiming order, without claiming them.
  Result<std::vector<MessageState>> ready(MailboxId mailbox, std::size_t count_max) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace imapd::store

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "imapd/base/callback.h"
#include "imapd/base/clock.h"
#include "imapd/base/error.h"
#include "imapd/ops/health.h"
#include "imapd/store/change_feed.h"
#include "imapd/store/claim_rules.h"
#include "imapd/store/mailbox.h"
#include "imapd/store/message.h"
#include "imapd/store/snapshot.h"
#include "imapd/store/verbs.h"

namespace rocksdb {
class FileSystem;
}

namespace imapd::store {

enum class Durability {
  kSync,     // An answer means: synced.
  kRelaxed,  // An answer means: handed to the log, which is synced every 50 ms or so. Only power loss can undo it.
};

struct StoreOptions {
  std::string directory;  // Created when missing. Locked while open: a second process gets kFailedPrecondition.
  Durability durability = Durability::kSync;
  std::shared_ptr<rocksdb::FileSystem> file_system;  // nullptr: the machine's. Tests lose unsynced data through it.
};

// Mailboxes on disk (FORMAT.md). The only writer of its directory.
//
// Operation    A write is a verb with a request and a Callback. Verbs are queued; one committer thread decides them one after
//              another against the pending state, joins what is queued into one batch, writes and syncs it, publishes the new
//              state and then calls back, all in the order in which they were queued.
// Durability   See StoreOptions. After a failed write or sync every later write answers kUnavailable until the store is
//              reopened (I7); reads go on.
// Concurrency  All members may be called from any thread. Callbacks run on the committer thread, or at once on the caller's when
//              the store takes no writes; they must neither block nor destroy the store. async() of base/async.h hands them
//              over to the caller's executor.
// Limits       base/limits.h; the policy's maxima of a queue.
class Store {
 public:
  // `clock`, `rules` and `health` outlive the store. kFailedPrecondition: locked by another process, or a newer format.
  static Result<std::unique_ptr<Store>> open(StoreOptions options, const Clock& clock, ClaimRules& rules, ops::Health& health);
  // Finishes what is queued, syncs, closes.
  ~Store();

  void create_mailbox(CreateMailbox request, Callback<Result<MailboxInfo>> done);
  void delete_mailbox(DeleteMailbox request, Callback<Result<void>> done);
  void rename_mailbox(RenameMailbox request, Callback<Result<void>> done);
  void update_mailbox(UpdateMailbox request, Callback<Result<MailboxInfo>> done);
  void subscribe(Subscribe request, Callback<Result<void>> done);
  void put_user(PutUser request, Callback<Result<void>> done);
  void remove_user(RemoveUser request, Callback<Result<void>> done);

  void set_metadata(SetMetadata request, Callback<Result<void>> done);
  void set_user_quota(SetUserQuota request, Callback<Result<void>> done);

  void append(Append request, Callback<Result<AppendOutcome>> done);
  void store_flags(StoreFlags request, Callback<Result<StoreFlagsOutcome>> done);
  void claim_ready(ClaimReady request, Callback<Result<ClaimReadyOutcome>> done);
  void settle(Settle request, Callback<Result<SettleOutcome>> done);
  void complete(Complete request, Callback<Result<CompleteOutcome>> done);
  void expunge(Expunge request, Callback<Result<ExpungeOutcome>> done);
  void copy_messages(CopyMessages request, Callback<Result<CopyOutcome>> done);
  void replace(Replace request, Callback<Result<ReplaceOutcome>> done);
  void expire_due(ExpireDue request, Callback<Result<ExpireDueOutcome>> done);

  Snapshot snapshot();
  // As of the last commit; both cheap, from memory.
  std::optional<MailboxInfo> find_mailbox(const MailboxPath& path) const;
  std::optional<MailboxInfo> mailbox(MailboxId mailbox) const;
  std::vector<MailboxInfo> mailboxes() const;  // Ordered by path.
  std::vector<std::string> subscriptions(const std::string& user) const;
  Result<std::optional<User>> user(const std::string& name) const;
  Result<std::vector<User>> users() const;

  // metadata.h says what `owner` and `entry` are. nullopt: no such annotation.
  Result<std::optional<std::string>> metadata(MailboxId mailbox, const std::string& owner, const std::string& entry) const;
  // `entry` itself, when there is one, and all below it; by name.
  Result<std::vector<MetadataEntry>> metadata_under(MailboxId mailbox, const std::string& owner, const std::string& entry) const;
  Result<UserQuota> user_quota(const std::string& user) const;  // No limits when none were set.

  ChangeFeed& change_feed();

  // \Recent (RFC 3501, section 2.3.2): the messages with this serial or a later one have been announced to no session yet; a
  // read-write SELECT takes them. Kept in memory: after a restart nothing is recent.
  enum class Recent { kTake, kLook };
  Serial recent_from(MailboxId mailbox, Recent mode);

  // IMAP sessions that live: a claim whose session has ended may be settled by the same user's other sessions (claim rule 3), and
  // is released where the queue's policy has release_on_disconnect (claim rule 7): after what the session asked for before, and
  // some time after holder_closed() has returned.
  void holder_opened(const std::string& holder);
  void holder_closed(const std::string& holder);

  // Number of syncs that the log has been given since open; for tests and metrics.
  std::uint64_t sync_count() const;

 private:
  explicit Store(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

}  // namespace imapd::store

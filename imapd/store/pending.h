#pragma once

#include <rocksdb/write_batch.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "imapd/store/engine.h"
#include "imapd/store/ready_order.h"
#include "imapd/store/records.h"

namespace imapd::store {

// The state as of all operations decided so far, the group in hand included, and the batch that will make it so on disk.
//
// Operation    A verb reads with message(), serials() and mailbox(), then changes with insert(), change() and remove(), which keep
//              the indexes (`changes`, `expunged`, `ready`, `due`) and the counters in step. A verb checks everything before its
//              first change: what is in the batch is not taken back.
// Durability   Nothing: Engine writes the batch. When a read fails, broken() says so and the group is not written.
// Concurrency  Committer thread only. Pointers to messages stay valid until the group ends.
class Pending {
 public:
  struct Mailbox : MailboxData {
    bool dirty = false;
    bool settings_dirty = false;
    std::unique_ptr<ReadyOrder> order;  // Made by the first claim.
    std::uint32_t taken_unread = 0;     // Taken from `ready` since the order was last read: by IMAP claims, which read nothing.
  };

  explicit Pending(Engine& engine) : engine_(engine) {}

  Timestamp now() const { return engine_.clock().now(); }
  ClaimRules& rules() const { return engine_.rules(); }
  bool holder_alive(const std::string& holder) const { return engine_.holder_alive(holder); }

  // --- mailboxes ---
  Mailbox* mailbox(MailboxId id);
  Mailbox* find(const MailboxPath& path);
  const std::map<MailboxPath, MailboxId>& paths() const { return paths_; }
  Mailbox& create(const CreateMailbox& request);
  // Makes every missing level above it \Noselect.
  void create_levels_above(const CreateMailbox& request);
  Mailbox& create_with_levels(const CreateMailbox& request) {
    create_levels_above(request);
    return create(request);
  }
  void rename(Mailbox& mailbox, MailboxPath to);
  // Takes the mailbox out of sight; its messages are buried bit by bit.
  void drop(Mailbox& mailbox);
  void settings_changed(Mailbox& mailbox);
  // At open: a mailbox as it is on disk.
  void adopt(MailboxData data);

  // --- messages ---
  const MessageState* message(Mailbox& mailbox, Serial serial);  // nullptr: not there.
  // The same for one that serials() or deleted() named: when it cannot be read, the group is broken and this is the answer.
  Result<const MessageState*> present(Mailbox& mailbox, Serial serial);
  // Those of `uids` that exist, ascending.
  std::vector<Serial> serials(Mailbox& mailbox, const UidSet& uids);
  // Those that have \Deleted, ascending. Costs what is deleted, not what is there.
  std::vector<Serial> deleted(Mailbox& mailbox);
  ModSeq next_mod_seq(Mailbox& mailbox);
  Serial next_serial(Mailbox& mailbox);
  void insert(Mailbox& mailbox, MessageState message);
  void change(Mailbox& mailbox, MessageState after);
  // Removes the message and writes the expunge; the body goes with its last reference, unless it moves on to another message.
  enum class BodyFate { kRelease, kMovesOn };
  void remove(Mailbox& mailbox, Serial serial, BodyFate fate = BodyFate::kRelease);

  // --- bodies ---
  BodyId put_body(const std::string& bytes);
  std::uint64_t new_email_id() { return allocate_body_id(); }
  void add_reference(Mailbox& mailbox, Serial serial);  // The message's body gets one more reference.
  void release_body(const BodyRef& body);

  // --- the order of claiming ---
  ReadyOrder& order(Mailbox& mailbox);
  std::optional<ReadyOrder::Position> first_ready_after(Mailbox& mailbox, std::optional<ReadyOrder::Position> position);

  // --- leases and delays ---
  // Due keys with time <= now, at most count_max, oldest first; stale ones among them.
  std::vector<DueKey> due(Timestamp now, std::size_t count_max);
  void forget_due(const DueKey& key);
  std::optional<Timestamp> next_due();

  // --- who holds what: claims of IMAP sessions that were made since open ---
  using Held = std::pair<MailboxId, Serial>;
  // Up to count_max of them, which are forgotten here: the session has ended. Ascending.
  std::vector<Held> take_held(const std::string& holder, std::size_t count_max);
  bool holds_more(const std::string& holder) const { return held_.contains(holder); }

  // --- users ---
  std::optional<User> user(const std::string& name);
  void put_user(const User& user);
  void remove_user(const std::string& name);
  void set_subscription(const Subscribe& request);

  // --- annotations and quotas (metadata.cc) ---
  bool has_metadata(MailboxId mailbox, const MetadataChange& entry);
  std::size_t count_metadata(MailboxId mailbox, const std::string& owner);
  void set_metadata(MailboxId mailbox, const MetadataChange& change);
  void drop_metadata(MailboxId mailbox);
  void copy_metadata(MailboxId from, MailboxId to);
  void set_user_quota(const std::string& user, const UserQuota& quota);
  // May so much more come into the personal tree of `owner`? kResourceExhausted. The shared tree (empty) has no such limits.
  struct UserUsage {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    std::uint64_t mailboxes = 0;
  };
  Result<void> check_user_quota(const std::string& owner, const UserUsage& more);
  // What the group's readers are told of the tree.
  void tell(TreeEvent event) { tree_events_.push_back(std::move(event)); }
  void tell_of_user(TreeEvent::Kind kind, const std::string& user) {
    TreeEvent event;
    event.kind = kind;
    event.user = user;
    tell(std::move(event));
  }
  void tell(TreeEvent::Kind kind, const MailboxInfo& mailbox, std::optional<MailboxInfo> before = {}) {
    TreeEvent event;
    event.kind = kind;
    event.mailbox = mailbox;
    event.before = std::move(before);
    tell(std::move(event));
  }

  // --- graves: deleted mailboxes whose messages are still on disk ---
  std::optional<MailboxId> next_grave() const;
  // Removes up to count_max messages of it; the grave itself with the last.
  // A mailbox dropped in this very group must wait: the database still lists what the group moved out of it.
  void bury(MailboxId mailbox, std::size_t count_max);

  // --- the group ---
  // Adds the records of changed mailboxes to the batch. Call once, before the write.
  void seal();
  bool batch_empty() const { return batch_.Count() == 0; }
  rocksdb::WriteBatch& batch() { return batch_; }
  bool needs_sync() const { return needs_sync_; }
  bool broken() const { return broken_.has_value(); }
  const std::string& broken_because() const { return *broken_; }
  // What was read contradicts FORMAT.md: the group must not be written.
  Error corrupt(const std::string& what);
  Engine::Publication take_publication();
  void end_group();
  StoreData& store_data() { return store_; }
  void note_grave(MailboxId mailbox) { graves_.push_back({mailbox, Serial(0)}); }
  // At open, in `relaxed`: numbers up to here may have been given out before a power loss.
  void skip_to_ceilings(Mailbox& mailbox);
  // At a clean close: nothing is reserved ahead any more.
  void release_ceilings();

 private:
  struct Key {
    MailboxId mailbox;
    Serial serial;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::uint64_t>()(key.mailbox.value() * 0x9e3779b97f4a7c15ULL ^ key.serial.value());
    }
  };
  struct Grave {
    MailboxId mailbox;
    Serial next;  // All before it are buried: their tombstones are not walked again.
  };
  struct ReadyChange {
    ReadyKey key;
    bool present;
  };

  void put(Family family, const std::string& key, const std::string& value);
  void erase(Family family, const std::string& key);
  std::optional<std::string> get(Family family, const std::string& key);
  void touch(Mailbox& mailbox);
  void index(Mailbox& mailbox, const MessageState* before, const MessageState* after);
  void index_holder(MailboxId mailbox, const MessageState* before, const MessageState* after);
  void set_ready(Mailbox& mailbox, ReadyOrder::Position position, bool present);
  std::vector<std::uint64_t> read_ready(MailboxId mailbox, std::uint32_t priority, std::uint64_t from);
  std::uint64_t allocate_body_id();
  UserQuota user_quota(const std::string& user);
  void forget_old_expunges(Mailbox& mailbox);
  void check(const rocksdb::Status& status);

  Engine& engine_;
  StoreData store_;
  bool store_dirty_ = false;
  std::map<MailboxPath, MailboxId> paths_;
  std::unordered_map<MailboxId, std::unique_ptr<Mailbox>> mailboxes_;
  std::vector<Grave> graves_;
  // Messages as they are; nullopt: known not to be there. Kept between groups as a cache, the committer being the only writer.
  std::unordered_map<Key, std::optional<MessageState>, KeyHash> messages_;
  std::map<std::string, UserQuota> quotas_;  // A cache, as messages_ is.
  std::unordered_map<std::string, std::set<Held>> held_;  // By holder; nothing of those that ended.
  Timestamp due_low_water_;  // No key of `due` lies below.

  // The group in hand.
  rocksdb::WriteBatch batch_;
  std::vector<Key> touched_;
  std::vector<ReadyChange> ready_changes_;
  std::unordered_map<BodyId, std::uint64_t> references_;
  std::map<std::string, std::optional<User>> users_;
  std::vector<Mailbox*> dirty_;
  std::vector<MailboxId> removed_;
  std::vector<MailboxId> new_graves_;
  std::optional<Timestamp> earliest_new_due_;
  std::vector<MailboxEvent> events_;
  std::vector<TreeEvent> tree_events_;
  std::map<std::string, bool> metadata_;  // Key -> is it there, of those that this group changed.
  bool needs_sync_ = false;
  std::optional<std::string> broken_;
  std::string scratch_;
};

}  // namespace imapd::store

#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "imapd/base/callback.h"
#include "imapd/base/ids.h"
#include "imapd/store/mailbox.h"

namespace imapd::store {

struct MailboxEvent {
  enum class Kind { kChanged, kDeleted, kRenamed };
  Kind kind = Kind::kChanged;
  MailboxId mailbox;
  ModSeq highest_mod_seq;
  std::uint64_t ready = 0;  // Messages that may be claimed now.
};

// Something about the tree of mailboxes or who may use it, not about messages: rare, so it carries what it is about.
struct TreeEvent {
  enum class Kind {
    kCreated,       // Also: a level that held only children became a mailbox.
    kDeleted,
    kRenamed,
    kRights,        // Its ACL changed.
    kMetadata,      // `entries` of `user` (empty: shared) changed; without `mailbox` the server's.
    kSubscribed,    // By `user`, to `name`.
    kUnsubscribed,
    kUserRemoved,   // `user`: what he has open is to end.
    kUserChanged,   // `user`: another password, or rank.
  };
  Kind kind = Kind::kCreated;
  std::optional<MailboxInfo> mailbox;  // As it is now; kDeleted: as it was.
  std::optional<MailboxInfo> before;   // kRenamed, kRights.
  std::string user;
  std::string name;
  std::vector<std::string> entries;
  std::string by;  // kMetadata: SetMetadata::by.
};

// Wakes whoever watches a mailbox after a commit that changed it. An event carries no content: the watcher asks
// Store::changes_since for what it has not seen, so a slow watcher costs nothing here.
//
// Concurrency  Thread-safe. Listeners run on the committer thread after the commit is published: they must not block, nor
//              subscribe or unsubscribe; they post to their own executor.
class ChangeFeed {
 public:
  using Listener = UniqueFunction<void(const MailboxEvent&)>;
  // Ends with its destruction; when that returns, the listener is not running and never will again.
  class Subscription {
   public:
    Subscription() = default;
    Subscription(ChangeFeed* feed, std::uint64_t id) : feed_(feed), id_(id) {}
    Subscription(Subscription&& other) noexcept : feed_(std::exchange(other.feed_, nullptr)), id_(other.id_) {}
    Subscription& operator=(Subscription&& other) noexcept {
      std::swap(feed_, other.feed_);
      std::swap(id_, other.id_);
      return *this;
    }
    ~Subscription() {
      if (feed_ != nullptr) feed_->unsubscribe(id_);
    }

   private:
    ChangeFeed* feed_ = nullptr;  // Outlives all subscriptions.
    std::uint64_t id_ = 0;
  };

  [[nodiscard]] Subscription subscribe(MailboxId mailbox, Listener listener);
  [[nodiscard]] Subscription subscribe_all(Listener listener);
  void publish(const std::vector<MailboxEvent>& events);

  using TreeListener = UniqueFunction<void(const TreeEvent&)>;
  [[nodiscard]] Subscription subscribe_tree(TreeListener listener);
  void publish(const std::vector<TreeEvent>& events);

 private:
  void unsubscribe(std::uint64_t id);

  struct Entry {
    std::uint64_t id;
    Listener listener;
  };
  std::mutex mutex_;
  std::uint64_t next_id_ = 1;                                // Guarded by mutex_, as all below.
  std::unordered_map<std::uint64_t, MailboxId> mailbox_of_;  // MailboxId(0): all mailboxes.
  std::unordered_map<MailboxId, std::vector<Entry>> listeners_;
  std::unordered_map<std::uint64_t, TreeListener> tree_listeners_;
};

}  // namespace imapd::store

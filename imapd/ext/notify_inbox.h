#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "imapd/auth/rights.h"
#include "imapd/base/ids.h"
#include "imapd/store/change_feed.h"

namespace imapd::ext {

// One event of the tree, cut down to what a session that waits for NOTIFY's may have to say of it.
struct TreeNews {
  using Kind = store::TreeEvent::Kind;
  Kind kind = Kind::kCreated;
  store::MailboxPath path;             // kSubscribed, kUnsubscribed: as the client names it. Empty: the server.
  store::MailboxPath before;           // kRenamed.
  auth::Rights rights;                 // The session's user's; kRights: as they are now.
  auth::Rights rights_before;          // kRights.
  std::vector<std::string> entries;    // kMetadata.
  bool own = false;                    // Caused by this session: it knows.
};

// What happened since the session looked last: written by the committer thread, read by the session.
//
// Concurrency  Thread-safe.
// Limits       kNotifyTreeNewsMax; mailboxes that changed are named once, and only those that are watched.
class NotifyInbox {
 public:
  struct Content {
    std::unordered_set<MailboxId> changed;
    std::vector<TreeNews> tree;
    bool overflow = false;  // News of the tree were dropped.
  };

  // Whose rights count; `session` is TreeEvent::by of what he does himself.
  NotifyInbox(std::string user, bool is_administrator, std::string session);

  void put_changed(MailboxId mailbox);
  // Whether it was of any interest.
  bool put(const store::TreeEvent& event);
  // The session has done this itself: what there is about it is marked so.
  void mark_own(TreeNews::Kind kind, const store::MailboxPath& path);
  Content take();
  // Leaves the news of the tree.
  std::unordered_set<MailboxId> take_changed();

 private:
  auth::Rights rights_on(const store::MailboxInfo& mailbox) const;

  const std::string user_;
  const bool is_administrator_;
  const std::string session_;
  std::mutex mutex_;
  Content content_;  // Guarded by mutex_.
};

}  // namespace imapd::ext

#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "imapd/base/async.h"
#include "imapd/base/uid_set.h"
#include "imapd/ext/notify_filter.h"
#include "imapd/ext/notify_inbox.h"
#include "imapd/session/mailbox_view.h"
#include "imapd/session/reply.h"
#include "imapd/store/change_feed.h"
#include "imapd/wire/command.h"

// NOTIFY (RFC 5465).
namespace imapd::session {

class Session;

Task<Reply> run(Session& session, wire::Notify command);

}  // namespace imapd::session

namespace imapd::ext {

// What one session watches since its last NOTIFY.
//
// Operation    Commits wake the session, which then calls tell_others(): a mailbox is looked at as it is now and compared with
//              what the client was told of it, so a burst of commits costs one STATUS. The selected mailbox is told by its view
//              (Session::sync), as far as the filter wants it.
// Limits       kNotifyMailboxesMax, kNotifyTreeNewsMax. Past them: `* OK [NOTIFICATIONOVERFLOW]`, and from then on as NOTIFY NONE.
// Concurrency  The session's strand.
class Notifications {
 public:
  struct Renamed {
    store::MailboxPath from;
    store::MailboxPath to;
  };

  // The session outlives it. Begins to watch.
  Notifications(session::Session& session, NotifyFilter filter);
  Notifications(const Notifications&) = delete;

  // More mailboxes are asked for than may be watched.
  bool too_many() const { return too_many_; }
  // What NOTIFY SET is answered with: `* LIST (\NoAccess)` for what may be seen but not watched, and a STATUS of all that is watched.
  Task<void> tell_beginning(bool status);

  // --- the selected mailbox ---
  bool wants_selected() const { return filter_.selected().has(wire::NotifyEvent::kMessageNew); }
  bool wants_flags() const { return filter_.selected().has(wire::NotifyEvent::kFlagChange); }
  // While no command runs.
  session::MailboxView::Expunges expunges_unasked() const;
  // Another mailbox was selected, or none.
  void selected_changed();
  // MessageNew's items for the messages that came with the UID `first` or a later one, except those that came by `own`.
  Task<void> fetch_new(Uid first, UidSet own);

  // --- all else ---
  // The session itself has done this, with success: it is not told of it.
  void done_here(TreeNews::Kind kind, const store::MailboxPath& path) { inbox_.mark_own(kind, path); }
  Task<void> tell_others();

 private:
  // A mailbox as the client knows it.
  struct Known {
    UidValidity uid_validity;
    Uid uid_next{1};
    std::uint64_t messages = 0;
    std::uint64_t unseen = 0;
    ModSeq highest_mod_seq;
  };
  struct Watch {
    wire::NotifyEvents events;
    std::optional<Known> known;  // nullopt: nothing was told of it yet.
    store::ChangeFeed::Subscription subscription;
  };

  static Known known_of(const store::MailboxInfo& mailbox);
  auth::Rights rights_on(const store::MailboxInfo& mailbox) const;
  bool is_selected(MailboxId mailbox) const;
  // Makes watches_ what the filter and the rights of now want. False: too many.
  bool watch_all();
  void forget_all();
  void tell_status(MailboxId mailbox, Watch& watch);
  void tell_tree(const TreeNews& news);
  void tell_rights(const TreeNews& news);
  void tell_name(const store::MailboxPath& path);
  void tell_list(const store::MailboxPath& path, std::optional<std::string> old_name = {}, bool no_access = false);
  bool wants(wire::NotifyEvent event, const store::MailboxPath& path) const { return filter_.of(path).has(event); }

  session::Session& session_;
  NotifyFilter filter_;
  NotifyInbox inbox_;
  std::unordered_map<MailboxId, Watch> watches_;
  std::optional<MailboxId> selected_;
  std::optional<Renamed> renamed_;  // The last news of the tree: what moved along comes next, perhaps in another batch.
  std::vector<store::MailboxInfo> tree_;            // While news of the tree are told.
  std::set<std::string> listed_;                    // Likewise: whose LIST has been sent.
  bool too_many_ = false;
  store::ChangeFeed::Subscription tree_subscription_;
  store::ChangeFeed::Subscription selected_subscription_;
};

}  // namespace imapd::ext

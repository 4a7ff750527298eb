#pragma once

#include <set>
#include <string>
#include <vector>

#include "imapd/store/mailbox.h"
#include "imapd/wire/command.h"

namespace imapd::ext {

// What a NOTIFY SET asks for, mailbox by mailbox (RFC 5465, section 6). Pure. Made without groups it asks for nothing.
class NotifyFilter {
 public:
  NotifyFilter() = default;
  // Names in `groups` are the client's.
  NotifyFilter(std::vector<wire::NotifyGroup> groups, std::string user);

  // Of the selected mailbox, whatever it is.
  wire::NotifyEvents selected() const { return selected_; }
  // EXPUNGE may come at any time, not only with commands that allow it.
  bool expunges_at_once() const { return !delayed_; }
  // MessageNew's, for the selected mailbox.
  const std::vector<wire::FetchItem>& new_items() const { return new_items_; }

  // Of a mailbox in the shared tree or the user's own.
  wire::NotifyEvents of(const store::MailboxPath& path) const;
  // The same, if it were subscribed to.
  wire::NotifyEvents of_subscribed(const store::MailboxPath& path) const;
  // Is it among those that the client can know of?
  bool is_visible(const store::MailboxPath& path) const { return path.owner.empty() || path.owner == user_; }
  bool wants_server_metadata() const { return server_metadata_; }
  // Does anything but the selected mailbox matter?
  bool has_others() const { return !groups_.empty(); }
  void set_subscriptions(const std::vector<std::string>& names);

 private:
  wire::NotifyEvents matching(const store::MailboxPath& path, bool subscribed) const;

  std::vector<wire::NotifyGroup> groups_;  // Without that of the selected mailbox; names are paths'.
  std::string user_;
  std::set<std::string> subscriptions_;
  wire::NotifyEvents selected_;
  std::vector<wire::FetchItem> new_items_;
  bool delayed_ = false;
  bool server_metadata_ = false;
};

}  // namespace imapd::ext

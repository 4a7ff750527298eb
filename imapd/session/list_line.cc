#include "imapd/session/list_line.h"

#include <algorithm>

#include "imapd/session/mailbox_name.h"
#include "imapd/wire/mailbox_pattern.h"

namespace imapd::session {

wire::ListLine list_line(Session& session, const store::MailboxInfo& mailbox) {
  const auto is_child = [&](const store::MailboxInfo& other) {
    return other.path.owner == mailbox.path.owner && other.path.name.size() > mailbox.path.name.size() &&
           other.path.name.starts_with(mailbox.path.name) && other.path.name[mailbox.path.name.size()] == wire::kDelimiter &&
           session.rights(other).has(auth::Right::kLookup);
  };
  const auto all = session.store().mailboxes();
  const bool has_children = std::any_of(all.begin(), all.end(), is_child);
  const auto subscriptions = session.store().subscriptions(session.user());
  wire::ListLine line;
  line.mailbox = name_of(mailbox.path);
  if (!mailbox.selectable) line.attributes.push_back("\\Noselect");
  line.attributes.push_back(has_children ? "\\HasChildren" : "\\HasNoChildren");
  if (std::find(subscriptions.begin(), subscriptions.end(), line.mailbox) != subscriptions.end()) {
    line.attributes.push_back("\\Subscribed");
  }
  if (mailbox.kind == store::MailboxKind::kDeadLetters && mailbox.special_use.empty()) {
    line.attributes.push_back("\\Junk");
  } else if (!mailbox.special_use.empty()) {
    line.attributes.push_back(mailbox.special_use);
  }
  return line;
}

void tell_normalized(Session& session, const std::string& given, const store::MailboxInfo& mailbox) {
  if (!session.rev2() || given == name_of(mailbox.path)) return;
  wire::ListLine line = list_line(session, mailbox);
  line.old_name = given;
  session.out().list(line);
}

}  // namespace imapd::session

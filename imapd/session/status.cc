#include "imapd/session/status.h"

#include <algorithm>
#include <utility>

#include "imapd/session/pull.h"

namespace imapd::session {
namespace {

Result<std::uint64_t> count_recent(Session& session, MailboxId mailbox) {
  if (session.selected() && session.view().mailbox() == mailbox) return session.view().recent_count();
  const Serial from = session.store().recent_from(mailbox, store::Store::Recent::kLook);
  const store::Snapshot snapshot = session.store().snapshot();
  TRY_ASSIGN(uids, snapshot.uids(mailbox));
  TRY_ASSIGN(recent, uids_from(snapshot, mailbox, uids, from));
  return recent.size();
}

Result<std::uint64_t> value_of(Session& session, const store::MailboxInfo& mailbox, wire::StatusItem item) {
  const bool is_selected = session.selected() && session.view().mailbox() == mailbox.id;
  switch (item) {
    case wire::StatusItem::kMessages:
      return mailbox.counters.messages;
    case wire::StatusItem::kRecent:
      return count_recent(session, mailbox.id);
    case wire::StatusItem::kUidNext:
      return std::uint64_t{mailbox.uid_next.value()};
    case wire::StatusItem::kUidValidity:
      return std::uint64_t{mailbox.uid_validity.value()};
    case wire::StatusItem::kUnseen:
      return mailbox.counters.unseen;
    case wire::StatusItem::kHighestModSeq:
      return is_selected ? session.view().told_mod_seq().value() : mailbox.highest_mod_seq.value();
    case wire::StatusItem::kSize:
      return mailbox.counters.size_bytes;
    case wire::StatusItem::kDeleted:
      return mailbox.counters.deleted;
    case wire::StatusItem::kMailboxId:
      return std::uint64_t{mailbox.id.value()};
    case wire::StatusItem::kDeletedStorage:
      return mailbox.counters.deleted == 0 ? Result<std::uint64_t>(0) : session.store().snapshot().deleted_bytes(mailbox.id);
    case wire::StatusItem::kAppendLimit:
      return std::uint64_t{session.services().options.message_bytes_max};
  }
  return make_error(Code::kInvalidArgument, "There is no such status item");
}

}  // namespace

bool asks_for_mod_seq(std::span<const wire::StatusItem> items) {
  return std::find(items.begin(), items.end(), wire::StatusItem::kHighestModSeq) != items.end();
}

Result<wire::StatusLine> status_line(Session& session, MailboxId mailbox, std::string name,
                                     std::span<const wire::StatusItem> items) {
  const auto info = session.store().mailbox(mailbox);
  if (!info) return make_error(Code::kNotFound, "There is no such mailbox");
  wire::StatusLine line;
  line.mailbox = std::move(name);
  for (const wire::StatusItem item : items) {
    TRY_ASSIGN(value, value_of(session, *info, item));
    line.items.emplace_back(item, value);
  }
  return line;
}

}  // namespace imapd::session

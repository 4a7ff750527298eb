#include "imapd/session/pull.h"

#include <optional>
#include <utility>

#include "imapd/base/limits.h"

namespace imapd::session {

Result<UidSet> uids_from(const store::Snapshot& snapshot, MailboxId mailbox, const UidSet& uids, Serial from) {
  if (uids.empty()) return UidSet();
  const Uid last = uids.ranges().back().last;
  TRY_ASSIGN(message, snapshot.message(mailbox, last));
  if (!message || message->serial < from) return UidSet();
  // Serials and UIDs differ by the base of this UIDVALIDITY, the same for all.
  const std::uint64_t steps = message->serial.value() - from.value();
  const std::uint32_t first = steps >= last.value() ? 1 : static_cast<std::uint32_t>(last.value() - steps);
  return uids.intersection(UidSet::range(Uid(first), last));
}

Result<bool> pull_some(store::Store& store, MailboxView& view, store::Store::Recent mode) {
  // Asked before the snapshot: a message that comes in between is recent for us and for the next one who asks, which RFC 3501,
  // section 2.3.2, prefers to being recent for nobody.
  if (view.read_only()) mode = store::Store::Recent::kLook;
  const Serial recent_from = store.recent_from(view.mailbox(), mode);
  const store::Snapshot snapshot = store.snapshot();
  TRY_ASSIGN(changes, snapshot.changes_since(view.mailbox(), view.pulled(), limits::kChangesPerReadMax));
  const bool more = changes.more;
  UidSet recent;
  for (const store::MessageState& message : changes.changed) {
    if (message.uid >= view.uid_next() && message.serial >= recent_from) recent.add(message.uid);
  }
  std::optional<UidSet> present;
  if (changes.completeness == store::Changes::Completeness::kBehindHorizon) {
    TRY_ASSIGN(uids, snapshot.uids(view.mailbox()));
    present = std::move(uids);
  }
  view.add_recent(recent);
  view.take(std::move(changes), present ? &*present : nullptr);
  return more;
}

}  // namespace imapd::session

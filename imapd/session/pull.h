#pragma once

#include "imapd/base/error.h"
#include "imapd/base/uid_set.h"
#include "imapd/session/mailbox_view.h"
#include "imapd/store/store.h"

// Where a view meets the store.
namespace imapd::session {

// Which of `uids` (all of the mailbox in `snapshot`) have the serial `from` or a later one: \Recent, when `from` came from
// Store::recent_from().
Result<UidSet> uids_from(const store::Snapshot& snapshot, MailboxId mailbox, const UidSet& uids, Serial from);

// Brings `view` nearer to the store's present moment: changes, expunges, new messages with their \Recent, at most
// kChangesPerReadMax of them. Tells nothing yet. Whether there are more. kTake: nobody else will be told that they are \Recent,
// unless the view is read-only.
Result<bool> pull_some(store::Store& store, MailboxView& view, store::Store::Recent mode);

}  // namespace imapd::session

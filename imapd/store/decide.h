#pragma once

#include "imapd/store/pending.h"
#include "imapd/store/verbs.h"

// One function per verb, each in the .cc of its name: decides a request against the pending state and adds what follows to the
// group. All refusals come before the first change.
namespace imapd::store {

Result<MailboxInfo> decide_create_mailbox(Pending& pending, CreateMailbox& request);
Result<void> decide_delete_mailbox(Pending& pending, DeleteMailbox& request);
Result<void> decide_rename_mailbox(Pending& pending, RenameMailbox& request);
Result<MailboxInfo> decide_update_mailbox(Pending& pending, UpdateMailbox& request);
Result<void> decide_subscribe(Pending& pending, Subscribe& request);
Result<void> decide_put_user(Pending& pending, PutUser& request);
Result<void> decide_remove_user(Pending& pending, RemoveUser& request);
Result<void> decide_set_metadata(Pending& pending, SetMetadata& request);
Result<void> decide_set_user_quota(Pending& pending, SetUserQuota& request);
Result<AppendOutcome> decide_append(Pending& pending, Append& request);
Result<StoreFlagsOutcome> decide_store_flags(Pending& pending, StoreFlags& request);
Result<ClaimReadyOutcome> decide_claim_ready(Pending& pending, ClaimReady& request);
Result<SettleOutcome> decide_settle(Pending& pending, Settle& request);
Result<CompleteOutcome> decide_complete(Pending& pending, Complete& request);
Result<ReplaceOutcome> decide_replace(Pending& pending, Replace& request);
Result<ExpungeOutcome> decide_expunge(Pending& pending, Expunge& request);
Result<CopyOutcome> decide_copy(Pending& pending, CopyMessages& request);
Result<ExpireDueOutcome> decide_expire_due(Pending& pending, ExpireDue& request);
Result<ReleaseHolderOutcome> decide_release_holder(Pending& pending, ReleaseHolder& request);

// What decide_settle() would refuse it with; kSettled: nothing. Changes nothing.
SettleOutcome::Result check_settlement(Pending& pending, Pending::Mailbox& mailbox, const Settlement& settlement, const Actor& actor);

// The two halves of decide_append(), for who takes something away in the same decision: it makes room.
struct Leaving {
  const Pending::Mailbox* from = nullptr;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
};
Result<void> check_append(Pending& pending, const Pending::Mailbox& mailbox, const Append& request, const Leaving& leaving);
AppendOutcome apply_append(Pending& pending, Pending::Mailbox& mailbox, Append& request);

// UIDs end at 2^32 - 1 (RFC 3501, section 9).
inline Error uids_used_up() { return make_error(Code::kResourceExhausted, "the mailbox has used up its UIDs"); }

// The mailbox, when it is there and can hold messages.
inline Result<Pending::Mailbox*> open_mailbox(Pending& pending, MailboxId id) {
  Pending::Mailbox* mailbox = pending.mailbox(id);
  if (mailbox == nullptr || !mailbox->info.selectable) return make_error(Code::kNotFound, "no such mailbox");
  return mailbox;
}

}  // namespace imapd::store

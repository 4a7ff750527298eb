#include "imapd/store/claims.h"
#include "imapd/store/decide.h"

namespace imapd::store {

Result<ExpungeOutcome> decide_expunge(Pending& pending, Expunge& request) {
  TRY_ASSIGN(mailbox, open_mailbox(pending, request.mailbox));
  ExpungeOutcome outcome;
  for (const Serial serial : pending.deleted(*mailbox)) {
    TRY_ASSIGN(message, pending.present(*mailbox, serial));
    if (request.uids && !request.uids->contains(message->uid)) continue;
    if (message->claim && !may_settle(pending, request.actor, *message->claim)) continue;
    outcome.expunged.add(message->uid);
    pending.remove(*mailbox, serial);
  }
  outcome.highest_mod_seq = mailbox->info.highest_mod_seq;
  return outcome;
}

}  // namespace imapd::store

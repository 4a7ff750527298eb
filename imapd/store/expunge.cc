#include "imapd/store/claims.h"
#include "imapd/store/decide.h"

namespace imapd::store {

Result<ExpungeOutcome> decide_expunge(Pending& pending, Expunge& request) {
  TRY_ASSIGN(mailbox, open_mailbox(pending, request.mailbox));
  ExpungeOutcome outcome;
  if (mailbox->info.counters.deleted > 0 && mailbox->info.uid_next.value() > 1) {
    const UidSet asked =
        request.uids ? *request.uids : UidSet::range(Uid(1), Uid(mailbox->info.uid_next.value() - 1));
    for (const Serial serial : pending.serials(*mailbox, asked)) {
      const MessageState* message = pending.message(*mailbox, serial);
      if (!message->flags.contains(SystemFlag::kDeleted)) continue;
      if (message->claim && !may_settle(pending, request.actor, *message->claim)) continue;
      outcome.expunged.add(message->uid);
      pending.remove(*mailbox, serial);
    }
  }
  outcome.highest_mod_seq = mailbox->info.highest_mod_seq;
  return outcome;
}

}  // namespace imapd::store

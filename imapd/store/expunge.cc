#include "imapd/store/claims.h"
#include "imapd/store/decide.h"

namespace imapd::store {

namespace {

Result<ExpungeOutcome> remove_not_held(Pending& pending, Pending::Mailbox& mailbox, const Expunge& request) {
  if (!request.uids) return make_error(Code::kInvalidArgument, "which messages?");
  ExpungeOutcome outcome;
  for (const Serial serial : pending.serials(mailbox, *request.uids)) {
    TRY_ASSIGN(message, pending.present(mailbox, serial));
    if (message->claim && message->claim->door != Door::kSchedule) {
      ++outcome.held;
      continue;
    }
    outcome.expunged.add(message->uid);
    pending.remove(mailbox, serial);
  }
  outcome.highest_mod_seq = mailbox.info.highest_mod_seq;
  return outcome;
}

}  // namespace

Result<ExpungeOutcome> decide_expunge(Pending& pending, Expunge& request) {
  TRY_ASSIGN(mailbox, open_mailbox(pending, request.mailbox));
  if (request.which == Expunge::Which::kNotHeld) return remove_not_held(pending, *mailbox, request);
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

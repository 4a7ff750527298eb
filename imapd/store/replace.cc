#include "imapd/store/claims.h"
#include "imapd/store/decide.h"

namespace imapd::store {

Result<ReplaceOutcome> decide_replace(Pending& pending, Replace& request) {
  TRY_ASSIGN(from, open_mailbox(pending, request.from));
  TRY_ASSIGN(to, open_mailbox(pending, request.append.mailbox));
  ReplaceOutcome outcome;
  const std::vector<Serial> serials = pending.serials(*from, UidSet::of(request.uid));
  if (serials.empty()) {
    outcome.result = ReplaceOutcome::Result::kGone;
    return outcome;
  }
  TRY_ASSIGN(old, pending.present(*from, serials.front()));
  if (old->claim && !may_settle(pending, request.append.actor, *old->claim)) {
    outcome.result = ReplaceOutcome::Result::kInUse;
    return outcome;
  }
  TRY(check_append(pending, *to, request.append, {.from = from, .messages = 1, .bytes = old->size()}));
  outcome.appended = apply_append(pending, *to, request.append);
  pending.remove(*from, serials.front());
  return outcome;
}

}  // namespace imapd::store

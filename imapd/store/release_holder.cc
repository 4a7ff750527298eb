#include "imapd/store/claims.h"
#include "imapd/store/decide.h"

namespace imapd::store {

// Claim rule 7: nobody is blamed, so no failure is counted.
Result<ReleaseHolderOutcome> decide_release_holder(Pending& pending, ReleaseHolder& request) {
  ReleaseHolderOutcome outcome;
  for (const auto& [id, serial] : pending.take_held(request.holder, request.count_max)) {
    Pending::Mailbox* mailbox = pending.mailbox(id);
    if (mailbox == nullptr || !mailbox->info.policy.release_on_disconnect) continue;
    const MessageState* message = pending.message(*mailbox, serial);
    if (message == nullptr || !message->claim) continue;
    const auto aftermath = pending.rules().after_release(mailbox->info, *message, std::nullopt, pending.now());
    end_claim(pending, *mailbox, *message, aftermath);
    ++outcome.released;
  }
  outcome.more = pending.holds_more(request.holder);
  return outcome;
}

}  // namespace imapd::store

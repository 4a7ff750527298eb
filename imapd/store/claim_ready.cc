#include "imapd/store/claims.h"
#include "imapd/store/decide.h"

namespace imapd::store {
namespace {
// Messages that the rules refuse one after another before the claim gives up for now.
constexpr int kRefusedInARowMax = 256;
}  // namespace

Result<ClaimReadyOutcome> decide_claim_ready(Pending& pending, ClaimReady& request) {
  TRY_ASSIGN(mailbox, open_mailbox(pending, request.mailbox));
  if (mailbox->info.kind == MailboxKind::kPersonal) return make_error(Code::kFailedPrecondition, "not a queue");
  ClaimReadyOutcome outcome;
  const Timestamp now = pending.now();
  const ClaimAttempt attempt{request.actor, request.lease, std::nullopt};
  std::optional<ReadyOrder::Position> position;
  int refused = 0;
  while (outcome.claimed.size() < request.count_max && refused < kRefusedInARowMax && mailbox->info.counters.ready > 0) {
    position = pending.first_ready_after(*mailbox, position);
    if (!position) break;
    TRY_ASSIGN(message, pending.present(*mailbox, position->serial));
    const auto judged = judge_claim(pending, *mailbox, *message, attempt);
    if (!std::holds_alternative<ClaimRules::Grant>(judged)) {
      ++refused;
      if (mailbox->info.policy.claim_paused) break;
      continue;
    }
    refused = 0;
    MessageState after = *message;
    apply_claim(after, std::get<ClaimRules::Grant>(judged), request.actor, pending.next_mod_seq(*mailbox), now);
    outcome.claimed.push_back(after);
    pending.change(*mailbox, std::move(after));
  }
  return outcome;
}

}  // namespace imapd::store

#include "imapd/store/claims.h"
#include "imapd/store/decide.h"

namespace imapd::store {

Result<ExpireDueOutcome> decide_expire_due(Pending& pending, ExpireDue& request) {
  ExpireDueOutcome outcome;
  const std::vector<DueKey> keys = pending.due(request.now, request.count_max);
  for (const DueKey& key : keys) {
    Pending::Mailbox* mailbox = pending.mailbox(key.mailbox);
    const MessageState* message = mailbox != nullptr ? pending.message(*mailbox, key.serial) : nullptr;
    if (message == nullptr || !message->claim || message->claim->deadline != key.time) {
      pending.forget_due(key);  // Settled or extended earlier in this group, or its mailbox is gone.
      continue;
    }
    if (message->claim->door == Door::kSchedule) {
      end_claim(pending, *mailbox, *message, ClaimRules::ReadyNow{});
      ++outcome.became_ready;
      continue;
    }
    MessageState failed = *message;
    ++failed.failures;
    const auto aftermath =
        pending.rules().after_failure(mailbox->info, failed, "lease expired", std::nullopt, request.now);
    if (end_claim(pending, *mailbox, failed, aftermath)) ++outcome.dead_lettered;
    ++outcome.expired;
  }
  // More may be due than was asked for: then at once.
  outcome.next_due = keys.size() == request.count_max ? std::optional(request.now) : pending.next_due();
  return outcome;
}

}  // namespace imapd::store

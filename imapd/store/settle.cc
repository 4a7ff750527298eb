#include "imapd/store/claims.h"
#include "imapd/store/decide.h"

namespace imapd::store {
namespace {

using Item = SettleOutcome::Item;

Item refused(SettleOutcome::Result result) {
  Item item;
  item.result = result;
  return item;
}

// A failure is counted where the message is, so that a back-off or a dead letter shows it.
MessageState with_failure(const MessageState& message) {
  MessageState failed = message;
  ++failed.failures;
  return failed;
}

Item extend(Pending& pending, Pending::Mailbox& mailbox, const MessageState& message, const Settlement& settlement,
            const Actor& actor) {
  const auto answer = pending.rules().may_claim(mailbox.info, message, settlement.delay);
  // A queue that was paused meanwhile stops no one who holds a message from finishing it.
  ClaimRules::Grant grant{message.claim->lease};
  if (const auto* granted = std::get_if<ClaimRules::Grant>(&answer)) grant = *granted;
  MessageState after = message;
  apply_claim(after, grant, actor, pending.next_mod_seq(mailbox), pending.now());
  Item item = refused(SettleOutcome::Result::kSettled);
  item.new_token = after.claim->token;
  item.deadline = after.claim->deadline;
  pending.change(mailbox, std::move(after));
  return item;
}

Item settle(Pending& pending, Pending::Mailbox& mailbox, const Settlement& settlement, const Actor& actor) {
  const SettleOutcome::Result checked = check_settlement(pending, mailbox, settlement, actor);
  if (checked != SettleOutcome::Result::kSettled) return refused(checked);

  const MessageState* message = pending.message(mailbox, settlement.serial);
  const Timestamp now = pending.now();
  Item item = refused(SettleOutcome::Result::kSettled);
  switch (settlement.kind) {
    case Settlement::Kind::kAck:
      pending.remove(mailbox, settlement.serial);
      break;
    case Settlement::Kind::kRelease:
      item.dead_letters = end_claim(pending, mailbox, *message,
                                    pending.rules().after_release(mailbox.info, *message, settlement.delay, now));
      break;
    case Settlement::Kind::kFail: {
      MessageState failed = with_failure(*message);
      const auto aftermath = pending.rules().after_failure(mailbox.info, failed, settlement.reason, settlement.delay, now);
      item.dead_letters = end_claim(pending, mailbox, failed, aftermath);
      break;
    }
    case Settlement::Kind::kReject:
      item.dead_letters = end_claim(pending, mailbox, *message,
                                    pending.rules().after_reject(mailbox.info, *message, settlement.reason, now));
      break;
    case Settlement::Kind::kExtend:
      // Others of the same user may settle, but only the holder keeps it for longer (claim rule 3).
      if (!same_holder(actor, *message->claim) && actor.rank != Actor::Rank::kAdministrator) {
        return refused(SettleOutcome::Result::kNoRight);
      }
      return extend(pending, mailbox, *message, settlement, actor);
  }
  return item;
}

}  // namespace

SettleOutcome::Result check_settlement(Pending& pending, Pending::Mailbox& mailbox, const Settlement& settlement, const Actor& actor) {
  const MessageState* message = pending.message(mailbox, settlement.serial);
  if (message == nullptr) return SettleOutcome::Result::kGone;
  if (!message->claim || message->claim->door == Door::kSchedule || message->claim->token != settlement.token) {
    return SettleOutcome::Result::kLeaseLost;
  }
  if (!may_settle(pending, actor, *message->claim)) return SettleOutcome::Result::kNoRight;
  return SettleOutcome::Result::kSettled;
}

Result<SettleOutcome> decide_settle(Pending& pending, Settle& request) {
  TRY_ASSIGN(mailbox, open_mailbox(pending, request.mailbox));
  SettleOutcome outcome;
  outcome.items.reserve(request.items.size());
  for (const Settlement& settlement : request.items) {
    outcome.items.push_back(settle(pending, *mailbox, settlement, request.actor));
  }
  return outcome;
}

}  // namespace imapd::store

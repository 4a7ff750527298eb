#include "broker/queue/rules.h"

#include <algorithm>

#include "broker/queue/policy.h"
#include "broker/queue/trace.h"

namespace broker::queue {

using imapd::Millis;
using imapd::Timestamp;
using imapd::store::MailboxInfo;
using imapd::store::MailboxKind;
using imapd::store::MessageState;

namespace {

QueueRules::Aftermath after_wait(Millis wait, Timestamp now) {
  if (wait <= Millis(0)) return QueueRules::ReadyNow{};
  return QueueRules::Scheduled{now + wait};
}

QueueRules::DeadLetter dead_letter(const MailboxInfo& mailbox, const MessageState& message, const std::string& reason,
                                   Timestamp now) {
  // A dead letter that dies again stays where it is: there is no end below the end.
  const std::string to = mailbox.kind == MailboxKind::kDeadLetters ? mailbox.path.name
                                                                   : dead_letters_name(mailbox.path.name, mailbox.policy);
  return {{mailbox.path.owner, to}, dead_letter_trace(mailbox, message, reason, now), reason};
}

}  // namespace

std::variant<QueueRules::Grant, QueueRules::Refusal> QueueRules::may_claim(const MailboxInfo& mailbox, const MessageState&,
                                                                           std::optional<Millis> asked) {
  if (mailbox.kind == MailboxKind::kPersonal) return Grant{std::nullopt};
  const auto& policy = mailbox.policy;
  if (policy.claim_paused) return Refusal::kBlocked;
  return Grant{std::clamp(asked.value_or(policy.lease_default), policy.lease_min, policy.lease_max)};
}

QueueRules::Aftermath QueueRules::after_failure(const MailboxInfo& mailbox, const MessageState& message, const std::string& reason,
                                                std::optional<Millis> delay, Timestamp now) {
  if (mailbox.kind == MailboxKind::kPersonal) return ReadyNow{};
  if (mailbox.kind == MailboxKind::kQueue && message.failures >= mailbox.policy.failures_max) {
    return dead_letter(mailbox, message, reason, now);
  }
  return after_wait(delay ? *delay : back_off(mailbox.policy, message.failures), now);
}

QueueRules::Aftermath QueueRules::after_release(const MailboxInfo& mailbox, const MessageState&, std::optional<Millis> delay,
                                                Timestamp now) {
  if (mailbox.kind == MailboxKind::kPersonal) return ReadyNow{};
  return after_wait(delay.value_or(Millis(0)), now);
}

QueueRules::DeadLetter QueueRules::after_reject(const MailboxInfo& mailbox, const MessageState& message, const std::string& reason,
                                                Timestamp now) {
  return dead_letter(mailbox, message, reason, now);
}

}  // namespace broker::queue

#pragma once

#include <optional>
#include <string>
#include <variant>

#include "imapd/store/claim_rules.h"

namespace broker::queue {

// The rules of a queue's life cycle (MODEL.md). Personal mailboxes have the plain rules. Stateless: everything it decides follows
// from the mailbox's policy and the message.
//
// Concurrency  Thread-safe; never blocks.
class QueueRules final : public imapd::store::ClaimRules {
 public:
  // A lease outside the policy's bounds is brought within them: the doors have refused it already, but for one that was asked
  // before the policy changed.
  std::variant<Grant, Refusal> may_claim(const imapd::store::MailboxInfo& mailbox, const imapd::store::MessageState& message,
                                         std::optional<imapd::Millis> asked) override;
  Aftermath after_failure(const imapd::store::MailboxInfo& mailbox, const imapd::store::MessageState& message,
                          const std::string& reason, std::optional<imapd::Millis> delay, imapd::Timestamp now) override;
  Aftermath after_release(const imapd::store::MailboxInfo& mailbox, const imapd::store::MessageState& message,
                          std::optional<imapd::Millis> delay, imapd::Timestamp now) override;
  DeadLetter after_reject(const imapd::store::MailboxInfo& mailbox, const imapd::store::MessageState& message,
                          const std::string& reason, imapd::Timestamp now) override;
};

}  // namespace broker::queue

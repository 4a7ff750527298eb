#pragma once

#include <optional>
#include <string>
#include <variant>

#include "imapd/store/pending.h"

// The claim (DESIGN, section 3): judged and applied here and nowhere else, whichever door asked.
namespace imapd::store {

inline const std::string kScheduledKeyword = "$Scheduled";
inline const std::string kRedeliveredKeyword = "$Redelivered";
inline const std::string kDeadKeyword = "$Dead";
// Keywords that only the server sets.
bool is_server_keyword(const Flag& flag);

struct ClaimAttempt {
  const Actor& actor;
  std::optional<Millis> lease;
  std::optional<ModSeq> unchanged_since;
};
// May the message be claimed, or the claim renewed? Changes nothing.
std::variant<ClaimRules::Grant, Refusal> judge_claim(Pending& pending, const Pending::Mailbox& mailbox, const MessageState& message,
                                                     const ClaimAttempt& attempt);
// Sets claim, flag and token = mod_seq. A renewal keeps claimed_at and is no delivery.
void apply_claim(MessageState& message, const ClaimRules::Grant& grant, const Actor& actor, ModSeq mod_seq, Timestamp now);

bool same_holder(const Actor& actor, const Claim& claim);
// Does the actor hold it, or may it settle in the holder's place (claim rules 3 to 5)?
bool may_settle(const Pending& pending, const Actor& actor, const Claim& claim);

// The end of a claim, or of a delay, as the rules say. Writes the change; answers where the message went when it died.
std::optional<MailboxPath> end_claim(Pending& pending, Pending::Mailbox& mailbox, const MessageState& message,
                                     const ClaimRules::Aftermath& aftermath);
// The same for a message that nobody held: due times of new messages.
void schedule(MessageState& message, Timestamp due, ModSeq mod_seq, Timestamp now);

void set_flag_mod_seq(MessageState& message, const Flag& flag, ModSeq mod_seq);
ModSeq flag_mod_seq(const MessageState& message, const Flag& flag);

enum class TransferMode { kCopy, kMove };
struct Transfer {
  TransferMode mode = TransferMode::kCopy;
  std::string prefix;   // Goes in front of the message: then it is new content.
  bool dead = false;    // Keeps the counters and marks it $Dead.
  FlagKinds kinds = {};  // Flags of other kinds stay behind.
};
// Into another mailbox (or the same), without its body being read. The new message is ready and starts anew (claim rule 11).
// `message` is the present one of `from`, or what it has become in this decision.
Serial transfer(Pending& pending, Pending::Mailbox& from, const MessageState& message, Pending::Mailbox& to, const Transfer& how);

}  // namespace imapd::store

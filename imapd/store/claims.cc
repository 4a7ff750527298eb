#include "imapd/store/claims.h"

#include <algorithm>

namespace imapd::store {
namespace {

// Keywords set and cleared again leave an entry each.
constexpr std::size_t kFlagModSeqsMax = 128;
// Trace lines of a message that died again and again.
constexpr std::size_t kPrefixBytesMax = 16 * 1024;

// The name under which a flag's mod-sequence is kept: keywords without regard to case.
std::string mod_seq_name(const Flag& flag) {
  std::string name = flag.name();
  if (!flag.is_system()) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  }
  return name;
}

Flag keyword(const std::string& name) { return *Flag::parse(name); }

void remove_flag(MessageState& message, const Flag& flag, ModSeq mod_seq) {
  if (!message.flags.contains(flag)) return;
  message.flags.remove(flag);
  set_flag_mod_seq(message, flag, mod_seq);
}

void add_flag(MessageState& message, const Flag& flag, ModSeq mod_seq) {
  if (message.flags.contains(flag)) return;
  message.flags.add(flag);
  set_flag_mod_seq(message, flag, mod_seq);
}

}  // namespace

bool same_holder(const Actor& actor, const Claim& claim) {
  return claim.door == actor.door && claim.user == actor.user && claim.holder == actor.holder;
}

bool is_server_keyword(const Flag& flag) {
  return !flag.is_system() && (equals_ignoring_case(flag.keyword(), kScheduledKeyword) ||
                               equals_ignoring_case(flag.keyword(), kRedeliveredKeyword) ||
                               equals_ignoring_case(flag.keyword(), kDeadKeyword));
}

void set_flag_mod_seq(MessageState& message, const Flag& flag, ModSeq mod_seq) {
  const std::string name = mod_seq_name(flag);
  for (FlagModSeq& entry : message.flag_mod_seqs) {
    if (entry.flag == name) {
      entry.mod_seq = mod_seq;
      return;
    }
  }
  message.flag_mod_seqs.push_back({name, mod_seq});
  if (message.flag_mod_seqs.size() <= kFlagModSeqsMax) return;
  // Forget the oldest keyword's and let the append's stand for it: later than it was, so a token may be refused, never passed.
  auto oldest = message.flag_mod_seqs.end();
  for (auto at = message.flag_mod_seqs.begin(); at != message.flag_mod_seqs.end(); ++at) {
    if (at->flag.starts_with('\\')) continue;
    if (oldest == message.flag_mod_seqs.end() || at->mod_seq < oldest->mod_seq) oldest = at;
  }
  message.append_mod_seq = std::max(message.append_mod_seq, oldest->mod_seq);
  message.flag_mod_seqs.erase(oldest);
}

ModSeq flag_mod_seq(const MessageState& message, const Flag& flag) {
  const std::string name = mod_seq_name(flag);
  for (const FlagModSeq& entry : message.flag_mod_seqs) {
    if (entry.flag == name) return entry.mod_seq;
  }
  return message.append_mod_seq;
}

std::variant<ClaimRules::Grant, Refusal> judge_claim(Pending& pending, const Pending::Mailbox& mailbox, const MessageState& message,
                                                     const ClaimAttempt& attempt) {
  const Refusal lost = attempt.unchanged_since ? Refusal::kModified : Refusal::kInUse;
  if (message.claim) {
    // Setting it where it is set is never a silent success: only the holder, by its own token, renews.
    const bool renews = attempt.unchanged_since && same_holder(attempt.actor, *message.claim) &&
                        *attempt.unchanged_since == message.claim->token;
    if (!renews) return lost;
  } else {
    if (!message.ready()) return Refusal::kBlocked;  // \Deleted: trying again does not cure it.
    const Flag claimed(SystemFlag::kClaimed);
    // 0 passes while the flag is not set, as for a keyword (RFC 7162, section 3.1.3).
    if (attempt.unchanged_since && attempt.unchanged_since->value() != 0 &&
        flag_mod_seq(message, claimed) > *attempt.unchanged_since) {
      return lost;
    }
  }
  auto answer = pending.rules().may_claim(mailbox.info, message, attempt.lease);
  if (std::holds_alternative<ClaimRules::Refusal>(answer)) return Refusal::kBlocked;
  return std::get<ClaimRules::Grant>(answer);
}

void apply_claim(MessageState& message, const ClaimRules::Grant& grant, const Actor& actor, ModSeq mod_seq, Timestamp now) {
  Claim claim;
  if (message.claim) {
    claim = *message.claim;
  } else {
    claim.door = actor.door;
    claim.user = actor.user;
    claim.holder = actor.holder;
    claim.claimed_at = now;
    ++message.deliveries;
  }
  claim.token = mod_seq;
  if (grant.lease) {
    claim.lease = *grant.lease;
    claim.deadline = now + *grant.lease;
  }
  message.claim = std::move(claim);
  message.flags.add(SystemFlag::kClaimed);
  set_flag_mod_seq(message, SystemFlag::kClaimed, mod_seq);
  message.mod_seq = mod_seq;
}

bool may_settle(const Pending& pending, const Actor& actor, const Claim& claim) {
  if (actor.rank == Actor::Rank::kAdministrator) return true;
  if (claim.door == Door::kSchedule || claim.user != actor.user) return false;
  // gRPC has named the claim by its token; the user is all that is left to check (claim rule 6).
  if (actor.door == Door::kGrpc) return true;
  return same_holder(actor, claim) || (claim.door == Door::kImap && !pending.holder_alive(claim.holder));
}

void schedule(MessageState& message, Timestamp due, ModSeq mod_seq, Timestamp now) {
  Claim claim;
  claim.door = Door::kSchedule;
  claim.holder = "schedule";
  claim.token = mod_seq;
  claim.claimed_at = now;
  claim.deadline = due;
  message.claim = std::move(claim);
  message.flags.add(SystemFlag::kClaimed);
  set_flag_mod_seq(message, SystemFlag::kClaimed, mod_seq);
  add_flag(message, keyword(kScheduledKeyword), mod_seq);
  message.mod_seq = mod_seq;
}

std::optional<MailboxPath> end_claim(Pending& pending, Pending::Mailbox& mailbox, const MessageState& message,
                                     const ClaimRules::Aftermath& aftermath) {
  if (const auto* dead = std::get_if<ClaimRules::DeadLetter>(&aftermath)) {
    Pending::Mailbox* target = pending.find(dead->to);
    if (target == nullptr || !target->info.selectable) {
      CreateMailbox create;
      create.path = dead->to;
      create.kind = mailbox.info.kind == MailboxKind::kPersonal ? MailboxKind::kPersonal : MailboxKind::kDeadLetters;
      create.acl = mailbox.info.acl;
      if (target == nullptr) {
        target = &pending.create_with_levels(create);
      } else {
        target->info.kind = create.kind;
        target->info.selectable = true;
        pending.settings_changed(*target);
      }
    }
    Transfer how;
    how.mode = TransferMode::kMove;
    how.prefix = dead->trace;
    how.dead = true;
    transfer(pending, mailbox, message, *target, how);
    return dead->to;
  }
  MessageState after = message;
  const ModSeq mod_seq = pending.next_mod_seq(mailbox);
  after.mod_seq = mod_seq;
  // A message given back must not vanish with the next EXPUNGE (claim rule 5).
  remove_flag(after, SystemFlag::kDeleted, mod_seq);
  if (after.failures > 0) add_flag(after, keyword(kRedeliveredKeyword), mod_seq);
  if (const auto* later = std::get_if<ClaimRules::Scheduled>(&aftermath)) {
    schedule(after, later->due, mod_seq, pending.now());
  } else {
    after.claim.reset();
    remove_flag(after, SystemFlag::kClaimed, mod_seq);
    remove_flag(after, keyword(kScheduledKeyword), mod_seq);
  }
  pending.change(mailbox, std::move(after));
  return std::nullopt;
}

Serial transfer(Pending& pending, Pending::Mailbox& from, const MessageState& message, Pending::Mailbox& to, const Transfer& how) {
  MessageState made = message;
  if (how.mode == TransferMode::kMove) {
    pending.remove(from, made.serial, Pending::BodyFate::kMovesOn);
  } else {
    pending.add_reference(from, made.serial);
    made.body.shared = true;
  }
  made.claim.reset();
  made.flags.remove(SystemFlag::kClaimed);
  made.flags.remove(SystemFlag::kDeleted);
  for (const Flag& flag : made.flags.flags()) {
    if (!how.kinds.contain(flag)) made.flags.remove(flag);
  }
  for (const std::string& name : {kScheduledKeyword, kRedeliveredKeyword, kDeadKeyword}) made.flags.remove(keyword(name));
  made.flag_mod_seqs.clear();
  if (!how.prefix.empty()) {
    if (made.body.prefix.size() + how.prefix.size() > kPrefixBytesMax) made.body.prefix.clear();
    made.body.prefix = how.prefix + made.body.prefix;
    made.email_id = pending.new_email_id();
  }
  if (how.dead) {
    made.flags.add(keyword(kDeadKeyword));
  } else {
    made.deliveries = 0;
    made.failures = 0;
  }
  made.serial = pending.next_serial(to);
  made.uid = to.uid_of(made.serial);
  made.mod_seq = pending.next_mod_seq(to);
  made.append_mod_seq = made.mod_seq;
  made.saved = pending.now();
  const Serial placed = made.serial;
  pending.insert(to, std::move(made));
  return placed;
}

}  // namespace imapd::store

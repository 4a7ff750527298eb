#include <algorithm>

#include "imapd/base/limits.h"
#include "imapd/store/claims.h"
#include "imapd/store/decide.h"

namespace imapd::store {
namespace {

// Whether UNCHANGEDSINCE `limit` forbids the change (RFC 7162, section 3.1.3): a flag named in the command has a later
// mod-sequence. A replacement names every flag but those that it never touches.
bool changed_since(const MessageState& message, const FlagChange& change, ModSeq limit) {
  if (change.mode == FlagChange::Mode::kReplace) {
    if (message.append_mod_seq > limit) return true;
    return std::any_of(message.flag_mod_seqs.begin(), message.flag_mod_seqs.end(), [&](const FlagModSeq& entry) {
      const std::optional<Flag> flag = Flag::parse(entry.flag);
      const bool untouched = flag && (is_server_keyword(*flag) || (flag->is_system() && flag->system() == SystemFlag::kClaimed));
      if (flag && !change.kinds.contain(*flag)) return false;
      return !untouched && entry.mod_seq > limit;
    });
  }
  const std::vector<Flag> named = change.flags.flags();
  return std::any_of(named.begin(), named.end(), [&](const Flag& flag) {
    if (limit.value() != 0) return flag_mod_seq(message, flag) > limit;
    // 0: "fails if the metadata item exists"; a system flag always exists, a keyword (and \Claimed, its twin) while it is set.
    const bool as_keyword = !flag.is_system() || flag.system() == SystemFlag::kClaimed;
    return !as_keyword || message.flags.contains(flag);
  });
}

// The flags that the message will have; left as they are: \Claimed, server keywords, and kinds that the change is not for.
FlagSet wanted_flags(const MessageState& message, const FlagChange& change) {
  const auto settable = [&change](const Flag& flag) {
    if (is_server_keyword(flag) || !change.kinds.contain(flag)) return false;
    return !(flag.is_system() && flag.system() == SystemFlag::kClaimed);
  };
  FlagSet wanted = message.flags;
  if (change.mode == FlagChange::Mode::kReplace) {
    for (const Flag& flag : message.flags.flags()) {
      if (settable(flag)) wanted.remove(flag);
    }
  }
  for (const Flag& flag : change.flags.flags()) {
    if (!settable(flag)) continue;
    if (change.mode == FlagChange::Mode::kRemove) {
      wanted.remove(flag);
    } else {
      wanted.add(flag);
    }
  }
  return wanted;
}

// Sets `wanted` and the mod-sequence of every flag that differs. False: nothing differs.
bool apply_flags(MessageState& message, const FlagSet& wanted, ModSeq mod_seq) {
  bool differs = false;
  const FlagSet before = message.flags;
  for (const Flag& flag : before.flags()) {
    if (wanted.contains(flag)) continue;
    set_flag_mod_seq(message, flag, mod_seq);
    differs = true;
  }
  for (const Flag& flag : wanted.flags()) {
    if (before.contains(flag)) continue;
    set_flag_mod_seq(message, flag, mod_seq);
    differs = true;
  }
  message.flags = wanted;
  return differs;
}

class Decision {
 public:
  Decision(Pending& pending, Pending::Mailbox& mailbox, const StoreFlags& request)
      : pending_(pending), mailbox_(mailbox), request_(request) {}

  // nullopt: stored, whether or not anything had to change.
  std::optional<Refusal> decide(const MessageState& message) {
    const FlagChange& change = request_.change;
    if (request_.unchanged_since && changed_since(message, change, *request_.unchanged_since)) return Refusal::kModified;
    if (change.mode != FlagChange::Mode::kReplace) {
      for (const Flag& flag : change.flags.flags()) {
        if (is_server_keyword(flag)) return Refusal::kNoRight;
      }
    }
    const FlagSet wanted = wanted_flags(message, change);
    if (wanted.keywords().size() > limits::kKeywordsPerMessageMax) return Refusal::kBlocked;
    const bool names_claimed = change.flags.contains(SystemFlag::kClaimed);
    if (names_claimed && change.mode == FlagChange::Mode::kAdd) return claim(message, wanted);
    const bool held_by_others = message.claim && !may_settle(pending_, request_.actor, *message.claim);
    if (held_by_others && wanted.contains(SystemFlag::kDeleted) != message.flags.contains(SystemFlag::kDeleted)) {
      return Refusal::kInUse;
    }
    if (names_claimed && change.mode == FlagChange::Mode::kRemove) return release(message, wanted);
    // A replacement that names \Claimed claims, too; the holder's own leaves its claim as it is.
    if (names_claimed && !(message.claim && same_holder(request_.actor, *message.claim))) return claim(message, wanted);
    if (wanted == message.flags) return std::nullopt;
    MessageState after = message;
    after.mod_seq = pending_.next_mod_seq(mailbox_);
    apply_flags(after, wanted, after.mod_seq);
    pending_.change(mailbox_, std::move(after));
    return std::nullopt;
  }

 private:
  std::optional<Refusal> claim(const MessageState& message, FlagSet wanted) {
    const ClaimAttempt attempt{request_.actor, std::nullopt, request_.unchanged_since};
    const auto judged = judge_claim(pending_, mailbox_, message, attempt);
    if (const auto* refusal = std::get_if<Refusal>(&judged)) return *refusal;
    MessageState after = message;
    const ModSeq mod_seq = pending_.next_mod_seq(mailbox_);
    apply_claim(after, std::get<ClaimRules::Grant>(judged), request_.actor, mod_seq, pending_.now());
    wanted.add(SystemFlag::kClaimed);
    apply_flags(after, wanted, mod_seq);
    pending_.change(mailbox_, std::move(after));
    return std::nullopt;
  }

  std::optional<Refusal> release(const MessageState& message, const FlagSet& wanted) {
    if (message.claim && !may_settle(pending_, request_.actor, *message.claim)) return Refusal::kNoRight;
    MessageState after = message;
    if (wanted != message.flags) {
      after.mod_seq = pending_.next_mod_seq(mailbox_);
      apply_flags(after, wanted, after.mod_seq);
      pending_.change(mailbox_, after);
    }
    if (!message.claim) return std::nullopt;
    end_claim(pending_, mailbox_, after, pending_.rules().after_release(mailbox_.info, after, std::nullopt, pending_.now()));
    return std::nullopt;
  }

  Pending& pending_;
  Pending::Mailbox& mailbox_;
  const StoreFlags& request_;
};

}  // namespace

Result<StoreFlagsOutcome> decide_store_flags(Pending& pending, StoreFlags& request) {
  TRY_ASSIGN(mailbox, open_mailbox(pending, request.mailbox));
  StoreFlagsOutcome outcome;
  Decision decision(pending, *mailbox, request);
  UidSet found;
  for (const Serial serial : pending.serials(*mailbox, request.uids)) {
    found.add(mailbox->uid_of(serial));
    TRY_ASSIGN(message, pending.present(*mailbox, serial));
    const std::optional<Refusal> refusal = decision.decide(*message);
    // A release may send a message to another mailbox; then it is gone.
    const MessageState* now = pending.message(*mailbox, serial);
    if (now == nullptr) continue;
    if (refusal) {
      outcome.refused.push_back({*now, *refusal});
    } else {
      outcome.stored.push_back(*now);
    }
  }
  outcome.gone = request.uids.difference(found);
  return outcome;
}

}  // namespace imapd::store

#include <algorithm>

#include "imapd/base/limits.h"
#include "imapd/store/claims.h"
#include "imapd/store/decide.h"

namespace imapd::store {
namespace {

bool grows_over(std::uint64_t there, std::uint64_t leaving, std::uint64_t coming, std::uint64_t max) {
  return max != 0 && coming > leaving && there - leaving + coming > max;
}

Result<void> check_room(const MailboxInfo& info, const Append& request, const Leaving& leaving) {
  if (info.policy.enqueue_paused) return make_error(Code::kFailedPrecondition, "the queue takes no messages at present (paused)");
  std::uint64_t bytes = 0;
  for (const NewMessage& message : request.messages) {
    bytes += message.body.size();
    if (message.priority >= kPriorities) return make_error(Code::kInvalidArgument, "a priority is 0 to 9");
    if (message.flags.keywords().size() > limits::kKeywordsPerMessageMax) {
      return make_error(Code::kInvalidArgument,
                        "a message has at most " + std::to_string(limits::kKeywordsPerMessageMax) + " keywords");
    }
  }
  if (grows_over(info.counters.messages, leaving.messages, request.messages.size(), info.policy.messages_max)) {
    return make_error(Code::kResourceExhausted,
                      "the queue is full: its policy allows " + std::to_string(info.policy.messages_max) + " messages");
  }
  if (grows_over(info.counters.size_bytes, leaving.bytes, bytes, info.policy.bytes_max)) {
    return make_error(Code::kResourceExhausted,
                      "the queue is full: its policy allows " + std::to_string(info.policy.bytes_max) + " bytes");
  }
  return {};
}

}  // namespace

Result<void> check_append(Pending& pending, const Pending::Mailbox& mailbox, const Append& request, const Leaving& leaving) {
  TRY(check_room(mailbox.info, request, leaving.from == &mailbox ? leaving : Leaving()));
  Pending::UserUsage more{.messages = request.messages.size()};
  for (const NewMessage& message : request.messages) more.bytes += message.body.size();
  if (leaving.from != nullptr && leaving.from->info.path.owner == mailbox.info.path.owner) {
    more.messages -= std::min(more.messages, leaving.messages);
    more.bytes -= std::min(more.bytes, leaving.bytes);
  }
  TRY(pending.check_user_quota(mailbox.info.path.owner, more));
  if (request.messages.size() > mailbox.uids_left()) return uids_used_up();
  return {};
}

Result<AppendOutcome> decide_append(Pending& pending, Append& request) {
  TRY_ASSIGN(mailbox, open_mailbox(pending, request.mailbox));
  TRY(check_append(pending, *mailbox, request, Leaving()));
  return apply_append(pending, *mailbox, request);
}

AppendOutcome apply_append(Pending& pending, Pending::Mailbox& mailbox, Append& request) {
  const Timestamp now = pending.now();
  const bool is_queue = mailbox.info.kind != MailboxKind::kPersonal;

  AppendOutcome outcome;
  outcome.uid_validity = mailbox.info.uid_validity;
  for (NewMessage& added : request.messages) {
    MessageState message;
    message.serial = pending.next_serial(mailbox);
    message.uid = mailbox.uid_of(message.serial);
    message.flags = std::move(added.flags);
    for (const Flag& flag : message.flags.flags()) {
      if (is_server_keyword(flag)) message.flags.remove(flag);
    }
    const bool born_claimed = message.flags.contains(SystemFlag::kClaimed);
    message.flags.remove(SystemFlag::kClaimed);
    message.mod_seq = pending.next_mod_seq(mailbox);
    message.append_mod_seq = message.mod_seq;
    message.internal_date = added.internal_date.value_or(InternalDate{now, 0});
    message.saved = now;
    message.body.stored_bytes = added.body.size();
    message.body.id = pending.put_body(added.body);
    message.email_id = message.body.id.value();
    message.priority = added.priority;
    message.key = std::move(added.key);
    message.group = std::move(added.group);
    const ModSeq mod_seq = message.mod_seq;
    if (born_claimed) {
      // Nobody else can have it: only its lease is asked of the rules. In a paused queue it is simply ready.
      const auto grant = pending.rules().may_claim(mailbox.info, message, std::nullopt);
      if (const auto* granted = std::get_if<ClaimRules::Grant>(&grant)) {
        apply_claim(message, *granted, request.actor, mod_seq, now);
      }
    } else if (is_queue && added.due && *added.due > now) {
      schedule(message, *added.due, mod_seq, now);
    }
    outcome.serials.push_back(message.serial);
    outcome.uids.push_back(message.uid);
    outcome.mod_seqs.push_back(mod_seq);
    pending.insert(mailbox, std::move(message));
  }
  return outcome;
}

}  // namespace imapd::store

#include "imapd/store/claims.h"
#include "imapd/store/decide.h"

namespace imapd::store {
namespace {

Result<void> check_room(const MailboxInfo& target, std::uint64_t messages, std::uint64_t bytes) {
  if (target.policy.enqueue_paused) return make_error(Code::kFailedPrecondition, "the queue takes no messages at present (paused)");
  const bool full = (target.policy.messages_max != 0 && target.counters.messages + messages > target.policy.messages_max) ||
                    (target.policy.bytes_max != 0 && target.counters.size_bytes + bytes > target.policy.bytes_max);
  if (full) return make_error(Code::kResourceExhausted, "the target queue is full");
  return {};
}

}  // namespace

Result<CopyOutcome> decide_copy(Pending& pending, CopyMessages& request) {
  TRY_ASSIGN(from, open_mailbox(pending, request.from));
  TRY_ASSIGN(to, open_mailbox(pending, request.to));
  CopyOutcome outcome;
  outcome.uid_validity = to->info.uid_validity;
  std::vector<Serial> chosen;
  std::uint64_t bytes = 0;
  for (const Serial serial : pending.serials(*from, request.uids)) {
    TRY_ASSIGN(message, pending.present(*from, serial));
    const bool claimed = message->claim && message->claim->door != Door::kSchedule;
    const bool held = request.held == CopyMessages::Held::kNobody
                          ? claimed
                          : message->claim && !may_settle(pending, request.actor, *message->claim);
    if (request.mode == CopyMessages::Mode::kMove && held) {
      outcome.refused.push_back({*message, Refusal::kInUse});
      continue;
    }
    bytes += message->size();
    chosen.push_back(serial);
  }
  if (chosen.size() > to->uids_left()) return uids_used_up();
  if (from != to || request.mode == CopyMessages::Mode::kCopy) TRY(check_room(to->info, chosen.size(), bytes));
  // Within one tree a MOVE takes no more room than before.
  const bool stays = request.mode == CopyMessages::Mode::kMove && from->info.path.owner == to->info.path.owner;
  if (!stays) TRY(pending.check_user_quota(to->info.path.owner, {.messages = chosen.size(), .bytes = bytes}));
  Transfer how;
  how.mode = request.mode == CopyMessages::Mode::kMove ? TransferMode::kMove : TransferMode::kCopy;
  how.kinds = request.kinds;
  for (const Serial serial : chosen) {
    const Uid source = from->uid_of(serial);
    outcome.uids.emplace_back(source, to->uid_of(transfer(pending, *from, *pending.message(*from, serial), *to, how)));
  }
  return outcome;
}

}  // namespace imapd::store

#include <set>
#include <utility>

#include "imapd/store/decide.h"

namespace imapd::store {
namespace {

// Nothing may be there twice: what is checked first must still hold when it is done.
Result<void> check_shape(const Complete& request) {
  std::set<std::pair<MailboxId, Serial>> acked;
  for (const Settle& acks : request.acks) {
    for (const Settlement& item : acks.items) {
      if (item.kind != Settlement::Kind::kAck) return make_error(Code::kInvalidArgument, "only acks complete");
      if (!acked.emplace(acks.mailbox, item.serial).second) return make_error(Code::kInvalidArgument, "a message is acked twice");
    }
  }
  std::set<MailboxId> appended;
  for (const Append& append : request.appends) {
    if (!appended.insert(append.mailbox).second) return make_error(Code::kInvalidArgument, "a mailbox is appended to twice");
  }
  return {};
}

// What the acks of this mailbox take away. All of them have been checked.
Leaving leaving(Pending& pending, Pending::Mailbox& mailbox, const Complete& request) {
  Leaving leaving;
  leaving.from = &mailbox;
  for (const Settle& acks : request.acks) {
    if (acks.mailbox != mailbox.info.id) continue;
    for (const Settlement& item : acks.items) {
      ++leaving.messages;
      leaving.bytes += pending.message(mailbox, item.serial)->size();
    }
  }
  return leaving;
}

}  // namespace

Result<CompleteOutcome> decide_complete(Pending& pending, Complete& request) {
  TRY(check_shape(request));
  CompleteOutcome outcome;
  outcome.complete = true;
  for (const Settle& acks : request.acks) {
    TRY_ASSIGN(mailbox, open_mailbox(pending, acks.mailbox));
    SettleOutcome& checked = outcome.acks.emplace_back();
    for (const Settlement& item : acks.items) {
      SettleOutcome::Item& result = checked.items.emplace_back();
      result.result = check_settlement(pending, *mailbox, item, acks.actor);
      outcome.complete = outcome.complete && result.result == SettleOutcome::Result::kSettled;
    }
  }
  if (!outcome.complete) return outcome;
  for (const Append& append : request.appends) {
    TRY_ASSIGN(mailbox, open_mailbox(pending, append.mailbox));
    TRY(check_append(pending, *mailbox, append, leaving(pending, *mailbox, request)));
  }

  for (const Settle& acks : request.acks) {
    for (const Settlement& item : acks.items) pending.remove(*pending.mailbox(acks.mailbox), item.serial);
  }
  for (Append& append : request.appends) outcome.appends.push_back(apply_append(pending, *pending.mailbox(append.mailbox), append));
  return outcome;
}

}  // namespace imapd::store

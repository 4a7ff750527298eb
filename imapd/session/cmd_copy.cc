#include "imapd/session/commands.h"
#include "imapd/session/flag_rights.h"
#include "imapd/session/mailbox_name.h"
#include "imapd/session/named_messages.h"

// COPY, MOVE and their UID forms (RFC 3501, section 6.4.7; RFC 6851) with COPYUID (RFC 4315, section 3).
namespace imapd::session {
namespace {

Reply no_target(const std::string& name, const Error& error) {
  if (error.code != Code::kNotFound || !check_new_name(name)) return refused(error);
  return no("There is no such mailbox", wire::code::kTryCreate);
}

// Does each of these messages still exist?
Result<bool> all_exist(const store::Snapshot& snapshot, MailboxId mailbox, const UidSet& uids) {
  std::uint64_t count = 0;
  TRY(snapshot.for_each(mailbox, uids, [&count](const store::MessageState&) {
    ++count;
    return true;
  }));
  return count == uids.size();
}

struct Transferred {
  store::CopyOutcome outcome;
  bool tells_uids = true;  // RFC 4315, section 3: not of a mailbox that the user may not select.
};

// Empty when nothing was copied, for which the code has no form.
std::string copy_uid_code(const Transferred& transferred) {
  const store::CopyOutcome& outcome = transferred.outcome;
  if (outcome.uids.empty() || !transferred.tells_uids) return {};
  UidSet from;
  UidSet to;
  for (const auto& [source, target] : outcome.uids) {
    from.add(source);
    to.add(target);
  }
  return wire::code::copy_uid(outcome.uid_validity, from, to);
}

std::string held_text(const MailboxView& view, const std::vector<store::RefusedMessage>& refused_messages) {
  UidSet uids;
  for (const store::RefusedMessage& each : refused_messages) uids.add(each.message.uid);
  if (view.names() == MailboxView::Names::kUidsOnly) return "Held by somebody else, and not moved: UID " + uids.to_string();
  return "Held by somebody else, and not moved: message " + wire::number_set(numbers_of(view, uids)) + " (UID " +
         uids.to_string() + ")";
}

// What the selected mailbox lost or got by this is the command's own answer.
void tell_view(Session& session, MailboxId target, store::CopyMessages::Mode mode, const store::CopyOutcome& outcome) {
  if (mode == store::CopyMessages::Mode::kMove) session.changed_here();
  if (session.view().mailbox() != target) return;
  UidSet arrived;
  for (const auto& [from, to] : outcome.uids) arrived.add(to);
  session.changed_here(std::move(arrived));
}

// Either the verb's outcome or why it was not run.
template <class Command>
Task<std::variant<Transferred, Reply>> transfer(Session& session, const Command& command,
                                                       store::CopyMessages::Mode mode) {
  const auto source = session.selected_mailbox();
  if (!source) co_return refused(source.error());
  const auto uids = named_messages(session.view(), command);
  if (!uids) co_return no_such_message();
  const auto target = session.find(command.mailbox, auth::Right::kInsert);
  if (!target) co_return no_target(command.mailbox, target.error());
  if (mode == store::CopyMessages::Mode::kMove) {
    constexpr auth::Rights kNeeded = auth::Rights(auth::Right::kDeleteMessages) | auth::Right::kExpunge;
    if (session.view().read_only()) co_return no("The mailbox is open for reading only", wire::code::kReadOnly);
    if (!session.rights(*source).has_all(kNeeded)) co_return no("You may not move out of here", wire::code::kNoPerm);
  }
  // COPY is all or nothing (RFC 3501, section 6.4.7), and a message number that the client still has names a message. A UID
  // that is not there is ignored.
  if (!command.uid) {
    const store::Snapshot snapshot = session.store().snapshot();
    const auto exist = all_exist(snapshot, source->id, *uids);
    if (!exist) co_return refused(exist.error());
    if (!*exist) co_return no("Some of the messages no longer exist", wire::code::kExpungeIssued);
  }
  if (uids->empty()) co_return Transferred();

  store::CopyMessages request;
  request.from = source->id;
  request.to = target->id;
  request.uids = *uids;
  request.mode = mode;
  request.actor = session.actor(*source);
  request.kinds = changeable_flags(session.rights(*target));
  auto outcome = co_await async(session.store(), &store::Store::copy_messages, std::move(request));
  if (!outcome) co_return refused(outcome.error());
  tell_view(session, target->id, mode, *outcome);
  Transferred transferred{std::move(*outcome), session.rights(*target).has(auth::Right::kRead)};
  co_return std::move(transferred);
}

}  // namespace

Task<Reply> run(Session& session, wire::Copy command) {
  auto result = co_await transfer(session, command, store::CopyMessages::Mode::kCopy);
  if (auto* refusal = std::get_if<Reply>(&result)) co_return std::move(*refusal);
  co_return ok("COPY completed", copy_uid_code(std::get<Transferred>(result)));
}

Task<Reply> run(Session& session, wire::Move command) {
  auto result = co_await transfer(session, command, store::CopyMessages::Mode::kMove);
  if (auto* refusal = std::get_if<Reply>(&result)) co_return std::move(*refusal);
  const auto& transferred = std::get<Transferred>(result);
  const store::CopyOutcome& outcome = transferred.outcome;
  std::string code;
  if (!outcome.uids.empty()) {
    // Before the EXPUNGEs (RFC 6851, section 4.3): afterwards the client would no longer know what the UIDs were.
    session.out().untagged(wire::Condition::kOk, "Moved", copy_uid_code(transferred));
    co_await session.sync(MailboxView::Expunges::kTell);
    // RFC 6851, section 4.4; after the EXPUNGEs, so that it does not run ahead of them (I5).
    if (session.condstore()) code = wire::code::highest_mod_seq(session.view().told_mod_seq());
  }
  if (outcome.refused.empty()) co_return ok("MOVE completed", std::move(code));
  if (!code.empty()) session.out().untagged(wire::Condition::kOk, "Highest", code);
  co_return no(held_text(session.view(), outcome.refused), wire::code::kInUse);
}

}  // namespace imapd::session

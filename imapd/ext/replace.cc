#include <string>
#include <utility>

#include "imapd/base/limits.h"
#include "imapd/session/commands.h"
#include "imapd/session/named_messages.h"
#include "imapd/session/new_message.h"

// REPLACE and UID REPLACE (RFC 8508).
namespace imapd::session {
namespace {

using auth::Right;

// To append without the message that was to go would leave the client with both.
Reply nothing_to_replace(bool uid) {
  return no("The message to be replaced is not there", uid ? wire::code::kNonExistent : wire::code::kExpungeIssued);
}

Reply held(const MailboxView& view, Uid uid) {
  std::string text = "Held by somebody else, and not replaced: ";
  const auto number = view.names() == MailboxView::Names::kUidsOnly ? std::nullopt : view.number_of(uid);
  if (number) text += "message " + std::to_string(*number) + ", ";
  return no(text + "UID " + std::to_string(uid.value()), wire::code::kInUse);
}

}  // namespace

Task<Reply> run(Session& session, wire::Replace command) {
  constexpr auth::Rights kNeeded = auth::Rights(Right::kDeleteMessages) | Right::kExpunge;
  const auto source = session.selected_mailbox();
  if (!source) co_return refused(source.error());
  const auto uids = named_messages(session.view(), command);
  if (!uids) co_return no_such_message();
  if (session.view().read_only()) co_return no("The mailbox is open for reading only", wire::code::kReadOnly);
  if (!session.rights(*source).has_all(kNeeded)) co_return no("You may not remove messages here", wire::code::kNoPerm);
  const auto target = session.find(command.mailbox);
  if (!target || !target->selectable) co_return no("There is no such mailbox", wire::code::kTryCreate);
  const auth::Rights rights = session.rights(*target);
  if (!rights.has(Right::kInsert)) co_return no("You may not put messages there", wire::code::kNoPerm);
  if (uids->empty()) co_return nothing_to_replace(command.uid);
  if (command.with.catenate.size() > limits::kAppendPartsMax) co_return no("The message has too many parts", wire::code::kLimit);
  auto made = co_await new_message(session, std::move(command.with), rights, session.services().options.message_bytes_max);
  if (auto* refusal = std::get_if<Reply>(&made)) co_return std::move(*refusal);

  store::Replace request;
  request.from = source->id;
  request.uid = uids->ranges().front().first;
  request.append.mailbox = target->id;
  request.append.messages.push_back(std::move(std::get<store::NewMessage>(made)));
  request.append.actor = session.actor(*source);
  const Uid old = request.uid;
  const auto outcome = co_await async(session.store(), &store::Store::replace, std::move(request));
  if (!outcome) co_return not_appended(outcome.error());
  if (outcome->result == store::ReplaceOutcome::Result::kGone) co_return nothing_to_replace(command.uid);
  if (outcome->result == store::ReplaceOutcome::Result::kInUse) co_return held(session.view(), old);
  const store::AppendOutcome& appended = outcome->appended;
  // What the selected mailbox lost or got by this is the command's own answer.
  session.changed_here();
  if (target->id == source->id) session.changed_here(UidSet::of(appended.uids.front()));
  // Before the EXPUNGE (section 4.3).
  std::string code;
  if (rights.has(Right::kRead)) code = wire::code::append_uid(appended.uid_validity, UidSet::of(appended.uids.front()));
  session.out().untagged(wire::Condition::kOk, "Replacement message ready", code);
  co_await session.sync(MailboxView::Expunges::kTell);
  if (!session.condstore()) co_return ok("REPLACE completed");
  // As UID EXPUNGE (section 4.5); after its EXPUNGE, so that it does not run ahead of it (I5).
  co_return ok("REPLACE completed", wire::code::highest_mod_seq(session.view().told_mod_seq()));
}

}  // namespace imapd::session

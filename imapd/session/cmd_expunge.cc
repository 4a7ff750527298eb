#include "imapd/session/commands.h"

// EXPUNGE, CLOSE (RFC 3501, sections 6.4.2 and 6.4.3) and UID EXPUNGE (RFC 4315, section 2.1). The store passes over messages
// that others hold.
namespace imapd::session {
namespace {

// Which messages: nullopt for all with \Deleted.
using Which = std::optional<UidSet>;

Task<Result<store::ExpungeOutcome>> expunge(Session& session, const store::MailboxInfo& mailbox, Which which) {
  store::Expunge request;
  request.mailbox = mailbox.id;
  request.uids = std::move(which);
  request.actor = session.actor(mailbox);
  co_return co_await async(session.store(), &store::Store::expunge, std::move(request));
}

Task<Reply> run_expunge(Session& session, Which which, std::string completed) {
  const auto mailbox = session.selected_mailbox();
  if (!mailbox) co_return refused(mailbox.error());
  if (session.view().read_only()) co_return no("The mailbox is open for reading only", wire::code::kReadOnly);
  if (!session.rights(*mailbox).has(auth::Right::kExpunge)) co_return no("You may not expunge here", wire::code::kNoPerm);
  const auto outcome = co_await expunge(session, *mailbox, std::move(which));
  if (!outcome) co_return refused(outcome.error());
  session.changed_here();
  if (outcome->expunged.empty() || !session.condstore()) co_return ok(std::move(completed));
  // The code may not run ahead of the EXPUNGEs (I5), so they go out first.
  co_await session.sync(MailboxView::Expunges::kTell);
  co_return ok(std::move(completed), wire::code::highest_mod_seq(session.view().told_mod_seq()));
}

}  // namespace

Task<Reply> run(Session& session, wire::Expunge) {
  Which all;
  std::string completed = "EXPUNGE completed";
  co_return co_await run_expunge(session, std::move(all), std::move(completed));
}

Task<Reply> run(Session& session, wire::UidExpunge command) {
  // UIDs of messages that this client has not been told of are not meant, even where a range names them.
  Which which = session.view().resolve_uids(command.uids);
  std::string completed = "UID EXPUNGE completed";
  co_return co_await run_expunge(session, std::move(which), std::move(completed));
}

// Tells nothing of what it removed. A CLOSE without the right to expunge is an UNSELECT. NO, which RFC 3501 does not foresee
// here, when the store takes no writes: an OK would promise that the deleted messages are done with.
Task<Reply> run(Session& session, wire::Close) {
  const auto mailbox = session.selected_mailbox();
  const bool removes = mailbox && !session.view().read_only() && session.rights(*mailbox).has(auth::Right::kExpunge);
  if (removes) {
    Which all;
    const auto outcome = co_await expunge(session, *mailbox, std::move(all));
    if (!outcome) co_return refused(outcome.error());
  }
  session.unselect();
  co_return ok("CLOSE completed");
}

}  // namespace imapd::session

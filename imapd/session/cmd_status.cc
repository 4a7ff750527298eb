#include "imapd/session/commands.h"
#include "imapd/session/status.h"

// STATUS (RFC 3501, section 6.3.10; RFC 7162, section 3.1.7; RFC 8438; RFC 7889).
namespace imapd::session {

Task<Reply> run(Session& session, wire::Status command) {
  const auto mailbox = session.find(command.mailbox, auth::Right::kRead);
  if (!mailbox) co_return refused(mailbox.error());
  if (asks_for_mod_seq(command.items)) session.enable(Feature::kCondstore);
  // What STATUS says of the selected mailbox must not be ahead of what its view was told (I5).
  const bool is_selected = session.selected() && session.view().mailbox() == mailbox->id;
  if (is_selected) co_await session.sync(MailboxView::Expunges::kTell);
  const auto line = status_line(session, mailbox->id, command.mailbox, command.items);
  if (!line) co_return refused(line.error());
  session.out().status(*line);
  co_return ok("STATUS done");
}

}  // namespace imapd::session

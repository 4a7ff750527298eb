#include <boost/system/system_error.hpp>
#include <chrono>

#include "imapd/base/flag.h"
#include "imapd/session/commands.h"

// IDLE (RFC 2177).
namespace imapd::session {

Task<Reply> run(Session& session, wire::Idle) {
  // Subscribed before the first look, so that no change falls between the two.
  store::ChangeFeed::Subscription subscription;
  // With NOTIFY it is that which says what to wake for (RFC 5465, section 4).
  if (session.selected() && session.notifications() == nullptr) {
    subscription = session.store().change_feed().subscribe(
        session.view().mailbox(), [&session](const store::MailboxEvent&) { session.post_wake(); });
  }
  session.out().continuation("idling");
  const auto deadline = std::chrono::steady_clock::now() + session.services().options.autologout;
  while (true) {
    co_await session.tell_news(MailboxView::Expunges::kTell);
    if (session.ending()) co_return ok("IDLE ended by the server");
    const auto input = co_await session.connection().next_line(deadline);
    if (std::holds_alternative<Connection::Woken>(input)) continue;
    if (std::holds_alternative<Connection::Ended>(input)) throw boost::system::system_error(asio::error::eof);
    if (std::holds_alternative<Connection::TimedOut>(input)) {
      session.end("Autologout: idle for too long");
      continue;
    }
    if (const auto* line = std::get_if<wire::Line>(&input)) {
      if (equals_ignoring_case(line->bytes, "DONE")) co_return ok("IDLE done");
      co_return bad("IDLE ends with DONE");
    }
    if (std::get<wire::TooLong>(input).close) session.end("The client sends more than is allowed");
    co_return bad("IDLE ends with DONE");
  }
}

}  // namespace imapd::session

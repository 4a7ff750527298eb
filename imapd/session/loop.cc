#include "imapd/session/loop.h"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>

#include "imapd/ext/compress.h"
#include "imapd/ext/registry.h"
#include "imapd/ops/log.h"
#include "imapd/session/commands.h"
#include "imapd/session/connection.h"
#include "imapd/session/session.h"
#include "imapd/session/state_table.h"
#include "imapd/session/uid_only.h"
#include "imapd/wire/parse_command.h"

namespace imapd::session {
namespace {

// Keeps a session in the registry.
class Registration {
 public:
  Registration(Registry& registry, Session& session, asio::any_io_executor strand)
      : registry_(registry), number_(session.number()) {
    registry_.add(number_, session, std::move(strand));
  }
  Registration(const Registration&) = delete;
  ~Registration() { registry_.remove(number_); }

 private:
  Registry& registry_;
  const Registry::Number number_;
};

// What is counted from command to command.
struct Progress {
  Connection::Deadline login_deadline;
  std::size_t bad_commands = 0;
};

Task<Reply> dispatch(Session& session, wire::Command command) {
  return std::visit([&session](auto& verb) { return run(session, std::move(verb)); }, command.verb);
}

MailboxView::Expunges expunges_of(CommandRow::Sync sync) {
  return sync == CommandRow::Sync::kWithExpunges ? MailboxView::Expunges::kTell : MailboxView::Expunges::kWithhold;
}

bool is_blank(std::string_view line) { return line.find_first_not_of("\r\n \t") == std::string_view::npos; }

void answer_bad(Session& session, Progress& progress, std::string_view tag, std::string_view text,
                std::string_view code = {}) {
  session.out().bad(tag, text, code);
  ++progress.bad_commands;
  if (session.state() == State::kNotAuthenticated &&
      progress.bad_commands >= session.services().options.bad_commands_before_login_max) {
    session.end("Too many bad commands");
  }
}

Task<void> execute(Session& session, Progress& progress, wire::Command command) {
  const CommandRow row = row_of(command);
  if (const auto why = refusal(row, session.state())) {
    answer_bad(session, progress, command.tag, *why);
    co_return;
  }
  if (session.uid_only() && needs_message_numbers(command)) {
    answer_bad(session, progress, command.tag, "Message numbers are not used any more", wire::code::kUidRequired);
    co_return;
  }
  if (row.where == CommandRow::Where::kSelected) {
    const auto mailbox = session.selected_mailbox();
    if (mailbox && !session.may_still_read(*mailbox)) {
      session.say_bye();
      session.out().no(command.tag, "You may not read the selected mailbox any more", wire::code::kNoPerm);
      co_return;
    }
  }
  session.begin_command(command.tag);
  const Reply reply = co_await dispatch(session, std::move(command));
  if (row.sync != CommandRow::Sync::kNone) co_await session.tell_news(expunges_of(row.sync));
  // RFC 3501, section 6.1.3: BYE comes before the tagged answer.
  if (session.ending()) session.say_bye();
  if (reply.condition == wire::Condition::kBad) {
    answer_bad(session, progress, session.tag(), reply.text, reply.code);
  } else {
    progress.bad_commands = 0;
    session.out().tagged(session.tag(), reply.condition, reply.text, reply.code);
  }
}

Task<void> take_frame(Session& session, Progress& progress, std::string_view frame) {
  if (is_blank(frame)) co_return;  // Clients send an empty line now and then, behind a literal or to keep a connection alive.
  auto parsed = wire::parse_command(frame, wire::ParseOptions{.utf8 = session.utf8()});
  session.connection().drop_command();
  if (auto* bad_command = std::get_if<wire::BadCommand>(&parsed)) {
    answer_bad(session, progress, bad_command->tag, bad_command->text);
    co_return;
  }
  co_await execute(session, progress, std::move(std::get<wire::Command>(parsed)));
}

void answer_too_long(Session& session, Progress& progress, const wire::TooLong& too_long) {
  const bool logged_in = session.state() != State::kNotAuthenticated;
  if (too_long.reason == wire::TooLong::Reason::kMessage && logged_in) {
    session.out().no(too_long.tag, "The message is larger than APPENDLIMIT", wire::code::kTooBig);
  } else if (too_long.reason == wire::TooLong::Reason::kNoRoom) {
    session.out().no(too_long.tag, "Too many large messages are being received, try again later", wire::code::kLimit);
  } else {
    const bool line = too_long.reason == wire::TooLong::Reason::kLine;
    answer_bad(session, progress, too_long.tag, line ? "The command is too long" : "The literal is too large",
               wire::code::kTooBig);
  }
  if (too_long.close) session.end("The client sends more than is allowed", wire::code::kTooBig);
}

// The layer that a command asked for, once its answer is written. Compression is set up by the command itself before.
Task<void> put_layer(Session& session, Progress& progress) {
  switch (session.take_layer_asked()) {
    case Session::Layer::kNone: co_return;
    case Session::Layer::kTls: {
      const bool shaken = co_await session.connection().start_tls(session.services().tls->current(), progress.login_deadline);
      if (!shaken) throw boost::system::system_error(asio::error::connection_refused, "TLS handshake");
      co_return;
    }
    case Session::Layer::kDeflate: {
      auto layer = std::make_unique<ext::DeflateStream>(session.connection().stream());
      co_await session.connection().add_layer(std::move(layer));
      session.set_compressed();
      co_return;
    }
  }
}

Task<void> converse(Session& session, TlsBegins tls) {
  Connection& connection = session.connection();
  const SessionOptions& options = session.services().options;
  const auto now = [] { return std::chrono::steady_clock::now(); };
  Progress progress{now() + options.pre_login_timeout};
  if (tls == TlsBegins::kAtOnce) {
    session.ask_for_layer(Session::Layer::kTls);
    co_await put_layer(session, progress);
  }
  if (!session.ending()) {
    session.out().untagged(wire::Condition::kOk, "claimq is ready", wire::code::capability(ext::capabilities(session)));
  }
  bool was_logged_in = false;
  auto autologout = now() + options.autologout;
  while (!session.ending()) {
    const bool logged_in = session.state() != State::kNotAuthenticated;
    if (was_logged_in && !logged_in) progress.login_deadline = now() + options.pre_login_timeout;
    was_logged_in = logged_in;
    // One who never stops sending never waits for input, where deadlines are seen otherwise.
    if (!logged_in && now() >= progress.login_deadline) {
      session.end("Log in faster");
      break;
    }
    connection.end_waits_by(logged_in ? Connection::Deadline::max() : progress.login_deadline);
    const auto input = co_await connection.next_command(logged_in ? autologout : progress.login_deadline);
    if (const auto* frame = std::get_if<wire::Frame>(&input)) {
      co_await take_frame(session, progress, frame->bytes);
      co_await put_layer(session, progress);
      co_await session.flush_if_full();
    } else if (const auto* too_long = std::get_if<wire::TooLong>(&input)) {
      answer_too_long(session, progress, *too_long);
    } else if (std::holds_alternative<Connection::TimedOut>(input)) {
      session.end(logged_in ? "Autologout: nothing came for too long" : "Log in faster");
    } else if (std::holds_alternative<Connection::TooSlow>(input)) {
      session.end("The literals of the command come too slowly");
    } else if (std::holds_alternative<Connection::Ended>(input)) {
      co_return;
    } else {
      if (!session.ending()) co_await session.tell_news_unasked();
      continue;  // It was not the client who stirred.
    }
    autologout = now() + options.autologout;
  }
  session.say_bye();
  co_await connection.flush();
}

}  // namespace

Task<void> serve(Services& services, Stream& stream, asio::any_io_executor strand, Registry::Number number,
                 TlsBegins tls) {
  Connection connection(stream, wire::FramerLimits::before_login(), services.large_literals,
                        services.options.slow_reader_timeout, strand, services.options.literal_grace);
  Session session(services, connection, number);
  const Registration registration(services.sessions, session, strand);
  if (services.sessions.draining()) session.end("The server is stopping");
  ops::log_debug("session_begins", {{"session", session.id()}, {"peer", stream.peer_address()}});
  std::string why = "closed";
  try {
    co_await converse(session, tls);
  } catch (const boost::system::system_error& failure) {
    why = failure.code().message();
  } catch (const std::exception& failure) {
    // Out of memory, or a bug of ours: this client must go, the others need not notice.
    ops::log_error("session_failed", {{"session", session.id()}, {"error", failure.what()}});
    why = "failed";
  }
  ops::log_debug("session_ends", {{"session", session.id()}, {"why", why}});
  connection.stream().close();
}

}  // namespace imapd::session

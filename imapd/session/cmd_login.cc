#include <boost/asio/co_spawn.hpp>
#include <optional>
#include <utility>

#include "imapd/auth/sasl.h"
#include "imapd/ops/log.h"
#include "imapd/ext/registry.h"
#include "imapd/session/commands.h"
#include "imapd/session/login.h"

// LOGIN (RFC 3501, section 6.2.3), and how every login ends.
namespace imapd::session {
namespace {

// The personal mailboxes that every user has.
struct PersonalMailbox {
  const char* name;
  const char* special_use;
};
constexpr PersonalMailbox kPersonalMailboxes[] = {
    {"INBOX", ""}, {"INBOX/Trash", "\\Trash"}, {"INBOX/Drafts", "\\Drafts"}, {"INBOX/Sent", "\\Sent"}};

Task<void> make_personal_mailboxes(Session& session) {
  const std::string user = session.user();
  if (session.store().find_mailbox(store::MailboxPath{user, "INBOX"})) co_return;
  for (const PersonalMailbox& wanted : kPersonalMailboxes) {
    store::CreateMailbox request;
    request.path = {user, wanted.name};
    request.kind = store::MailboxKind::kPersonal;
    request.special_use = wanted.special_use;
    request.acl = {{user, auth::Rights::all().to_string()}};
    const auto made = co_await async(session.store(), &store::Store::create_mailbox, std::move(request));
    // Another session of the user may have been first. A store that takes no writes still serves reads: no reason to refuse
    // the login.
    if (!made && made.error().code != Code::kAlreadyExists) {
      ops::log_warning("personal_mailbox_not_made", {{"session", session.id()}, {"error", made.error().message}});
      co_return;
    }
  }
}

using Checked = Result<auth::Authenticator::Outcome>;

Task<Checked> check(auth::Authenticator& authenticator, auth::Credentials credentials, std::string address, Timestamp now) {
  auth::Authenticator::Attempt attempt{credentials.authcid, credentials.password, address, now};
  co_return authenticator.check(attempt);
}

// nullopt: too many logins wait already.
Task<std::optional<Checked>> check_in_turn(Session& session, auth::Credentials credentials) {
  Services& services = session.services();
  std::string address = session.connection().stream().peer_address();
  const Timestamp now = services.clock.now();
  // A flood of wrong passwords must not shut out those who have been here before.
  auto known = services.authenticator.check_cached({credentials.authcid, credentials.password, address, now});
  if (known) co_return Checked(std::move(*known));
  Quota::Share place(services.waiting_logins);
  if (!place.grow_to(1)) co_return std::nullopt;
  auto checking = check(services.authenticator, std::move(credentials), std::move(address), now);
  co_return co_await asio::co_spawn(services.login_threads, std::move(checking), asio::use_awaitable);
}

}  // namespace

Reply not_private() { return no("Begin TLS first: nothing secret is taken in the clear", wire::code::kPrivacyRequired); }
Reply wrong_credentials() { return no("Wrong user name or password", wire::code::kAuthenticationFailed); }
Reply acts_as_another() { return no("You may act as yourself only", wire::code::kAuthorizationFailed); }

Reply login_unchecked(const Session& session, const Error& error) {
  ops::log_warning("login_unchecked", {{"session", session.id()}, {"error", error.message}});
  return no("Try again later", wire::code::kUnavailable);
}

Task<Reply> welcome(Session& session, auth::Identity identity) {
  if (!session.take_place_of_user(identity.user)) co_return no("Too many connections of this user", wire::code::kLimit);
  session.log_in(std::move(identity));
  auto limits = wire::FramerLimits::after_login();
  limits.message_bytes_max = session.services().options.message_bytes_max;
  limits.unasked_literal_bytes_max = limits::kUnreservedLiteralBytesMax;
  session.connection().set_limits(limits);
  co_await make_personal_mailboxes(session);
  ops::log_info("logged_in", {{"session", session.id()}, {"user", session.user()}});
  co_return ok("Logged in", wire::code::capability(ext::capabilities(session)));
}

Task<Reply> log_in(Session& session, auth::Credentials credentials) {
  const bool as_another = !credentials.acts_as_itself();
  const auto checked = co_await check_in_turn(session, std::move(credentials));
  if (!checked) co_return no("too many logins at once, try again", wire::code::kUnavailable);
  const Checked& outcome = *checked;
  if (!outcome) co_return login_unchecked(session, outcome.error());
  co_await session.connection().pause(outcome->delay);
  if (!outcome->identity) co_return wrong_credentials();
  if (as_another) co_return acts_as_another();
  co_return co_await welcome(session, *outcome->identity);
}

Task<Reply> run(Session& session, wire::Login command) {
  if (!session.is_private()) co_return not_private();
  auth::Credentials credentials;
  credentials.authcid = std::move(command.user);
  credentials.password = std::move(command.password);
  co_return co_await log_in(session, std::move(credentials));
}

}  // namespace imapd::session

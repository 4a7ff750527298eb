#include <boost/system/system_error.hpp>
#include <optional>
#include <utility>
#include <variant>

#include "imapd/auth/certificate_user.h"
#include "imapd/auth/sasl.h"
#include "imapd/auth/scram.h"
#include "imapd/session/commands.h"
#include "imapd/session/login.h"

// AUTHENTICATE (RFC 3501, section 6.2.2; RFC 4959).
namespace imapd::session {
namespace {

// The client's line; a Reply when there is none to go on with.
using Answer = std::variant<std::string, Reply>;

Task<Answer> ask(Session& session, std::string challenge) {
  session.out().continuation(challenge);
  // The loop has told the connection by when the login must be done.
  constexpr auto deadline = Connection::Deadline::max();
  auto input = co_await session.connection().next_line(deadline);
  while (std::holds_alternative<Connection::Woken>(input) && !session.ending()) {
    input = co_await session.connection().next_line(deadline);
  }
  if (std::holds_alternative<Connection::Ended>(input)) throw boost::system::system_error(asio::error::eof);
  if (std::holds_alternative<Connection::TimedOut>(input)) session.end("Log in faster");
  if (session.ending()) co_return no("AUTHENTICATE was cut short", wire::code::kUnavailable);
  if (const auto* too_long = std::get_if<wire::TooLong>(&input)) {
    if (too_long->close) session.end("The client sends more than is allowed");
    co_return bad("The response is too long");
  }
  co_return std::string(std::get<wire::Line>(input).bytes);
}

// The client must acknowledge the refusal before it is told the end (RFC 7628, section 3.2.3); in which words, `*` among them, does
// not matter.
Task<Reply> refuse_token(Session& session, auth::Mechanism mechanism) {
  const std::string issuer = session.services().authenticator.token_issuer();
  const bool is_xoauth2 = mechanism == auth::Mechanism::kXoauth2;
  const std::string refusal = is_xoauth2 ? auth::xoauth2_refusal(issuer) : auth::oauthbearer_refusal(issuer);
  auto answer = co_await ask(session, auth::base64_encode(refusal));
  if (auto* reply = std::get_if<Reply>(&answer)) co_return std::move(*reply);
  co_return no("The token is not valid here", wire::code::kAuthenticationFailed);
}

Task<Reply> log_in_by_token(Session& session, auth::Mechanism mechanism, auth::BearerCredentials credentials) {
  if (credentials.token.empty()) co_return co_await refuse_token(session, mechanism);
  const std::string address = session.connection().stream().peer_address();
  auto& authenticator = session.services().authenticator;
  const auto outcome = authenticator.check_token({credentials.token, address, session.services().clock.now()});
  if (!outcome) co_return login_unchecked(session, outcome.error());
  co_await session.connection().pause(outcome->delay);
  if (!outcome->identity) co_return co_await refuse_token(session, mechanism);
  if (!credentials.authzid.empty() && credentials.authzid != outcome->identity->user) co_return acts_as_another();
  co_return co_await welcome(session, *outcome->identity);
}

// A response to a challenge, decoded.
std::variant<std::string, Reply> decode(std::string_view line) {
  if (line == "*") return bad("cancelled");
  if (line.size() > auth::SaslExchange::kResponseBytesMax) return bad("the response is too long");
  auto decoded = auth::base64_decode(line);
  if (!decoded) return bad("the response is not base64");
  return std::move(*decoded);
}

Task<Answer> ask_decoded(Session& session, std::string challenge) {
  auto answer = co_await ask(session, auth::base64_encode(challenge));
  if (auto* reply = std::get_if<Reply>(&answer)) co_return std::move(*reply);
  co_return decode(std::get<std::string>(answer));
}

Task<Answer> first_message(Session& session, std::optional<std::string> initial_response) {
  if (!initial_response) co_return co_await ask_decoded(session, std::string());
  if (*initial_response == "*") co_return bad("the response is not base64");
  co_return decode(*initial_response);
}

// Nothing tells a user who does not exist, or has no SCRAM keys, from one whose password is wrong.
Task<Reply> log_in_by_scram(Session& session, bool plus, std::optional<std::string> initial_response) {
  using Scram = auth::ScramServer;
  Services& services = session.services();
  Scram exchange(plus ? Scram::Binding::kExporter : Scram::Binding::kNone, channel_binding(session),
                 [&services](const std::string& user) { return services.authenticator.scram_keys(user); });
  auto message = co_await first_message(session, std::move(initial_response));
  Scram::Step step = Scram::Challenge();
  while (true) {
    if (auto* reply = std::get_if<Reply>(&message)) co_return std::move(*reply);
    step = exchange.step(std::get<std::string>(message));
    const auto* challenge = std::get_if<Scram::Challenge>(&step);
    if (challenge == nullptr) break;
    message = co_await ask_decoded(session, challenge->message);
  }
  const auto* failure = std::get_if<Error>(&step);
  if (failure != nullptr && failure->code == Code::kInvalidArgument) co_return bad(failure->message);
  if (failure != nullptr && failure->code != Code::kPermissionDenied) co_return login_unchecked(session, *failure);

  const std::string address = session.connection().stream().peer_address();
  const auto outcome =
      services.authenticator.finish_scram({exchange.user(), failure == nullptr, address, services.clock.now()});
  if (!outcome) co_return login_unchecked(session, outcome.error());
  co_await session.connection().pause(outcome->delay);
  if (!outcome->identity) co_return wrong_credentials();
  if (!exchange.authzid().empty() && exchange.authzid() != outcome->identity->user) co_return acts_as_another();
  // The server's last word, which the client must take before it is told that it is in (RFC 5802, section 3).
  auto taken = co_await ask_decoded(session, std::get<Scram::Verified>(step).message);
  if (auto* reply = std::get_if<Reply>(&taken)) co_return std::move(*reply);
  if (!std::get<std::string>(taken).empty()) co_return bad("the last response is empty");
  co_return co_await welcome(session, *outcome->identity);
}

// The message is the identity to act as (RFC 4422, appendix A.1); the certificate says who it is that asks.
Task<Reply> log_in_by_certificate(Session& session, std::optional<std::string> initial_response) {
  auto message = co_await first_message(session, std::move(initial_response));
  if (auto* reply = std::get_if<Reply>(&message)) co_return std::move(*reply);
  const std::string authzid = std::move(std::get<std::string>(message));
  const auto user = certified_user(session);
  if (!user) co_return wrong_credentials();
  const std::string address = session.connection().stream().peer_address();
  Services& services = session.services();
  const auto outcome = services.authenticator.check_certified({*user, address, services.clock.now()});
  if (!outcome) co_return login_unchecked(session, outcome.error());
  co_await session.connection().pause(outcome->delay);
  if (!outcome->identity) co_return no("The certificate stands for no user", wire::code::kAuthenticationFailed);
  if (!authzid.empty() && authzid != outcome->identity->user) co_return acts_as_another();
  co_return co_await welcome(session, *outcome->identity);
}

bool is_offered(Session& session, auth::Mechanism mechanism) {
  switch (mechanism) {
    case auth::Mechanism::kPlain:
    case auth::Mechanism::kLogin:
    case auth::Mechanism::kScramSha256: return true;
    case auth::Mechanism::kScramSha256Plus: return !channel_binding(session).empty();
    case auth::Mechanism::kExternal: return certified_user(session).has_value();
    case auth::Mechanism::kOauthBearer:
    case auth::Mechanism::kXoauth2: return session.services().authenticator.takes_tokens();
  }
  return false;
}

}  // namespace

std::optional<std::string> certified_user(Session& session) {
  const TlsStream* const tls = session.connection().stream().tls();
  const auto certificate = tls != nullptr ? tls->client_certificate() : std::nullopt;
  return certificate ? auth::user_of(*certificate) : std::nullopt;
}

std::string channel_binding(Session& session) {
  const TlsStream* const tls = session.connection().stream().tls();
  return tls != nullptr ? tls->exporter().value_or(std::string()) : std::string();
}

Task<Reply> run(Session& session, wire::Authenticate command) {
  const auto mechanism = auth::parse_mechanism(command.mechanism);
  if (!mechanism || !is_offered(session, *mechanism)) co_return no("This mechanism is not offered here", wire::code::kCannot);
  if (!session.is_private()) co_return not_private();
  const bool plus = *mechanism == auth::Mechanism::kScramSha256Plus;
  if (plus || *mechanism == auth::Mechanism::kScramSha256) {
    co_return co_await log_in_by_scram(session, plus, std::move(command.initial_response));
  }
  if (*mechanism == auth::Mechanism::kExternal) {
    co_return co_await log_in_by_certificate(session, std::move(command.initial_response));
  }
  auth::SaslExchange exchange(*mechanism);
  // The exchange wants `=` for an empty initial response, as it stands on the line.
  if (command.initial_response && command.initial_response->empty()) *command.initial_response = "=";
  auto step = exchange.start(command.initial_response);
  while (const auto* challenge = std::get_if<auth::SaslExchange::Challenge>(&step)) {
    auto answer = co_await ask(session, challenge->base64);
    if (auto* reply = std::get_if<Reply>(&answer)) co_return std::move(*reply);
    step = exchange.respond(std::get<std::string>(answer));
  }
  if (const auto* failure = std::get_if<Error>(&step)) co_return bad(failure->message);
  if (auto* bearer = std::get_if<auth::BearerCredentials>(&step)) {
    co_return co_await log_in_by_token(session, *mechanism, std::move(*bearer));
  }
  co_return co_await log_in(session, std::move(std::get<auth::Credentials>(step)));
}

}  // namespace imapd::session

#include "broker/rpc/access.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <optional>

#include "imapd/auth/certificate_user.h"
#include "imapd/auth/sasl.h"
#include "imapd/auth/users.h"
#include "imapd/base/flag.h"
#include "imapd/store/store.h"

namespace broker::rpc {

namespace {

namespace asio = boost::asio;
using imapd::Task;
using imapd::auth::Right;
using imapd::auth::Rights;

using imapd::auth::Authenticator;
using Checked = imapd::Result<Authenticator::Outcome>;

struct Credentials {
  std::string user;
  std::string password;
};

// What follows `scheme` and blanks. nullopt: it is another.
std::optional<std::string_view> after_scheme(std::string_view authorization, std::string_view scheme) {
  if (!imapd::equals_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return std::nullopt;
  authorization.remove_prefix(scheme.size());
  if (!authorization.starts_with(' ')) return std::nullopt;
  while (authorization.starts_with(' ')) authorization.remove_prefix(1);
  return authorization;
}

std::optional<Credentials> parse_basic(std::string_view text) {
  const auto decoded = imapd::auth::base64_decode(text);
  if (!decoded) return std::nullopt;
  const auto colon = decoded->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

Failure unauthenticated() {
  return {StatusCode::kUnauthenticated, "UNAUTHENTICATED", "wrong or missing credentials", {}};
}

Failure too_many_logins() {
  return {StatusCode::kUnavailable, "TOO_MANY_LOGINS", "too many passwords wait to be checked, try again", {}};
}

class Place {
 public:
  explicit Place(Logins& logins) : logins_(logins), taken_(logins.enter()) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (taken_) logins_.leave();
  }
  bool taken() const { return taken_; }

 private:
  Logins& logins_;
  const bool taken_;
};

// On a thread for logins. Looks again at what is known: who waited before us may have been the same user.
Task<Checked> check(Authenticator& authenticator, Credentials credentials, std::string address, imapd::Timestamp now) {
  Authenticator::Attempt attempt{credentials.user, credentials.password, address, now};
  auto known = authenticator.check_cached(attempt);
  if (known) co_return std::move(*known);
  co_return authenticator.check(attempt);
}

Task<Outcome<Checked>> check_password(const Services& services, Logins& logins, Credentials credentials, std::string address) {
  const imapd::Timestamp now = services.clock.now();
  auto known = services.authenticator.check_cached({credentials.user, credentials.password, address, now});
  if (known) co_return Checked(std::move(*known));
  const Place place(logins);
  if (!place.taken()) co_return too_many_logins();
  auto checking = check(services.authenticator, std::move(credentials), std::move(address), now);
  co_return co_await asio::co_spawn(logins.threads(), std::move(checking), asio::use_awaitable);
}

Outcome<Caller> find_caller(const Services& services, const std::string& name) {
  const auto user = services.store.user(name);
  if (!user) return failure_of(user.error(), {});
  if (!*user) return unauthenticated();
  return Caller{(*user)->name, (*user)->administrator, (*user)->created};
}

Outcome<Caller> caller_named_by(const Services& services, const std::string& certificate) {
  const auto names = imapd::auth::names_in_pem(certificate);
  const auto name = names ? imapd::auth::user_of(*names) : std::nullopt;
  if (!name) return unauthenticated();
  return find_caller(services, *name);
}

// Waits without keeping a thread, at most until the call is cancelled. Runs on a strand.
Task<void> hold_back(imapd::Millis delay, Cancellation& cancellation) {
  const auto strand = co_await asio::this_coro::executor;
  asio::steady_timer timer(strand, delay);
  cancellation.set_hook([&timer, strand] { asio::post(strand, [&timer] { timer.cancel(); }); });
  boost::system::error_code ended;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  cancellation.clear_hook();
  // What a hook has posted runs before the timer goes.
  co_await asio::post(strand, asio::use_awaitable);
}

}  // namespace

std::string address_of_peer(std::string_view peer) {
  const auto first = peer.find(':');
  const auto last = peer.rfind(':');
  if (first == std::string_view::npos) return std::string(peer);
  if (last <= first + 1) return std::string(peer.substr(first + 1));
  return std::string(peer.substr(first + 1, last - first - 1));
}

Task<Outcome<Caller>> identify(const Services& services, Logins& logins, Evidence evidence, Cancellation& cancellation) {
  if (!evidence.authorization) {
    if (evidence.client_certificate.empty()) co_return unauthenticated();
    co_return caller_named_by(services, evidence.client_certificate);
  }
  const std::string address = address_of_peer(evidence.peer);
  Outcome<Checked> outcome = unauthenticated();
  if (const auto token = after_scheme(*evidence.authorization, "Bearer")) {
    outcome = Checked(services.authenticator.check_token({*token, address, services.clock.now()}));
  } else if (const auto basic = after_scheme(*evidence.authorization, "Basic")) {
    auto credentials = parse_basic(*basic);
    if (credentials) outcome = co_await check_password(services, logins, std::move(*credentials), address);
  }
  if (!outcome) co_return outcome.error();
  const Checked& checked = *outcome;
  if (!checked) co_return failure_of(checked.error(), {});
  if (checked->delay.count() > 0) co_await hold_back(checked->delay, cancellation);
  if (!checked->identity) co_return unauthenticated();
  co_return find_caller(services, checked->identity->user);
}

Outcome<void> refresh(const Services& services, Caller& caller) {
  auto now = find_caller(services, caller.user);
  if (!now) return now.error();
  if (now->created != caller.created) return unauthenticated();
  caller = std::move(*now);
  return {};
}

Rights rights_on(const imapd::store::MailboxInfo& info, const Caller& caller) {
  return imapd::auth::effective(info.acl, {.user = caller.user, .is_server_administrator = caller.is_administrator});
}

Outcome<QueueAccess> access_queue(const Services& services, const Caller& caller, const std::string& queue, Right needed,
                                  std::string_view what) {
  auto info = services.queues.find_queue(queue);
  // In the same words as one that may not be looked up: which of the two it is, is not told.
  if (!info && info.error().code == imapd::Code::kNotFound) return queue_not_found(queue);
  if (!info) return failure_of(info.error(), {});
  const Rights rights = rights_on(*info, caller);
  if (!rights.has(Right::kLookup)) return queue_not_found(queue);
  if (!rights.has(needed)) return no_right(what);
  return QueueAccess{std::move(*info), rights};
}

imapd::store::Actor actor_of(const Caller& caller, const QueueAccess& access, std::string worker_id) {
  using imapd::store::Actor;
  return {.door = imapd::store::Door::kGrpc,
          .user = caller.user,
          .holder = std::move(worker_id),
          .rank = access.rights.has(Right::kAdminister) ? Actor::Rank::kAdministrator : Actor::Rank::kUser};
}

}  // namespace broker::rpc

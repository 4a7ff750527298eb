#include "broker/rpc/access.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/redirect_error.hpp>
#include <optional>

#include "imapd/auth/sasl.h"
#include "imapd/auth/users.h"
#include "imapd/base/flag.h"

namespace broker::rpc {

namespace {

namespace asio = boost::asio;
using imapd::Task;
using imapd::auth::Right;
using imapd::auth::Rights;

struct Credentials {
  std::string user;
  std::string password;
};

std::optional<Credentials> parse_basic(std::string_view authorization) {
  constexpr std::string_view kScheme = "Basic ";
  if (!imapd::equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  authorization.remove_prefix(kScheme.size());
  while (authorization.starts_with(' ')) authorization.remove_prefix(1);
  const auto decoded = imapd::auth::base64_decode(authorization);
  if (!decoded) return std::nullopt;
  const auto colon = decoded->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

Failure unauthenticated() {
  return {StatusCode::kUnauthenticated, "UNAUTHENTICATED", "wrong or missing user name or password", {}};
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

Task<Outcome<Caller>> identify(const Services& services, std::string authorization, std::string peer,
                               Cancellation& cancellation) {
  const auto credentials = parse_basic(authorization);
  if (!credentials) co_return unauthenticated();
  const std::string address = address_of_peer(peer);
  auto checked = services.authenticator.check({credentials->user, credentials->password, address, services.clock.now()});
  if (!checked) co_return failure_of(checked.error(), {});
  if (checked->delay.count() > 0) co_await hold_back(checked->delay, cancellation);
  if (!checked->identity) co_return unauthenticated();
  co_return Caller{checked->identity->user, checked->identity->is_administrator};
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

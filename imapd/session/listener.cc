#include "imapd/session/listener.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <utility>

#include "imapd/ops/log.h"
#include "imapd/session/loop.h"
#include "imapd/session/session.h"
#include "imapd/session/stream.h"

namespace imapd::session {
namespace {

using asio::ip::tcp;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
// After a failure to accept: long enough not to spin, short enough not to be noticed.
constexpr std::chrono::milliseconds kAcceptRetry(100);
constexpr int kBacklog = 1024;

Task<void> serve_socket(Services& services, tcp::socket socket, asio::any_io_executor strand, Registry::Number number,
                        TlsBegins tls, NamedQuota::Share place) {
  SocketStream stream(std::move(socket));
  co_await serve(services, stream, std::move(strand), number, tls);
  place.release();
}

}  // namespace

Listener::Listener(asio::io_context& context, Services& services, TlsBegins tls)
    : context_(context),
      services_(services),
      tls_(tls),
      strand_(asio::make_strand(context)),
      acceptor_(strand_),
      retry_timer_(strand_),
      drain_timer_(strand_) {}

Result<std::unique_ptr<Listener>> Listener::open(asio::io_context& context, Services& services, const ops::Endpoint& endpoint,
                                                 TlsBegins tls) {
  std::unique_ptr<Listener> listener(new Listener(context, services, tls));
  TRY(listener->bind(endpoint));
  return listener;
}

Result<void> Listener::bind(const ops::Endpoint& endpoint) {
  const auto refuse = [&](const boost::system::error_code& error) {
    return make_error(Code::kUnavailable, "cannot listen on " + endpoint.to_string() + ": " + error.message());
  };
  boost::system::error_code error;
  tcp::resolver resolver(context_);
  const auto resolved = resolver.resolve(endpoint.host, std::to_string(endpoint.port), tcp::resolver::passive, error);
  if (error) return refuse(error);
  const tcp::endpoint address = resolved.begin()->endpoint();
  acceptor_.open(address.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(address, error);
  if (!error) acceptor_.listen(kBacklog, error);
  if (error) return refuse(error);
  const tcp::endpoint bound = acceptor_.local_endpoint(error);
  if (error) return refuse(error);
  endpoint_ = ops::Endpoint{bound.address().to_string(), bound.port()};
  return {};
}

void Listener::start() {
  asio::post(strand_, [this] {
    ++running_;
    asio::co_spawn(strand_, accept(), [this](const std::exception_ptr& failure) {
      if (failure) ops::log_error("listener_failed");
      one_ended();
    });
  });
}

Task<void> Listener::accept() {
  while (!stopping_) {
    const asio::any_io_executor strand = asio::make_strand(context_);
    auto [error, socket] = co_await acceptor_.async_accept(strand, kNoThrow);
    if (stopping_) co_return;
    if (!error) {
      if (!try_to_admit(std::move(socket), strand)) co_await pause_accepting();
    } else if (error != asio::error::connection_aborted) {
      ops::log_warning("accept_failed", {{"error", error.message()}});
      co_await pause_accepting();
    }
  }
}

Task<void> Listener::pause_accepting() {
  retry_timer_.expires_after(kAcceptRetry);
  co_await retry_timer_.async_wait(kNoThrow);
}

// One that cannot be served for want of memory must not end the listening for all.
bool Listener::try_to_admit(tcp::socket socket, asio::any_io_executor strand) {
  try {
    admit(std::move(socket), std::move(strand));
    return true;
  } catch (const std::exception& failure) {
    ops::log_error("session_failed_to_start", {{"error", failure.what()}});
    return false;
  }
}

void Listener::admit(tcp::socket socket, asio::any_io_executor strand) {
  boost::system::error_code gone;
  const auto peer = socket.remote_endpoint(gone);
  NamedQuota::Share place;
  if (services_.sessions.size() < services_.options.connections_max) {
    const bool is_counted = !gone && !(services_.options.loopback_is_private && peer.address().is_loopback());
    place = is_counted ? services_.connections_of_address.take(peer.address().to_string()) : NamedQuota::Share::uncounted();
  }
  if (!place) {
    if (tls_ == TlsBegins::kAtOnce) return;
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    const std::string_view bye = "* BYE [UNAVAILABLE] Too many connections\r\n";
    socket.write_some(asio::buffer(bye.data(), bye.size()), ignored);
    return;
  }
  const Registry::Number number = services_.sessions.next_number();
  asio::co_spawn(strand, serve_socket(services_, std::move(socket), strand, number, tls_, std::move(place)),
                 asio::bind_executor(strand_, [this](const std::exception_ptr& failure) {
                   if (failure) ops::log_error("session_failed_to_start");
                   one_ended();
                 }));
  // Its end is told on the strand that this runs on, so not before here.
  ++running_;
}

void Listener::stop(UniqueFunction<void()> stopped) {
  asio::post(strand_, [this, stopped = std::move(stopped)]() mutable { begin_stopping(std::move(stopped)); });
}

void Listener::begin_stopping(UniqueFunction<void()> stopped) {
  stopping_ = true;
  stopped_ = std::move(stopped);
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  retry_timer_.cancel();
  services_.sessions.drain();
  services_.sessions.post_all([](Session& session) {
    session.end("The server is stopping");
    session.connection().wake();
  });
  ++running_;
  drain_timer_.expires_after(services_.options.drain_timeout);
  drain_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      services_.sessions.post_all([](Session& session) {
        session.connection().stream().close();
        session.connection().wake();
      });
    }
    one_ended();
  });
  if (running_ == 1) drain_timer_.cancel();
}

void Listener::one_ended() {
  --running_;
  // The drain timer's wait is the last to end: when only it is left, nobody needs it.
  if (stopping_ && running_ == 1) drain_timer_.cancel();
  if (stopping_ && running_ == 0) std::exchange(stopped_, {})();
}

}  // namespace imapd::session

#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <exception>
#include <memory>

#include "imapd/base/async.h"
#include "imapd/base/callback.h"
#include "imapd/base/error.h"
#include "imapd/ops/config.h"
#include "imapd/session/loop.h"
#include "imapd/session/registry.h"
#include "imapd/session/services.h"

namespace imapd::session {

// Takes connections and lets each have its session, on a strand of its own.
//
// Operation    open(), start(), later stop(). A failure to accept (no more file descriptors) is waited out, never the end.
// Concurrency  start() and stop() from any thread, once each. Everything else runs on the io_context.
// Ownership    `context` and `services` outlive it (see Services for their order). It may be destroyed once stop() has called back.
// Limits       SessionOptions::connections_max and connections_per_address_max; one more is told BYE (over implicit TLS: is cut).
class Listener {
 public:
  // Binds. kUnavailable: the address is in use or not ours.
  static Result<std::unique_ptr<Listener>> open(asio::io_context& context, Services& services, const ops::Endpoint& endpoint,
                                                TlsBegins tls = TlsBegins::kWhenAsked);
  Listener(const Listener&) = delete;

  // With the real port, when port 0 was asked for.
  const ops::Endpoint& endpoint() const { return endpoint_; }
  void start();
  // No new connections; every session finishes its command, says BYE and ends; those that have not after drain_timeout are cut.
  // `stopped` is called on a thread of the context when all have ended.
  void stop(UniqueFunction<void()> stopped);

 private:
  Listener(asio::io_context& context, Services& services, TlsBegins tls);
  Result<void> bind(const ops::Endpoint& endpoint);
  Task<void> accept();
  Task<void> pause_accepting();
  bool try_to_admit(asio::ip::tcp::socket socket, asio::any_io_executor strand);
  void admit(asio::ip::tcp::socket socket, asio::any_io_executor strand);
  void begin_stopping(UniqueFunction<void()> stopped);
  void one_ended();

  asio::io_context& context_;
  Services& services_;
  const TlsBegins tls_;
  ops::Endpoint endpoint_;
  const asio::any_io_executor strand_;  // Of all below.
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer retry_timer_;
  asio::steady_timer drain_timer_;
  UniqueFunction<void()> stopped_;
  bool stopping_ = false;
  std::size_t running_ = 0;  // Coroutines and waits whose end has not been recorded.
};

}  // namespace imapd::session

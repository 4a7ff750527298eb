#pragma once

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <string>

#include "broker/rpc/access.h"
#include "broker/rpc/call.h"
#include "broker/rpc/drain.h"
#include "broker/rpc/grpc_status.h"
#include "broker/rpc/server.h"

namespace broker::rpc {

// What every call of a server is given. Outlives all calls.
struct Hall {
  const Services& services;
  boost::asio::thread_pool& pool;
  Drain& drain;
  Logins& logins;
};

// Copies what it needs: the call may be gone before it is judged.
inline Evidence evidence_of(const grpc::CallbackServerContext& context) {
  Evidence evidence;
  evidence.peer = context.peer();
  const auto [first, last] = context.client_metadata().equal_range("authorization");
  if (first != last) {
    const bool only = std::next(first) == last;
    evidence.authorization = only ? std::string(first->second.data(), first->second.size()) : std::string();
  }
  // gRPC sets the peer's identity only where TLS has verified a certificate.
  const auto peer = context.auth_context();
  if (peer && peer->IsPeerAuthenticated()) {
    const auto certificates = peer->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
    if (certificates.size() == 1) evidence.client_certificate.assign(certificates[0].data(), certificates[0].size());
  }
  return evidence;
}

inline Failure internal_failure() { return {StatusCode::kInternal, "INTERNAL", "the server failed in this call", {}}; }

// One unary call: authenticates, then runs the handler on a strand of the pool. Deletes itself when gRPC is done with it.
template <class Calls, class Request, class Response>
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  using Handler = imapd::Task<Outcome<void>> (Calls::*)(Call&, const Request&, Response&);

  UnaryCall(Hall& hall, Calls& calls, Handler handler, grpc::CallbackServerContext& context, const Request& request,
            Response& response)
      : hall_(hall), calls_(calls), handler_(handler), context_(context), request_(request), response_(response) {}

  void start() {
    boost::asio::co_spawn(boost::asio::make_strand(hall_.pool), run(),
                          [this](std::exception_ptr thrown, Outcome<void> outcome) {
                            if (thrown) return Finish(grpc_status(internal_failure()));
                            Finish(outcome ? grpc::Status::OK : grpc_status(outcome.error()));
                          });
  }

 private:
  imapd::Task<Outcome<void>> run() {
    auto caller = co_await identify(hall_.services, hall_.logins, evidence_of(context_), call_.cancellation);
    if (!caller) co_return caller.error();
    call_.caller = std::move(*caller);
    co_return co_await handle();
  }

  // A function of its own: in a coroutine, g++ 12 with the undefined-behaviour sanitizer takes a null `this` for a call through a
  // pointer to member.
  imapd::Task<Outcome<void>> handle() { return (calls_.*handler_)(call_, request_, response_); }

  void OnCancel() override { call_.cancellation.cancel(); }
  void OnDone() override {
    // True too when the client went away before the answer had left.
    if (context_.IsCancelled() && call_.if_undelivered) boost::asio::post(hall_.pool, std::move(call_.if_undelivered));
    delete this;
  }

  Hall& hall_;
  Calls& calls_;
  const Handler handler_;
  grpc::CallbackServerContext& context_;
  const Request& request_;
  Response& response_;
  Call call_;
};

template <class Calls, class Request, class Response>
grpc::ServerUnaryReactor* start_unary(Hall& hall, Calls& calls,
                                      imapd::Task<Outcome<void>> (Calls::*handler)(Call&, const Request&, Response&),
                                      grpc::CallbackServerContext* context, const Request* request, Response* response) {
  auto* call = new UnaryCall<Calls, Request, Response>(hall, calls, handler, *context, *request, *response);
  call->start();
  return call;
}

}  // namespace broker::rpc

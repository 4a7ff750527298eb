#pragma once

#include <grpc/grpc_security_constants.h>
#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <functional>
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

inline Failure no_request() {
  return {StatusCode::kInvalidArgument, "INVALID_ARGUMENT", "the call has no request, or a malformed one", {}};
}
inline Failure internal_failure() { return {StatusCode::kInternal, "INTERNAL", "the server failed in this call", {}}; }

// One unary call. For gRPC it is a stream with one message each way: only so the message is not read before we ask for it.
//
// Operation    Authenticates, then reads the request and runs the handler on a strand of the pool.
// Ownership    Deletes itself when gRPC is done with it.
// Limits       Of a client that nobody knows no more is kept than what may come unasked (a stream's window).
template <class Calls, class Request, class Response>
class UnaryCall final : public grpc::ServerGenericBidiReactor {
 public:
  using Handler = imapd::Task<Outcome<void>> (Calls::*)(Call&, const Request&, Response&);

  UnaryCall(Hall& hall, Calls& calls, Handler handler, grpc::CallbackServerContext& context)
      : hall_(hall), calls_(calls), handler_(handler), context_(context), strand_(boost::asio::make_strand(hall.pool)) {}

  void start() {
    boost::asio::co_spawn(strand_, enter(), [this](std::exception_ptr thrown, Outcome<void> entered) {
      if (thrown || !entered) return fail(thrown ? internal_failure() : entered.error());
      StartRead(&buffer_);
    });
  }

 private:
  imapd::Task<Outcome<void>> enter() {
    auto caller = co_await identify(hall_.services, hall_.logins, evidence_of(context_), call_.cancellation);
    if (!caller) co_return caller.error();
    call_.caller = std::move(*caller);
    co_return Outcome<void>();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return fail(no_request());
    boost::asio::co_spawn(strand_, run(), [this](std::exception_ptr thrown, Outcome<void> outcome) {
      if (thrown || !outcome) return fail(thrown ? internal_failure() : outcome.error());
      bool own = false;
      buffer_.Clear();
      const auto written = grpc::SerializationTraits<Response>::Serialize(response_, &buffer_, &own);
      if (!written.ok()) return fail(internal_failure());
      StartWriteAndFinish(&buffer_, grpc::WriteOptions(), grpc::Status::OK);
    });
  }

  imapd::Task<Outcome<void>> run() {
    const auto read = grpc::SerializationTraits<Request>::Deserialize(&buffer_, &request_);
    if (!read.ok()) co_return no_request();
    // The request may have come long after its sender was known.
    const auto known = refresh(hall_.services, call_.caller);
    if (!known) co_return known.error();
    co_return co_await handle();
  }

  // A function of its own: in a coroutine, g++ 12 with the undefined-behaviour sanitizer takes a null `this` for a call through a
  // pointer to member.
  imapd::Task<Outcome<void>> handle() { return (calls_.*handler_)(call_, request_, response_); }

  void fail(const Failure& failure) { Finish(grpc_status(failure)); }

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
  const boost::asio::strand<boost::asio::thread_pool::executor_type> strand_;
  Request request_;
  Response response_;
  grpc::ByteBuffer buffer_;  // Of the request, then of the response.
  Call call_;
};

// A service whose calls with one request are streams of bytes for gRPC, as UnaryCall wants it. `Definition` is the class that protoc
// makes of the service.
template <class Definition>
class OneRequestService : public Definition::Service {
 protected:
  template <class Request, class Response>
  using Start = std::function<grpc::ServerBidiReactor<Request, Response>*(grpc::CallbackServerContext*)>;

  // These while the service is made; `name` is one of the service's.
  void serve(const std::string& name, Start<grpc::ByteBuffer, grpc::ByteBuffer> start) {
    serve_stream<grpc::ByteBuffer, grpc::ByteBuffer>(name, std::move(start));
  }
  template <class Request, class Response>
  void serve_stream(const std::string& name, Start<Request, Response> start) {
    using Handler = grpc::internal::CallbackBidiHandler<Request, Response>;
    const int index = google::protobuf::DescriptorPool::generated_pool()
                          ->FindServiceByName(Definition::service_full_name())
                          ->FindMethodByName(name)
                          ->index();
    // The first makes it a stream whose messages gRPC does not read unasked, the second hands it to reactors.
    this->MarkMethodStreamed(index, new Handler(start));
    this->MarkMethodCallback(index, new Handler(start));
  }
  template <class Calls, class Request, class Response>
  void serve(const std::string& name, Hall& hall, Calls& calls,
             imapd::Task<Outcome<void>> (Calls::*handler)(Call&, const Request&, Response&)) {
    serve(name, [&hall, &calls, handler](grpc::CallbackServerContext* context) {
      auto* call = new UnaryCall<Calls, Request, Response>(hall, calls, handler, *context);
      call->start();
      return call;
    });
  }
};

}  // namespace broker::rpc

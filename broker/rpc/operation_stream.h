#pragma once

#include <atomic>
#include <exception>
#include <utility>

#include "broker/rpc/unary_call.h"
#include "imapd/base/callback.h"

namespace broker::rpc {

enum class More { kNo, kYes };

// A call that works step by step and tells after each how far it is. It stops between two steps when its client cancels it or
// the server drains.
//
// Operation    `Work` is made when the caller and the request are known and asked for one step after the other; each fills the
//              next answer.
//                  static Task<Outcome<Work>> begin(const Services&, Call&, const Request&);
//                  Task<Outcome<More>> step(Response&);
//              What the caller may do is looked at again before each step, and by each.
// Concurrency  Everything runs on the strand; gRPC's callbacks only post there.
// Ownership    Deletes itself when gRPC is done with it, which is after the coroutine has ended.
// Limits       As UnaryCall: nothing is read of a client that nobody knows.
template <class Work, class Request, class Response>
class OperationStream final : public grpc::ServerGenericBidiReactor, public Drainable {
 public:
  OperationStream(Hall& hall, grpc::CallbackServerContext& context)
      : hall_(hall), context_(context), strand_(boost::asio::make_strand(hall.pool)) {}

  void start() {
    boost::asio::co_spawn(strand_, run(), [this](std::exception_ptr thrown, Outcome<void> outcome) {
      hall_.drain.remove(*this);
      if (thrown) return Finish(grpc_status(internal_failure()));
      Finish(outcome ? grpc::Status::OK : grpc_status(outcome.error()));
    });
  }
  void drain() override { draining_ = true; }
  void look_again() override {}

 private:
  imapd::Task<Outcome<void>> run() {
    auto caller = co_await identify(hall_.services, hall_.logins, evidence_of(context_), call_.cancellation);
    if (!caller) co_return caller.error();
    call_.caller = std::move(*caller);
    hall_.drain.add(*this);
    const bool read = co_await imapd::async(*this, &OperationStream::read, &buffer_);
    if (!read || !grpc::SerializationTraits<Request>::Deserialize(&buffer_, &request_).ok()) co_return no_request();
    auto work = co_await Work::begin(hall_.services, call_, request_);
    if (!work) co_return work.error();
    More more = More::kYes;
    while (more == More::kYes) {
      if (draining_) co_return shutting_down();
      const auto known = refresh(hall_.services, call_.caller);
      if (!known) co_return known.error();
      Response response;
      const auto stepped = co_await work->step(response);
      if (!stepped) co_return stepped.error();
      more = *stepped;
      bool own = false;
      buffer_.Clear();
      if (!grpc::SerializationTraits<Response>::Serialize(response, &buffer_, &own).ok()) co_return internal_failure();
      const bool written = co_await imapd::async(*this, &OperationStream::write, &buffer_);
      if (!written || call_.cancellation.cancelled()) break;  // Nobody listens any more.
    }
    co_return Outcome<void>();
  }

  void read(grpc::ByteBuffer* into, imapd::Callback<bool> done) {
    done_ = std::move(done);
    StartRead(into);
  }
  void write(grpc::ByteBuffer* from, imapd::Callback<bool> done) {
    done_ = std::move(done);
    StartWrite(from);
  }
  void OnReadDone(bool ok) override { std::exchange(done_, {})(ok); }
  void OnWriteDone(bool ok) override { std::exchange(done_, {})(ok); }
  void OnCancel() override { call_.cancellation.cancel(); }
  void OnDone() override { delete this; }

  Hall& hall_;
  grpc::CallbackServerContext& context_;
  const boost::asio::strand<boost::asio::thread_pool::executor_type> strand_;
  Call call_;
  std::atomic<bool> draining_ = false;
  Request request_;
  grpc::ByteBuffer buffer_;     // gRPC's while done_ is set. Of the request, then of each response.
  imapd::Callback<bool> done_;  // Waits for a read or a write: there is never more than one.
};

}  // namespace broker::rpc

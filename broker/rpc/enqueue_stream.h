#pragma once

#include <atomic>
#include <boost/asio/strand.hpp>
#include <deque>
#include <memory>
#include <optional>

#include "broker/rpc/enqueue_request.h"
#include "broker/rpc/unary_call.h"
#include "claimq/v1/queue_service.pb.h"

namespace broker::rpc {

// One EnqueueStream.
//
// Operation    Every request is given to the queue as soon as it is read. Its result waits until all before it have theirs, and
//              as many results as there are then go out in one frame.
// Concurrency  As WorkStream: everything runs on the strand; reactions and callbacks only post to it.
// Ownership    Deletes itself when gRPC is done with it and no request is under way.
// Limits       kRequestsMax requests, or kBytesMax of them, unanswered: then the client's sending is held up.
class EnqueueStream final : public grpc::ServerBidiReactor<claimq::v1::EnqueueStreamRequest, claimq::v1::EnqueueStreamResponse>,
                            public Drainable {
 public:
  static constexpr std::size_t kRequestsMax = 256;
  static constexpr std::size_t kBytesMax = 8 * 1024 * 1024;

  EnqueueStream(Hall& hall, grpc::CallbackServerContext& context, std::size_t message_bytes_max);
  void start();
  void drain() override;
  void look_again() override;

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  // A request from its reading to the write of its result.
  struct Slot {
    std::size_t bytes = 0;
    std::optional<claimq::v1::EnqueueResult> result;
  };

  // On the strand, then pump().
  template <class Work>
  void run(Work work) {
    boost::asio::post(strand_, [this, work = std::move(work)]() mutable {
      work();
      pump();
    });
  }
  imapd::Task<Outcome<void>> enter();
  void take_request();
  void answer(Slot& slot, const Failure& failure);
  void pump();
  void advance();
  void end(grpc::Status status);

  Hall& hall_;
  grpc::CallbackServerContext& context_;
  const std::size_t message_bytes_max_;
  boost::asio::strand<boost::asio::thread_pool::executor_type> strand_;
  Call call_;

  bool entered_ = false;                        // Authenticated.
  claimq::v1::EnqueueStreamRequest incoming_;   // gRPC's while reading_.
  bool reading_ = false;
  bool reads_ended_ = false;
  std::string queue_;                           // Of the last request.
  std::deque<std::shared_ptr<Slot>> line_;      // In the order of the requests. Shared with the verb that fills it.
  std::size_t line_bytes_ = 0;
  claimq::v1::EnqueueStreamResponse outgoing_;  // gRPC's while writing_.
  bool writing_ = false;

  std::atomic<bool> told_ = false;  // Keeps many changes of rights from posting more than one look.
  bool broken_ = false;             // Cancelled, or a write failed.
  std::optional<grpc::Status> ending_;
  bool finished_ = false;  // Finish() was called.
  bool done_ = false;      // OnDone() came.
  int operations_ = 0;     // Whose callbacks hold `this`.
};

}  // namespace broker::rpc

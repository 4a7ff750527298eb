#pragma once

#include <atomic>
#include <boost/asio/strand.hpp>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "broker/rpc/convert.h"
#include "broker/rpc/unary_call.h"
#include "claimq/v1/queue_service.pb.h"

namespace broker::rpc {

// One Work stream.
//
// Operation    Settlements are taken in the order in which they come and run one batch at a time; their results are written in
//              that order. A claim is asked for only while there is credit, no write is under way and no result waits, and
//              nothing is written while a claim waits: so its lease starts when its frame is handed to gRPC.
//              At its end the stream releases what it delivered and was not settled, but for a server that stops: then the
//              leases run on, for the worker to settle or resume under its worker_id. gRPC does not tell a client that
//              cancels from a connection that broke: both release.
//              Who the user is and what he may do is asked again at each step and whenever it changes: the stream of one who may
//              no more is ended, and what it holds is released at once.
// Concurrency  Everything below the reactions runs on the strand; reactions and callbacks only post to it.
// Ownership    Deletes itself when gRPC is done with it and no operation is under way.
// Limits       kInboxMax requests of at most kSettleBatchMax settlements and kRequestBytesMax; then the client's sending is held
//              up. Credit and claims that are not settled, together: kCreditMax.
class WorkStream final : public grpc::ServerBidiReactor<claimq::v1::WorkRequest, claimq::v1::WorkResponse>, public Drainable {
 public:
  static constexpr std::size_t kInboxMax = 16;
  // Ten times what kSettleBatchMax settlements with their reason need.
  static constexpr std::size_t kRequestBytesMax = 256 * 1024;
  static constexpr std::uint32_t kCreditMax = 100'000;
  // About what LIMITS of a stream asks for: enough messages in a frame to be cheap, little enough to keep others waiting.
  static constexpr std::size_t kFrameBytes = 256 * 1024;

  WorkStream(Hall& hall, grpc::CallbackServerContext& context);
  void start();
  void drain() override;
  void look_again() override;

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  struct Step {
    imapd::store::Settlement settlement;
    bool allowed = true;
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
  Outcome<QueueAccess> access(const std::string& queue, imapd::auth::Right needed, std::string_view what);
  void check_again();
  void pump();
  void advance();
  void end(grpc::Status status);
  void wind_down();
  bool idle() const;

  void take_requests();
  void take_start(claimq::v1::WorkStart start);
  void take_credit(const claimq::v1::WorkCredit& credit);
  void take_settle(const claimq::v1::WorkSettle& settle);
  void settle_next();
  void settled(std::vector<Step> steps, imapd::Result<imapd::store::SettleOutcome> outcome);
  void claim_more();
  void claimed(imapd::Result<queue::ClaimOutcome> outcome);
  void stop_claiming();
  void write_results();
  void write();
  void release_held();
  void release(std::vector<imapd::store::Settlement> items);

  Hall& hall_;
  grpc::CallbackServerContext& context_;
  boost::asio::strand<boost::asio::thread_pool::executor_type> strand_;
  Call call_;

  bool entered_ = false;  // Authenticated.
  claimq::v1::WorkRequest incoming_;  // gRPC's while reading_.
  bool reading_ = false;
  bool reads_ended_ = false;
  std::deque<claimq::v1::WorkRequest> inbox_;

  std::optional<claimq::v1::WorkStart> start_;
  imapd::store::Actor actor_;
  std::optional<imapd::Millis> lease_;
  std::uint32_t credit_ = 0;
  std::optional<queue::WaiterId> waiter_;  // Our place in the line.
  bool claiming_ = false;

  std::vector<Step> to_settle_;
  bool settling_ = false;
  std::unordered_map<imapd::Serial, imapd::ModSeq> held_;  // Delivered and not settled, with their tokens.

  claimq::v1::WorkResponse results_;   // Waits for the write under way.
  claimq::v1::WorkResponse outgoing_;  // gRPC's while writing_.
  bool writing_ = false;

  std::atomic<bool> told_ = false;  // Keeps many changes of rights from posting more than one look.
  bool expelled_ = false;           // The user may no more.
  bool draining_ = false;
  bool broken_ = false;  // Cancelled, or a write failed.
  std::optional<grpc::Status> ending_;
  bool finished_ = false;  // Finish() was called.
  bool done_ = false;      // OnDone() came.
  int operations_ = 0;     // Whose callbacks hold `this`.
};

}  // namespace broker::rpc

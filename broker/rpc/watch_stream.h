#pragma once

#include <atomic>
#include <boost/asio/strand.hpp>
#include <optional>
#include <vector>

#include "broker/rpc/convert.h"
#include "broker/rpc/unary_call.h"
#include "claimq/v1/queue_service.pb.h"
#include "imapd/base/uid_set.h"

namespace broker::rpc {

// One Watch stream. For gRPC it takes messages too, as UnaryCall and for the same reason.
//
// Operation    Reads what changed since the last mod-sequence told, cuts it into frames, writes one after the other, and reads
//              again when the change feed says that there is more. So a slow watcher gets later states, not a longer queue.
//              Whether the user may read is asked before each frame and whenever it changes.
// Concurrency  As WorkStream: everything runs on the strand.
// Ownership    Deletes itself when gRPC is done with it.
// Limits       A frame holds at most kFrameMessagesMax messages and about kFrameBytes; one frame is under way at a time.
class WatchStream final : public grpc::ServerGenericBidiReactor, public Drainable {
 public:
  static constexpr int kFrameMessagesMax = 256;
  static constexpr std::size_t kFrameBytes = 256 * 1024;
  static constexpr int kFrameVanishedMax = 10'000;

  WatchStream(Hall& hall, grpc::CallbackServerContext& context);
  void start();
  void drain() override;
  void look_again() override;

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  // On the strand, then pump().
  template <class Work>
  void run(Work work) {
    boost::asio::post(strand_, [this, work = std::move(work)]() mutable {
      work();
      pump();
    });
  }
  imapd::Task<Outcome<void>> enter();
  Outcome<void> begin();
  void pump();
  void advance();
  void end(grpc::Status status);
  Outcome<void> may_read();
  Outcome<void> read_changes();
  // False: there is nothing to write.
  bool fill_frame();

  Hall& hall_;
  grpc::CallbackServerContext& context_;
  boost::asio::strand<boost::asio::thread_pool::executor_type> strand_;
  Call call_;
  claimq::v1::WatchRequest request_;
  imapd::store::ChangeFeed::Subscription subscription_;
  std::atomic<bool> notified_ = false;  // Keeps a busy queue from posting more than one wake-up.

  imapd::MailboxId mailbox_;
  imapd::ModSeq told_;  // Everything up to here has been written.
  bool more_ = true;    // Changed since the last look.
  bool first_ = true;   // The first frame is written even when it is empty: it says from where on the client is up to date.
  bool reset_ = false;  // The next frame is the first after a reset.
  // While what is told is older than what the store knows of the vanished: the UIDs that were told since the reset.
  std::optional<imapd::UidSet> told_since_reset_;
  // What was read and is not written yet: vanished_ from next_vanished_ on, then changes_->changed from next_changed_ on.
  std::optional<imapd::store::Changes> changes_;
  std::vector<imapd::Uid> vanished_;
  std::size_t next_vanished_ = 0;
  std::size_t next_changed_ = 0;
  std::uint64_t serial_base_ = 0;  // Serial minus UID, learned from the messages seen.

  claimq::v1::WatchResponse outgoing_;
  grpc::ByteBuffer buffer_;  // Of the request while entering_, then of outgoing_ while writing_.
  bool writing_ = false;
  bool entering_ = true;
  std::optional<grpc::Status> ending_;
  bool finished_ = false;
  bool done_ = false;
};

}  // namespace broker::rpc

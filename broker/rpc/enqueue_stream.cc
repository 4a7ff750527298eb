#include "broker/rpc/enqueue_stream.h"

#include <utility>

#include "google/rpc/status.pb.h"

namespace broker::rpc {

namespace asio = boost::asio;
namespace v1 = claimq::v1;
using imapd::Task;

EnqueueStream::EnqueueStream(Hall& hall, grpc::CallbackServerContext& context, std::size_t message_bytes_max)
    : hall_(hall), context_(context), message_bytes_max_(message_bytes_max), strand_(hall.pool.get_executor()) {}

void EnqueueStream::start() {
  ++operations_;
  asio::co_spawn(strand_, enter(), [this](std::exception_ptr thrown, Outcome<void> outcome) {
    --operations_;
    if (thrown || !outcome) {
      end(grpc_status(thrown ? internal_failure() : outcome.error()));
    } else {
      entered_ = true;
      hall_.drain.add(*this);
    }
    pump();
  });
}

Task<Outcome<void>> EnqueueStream::enter() {
  auto caller = co_await identify(hall_.services, hall_.logins, evidence_of(context_), call_.cancellation);
  if (!caller) co_return caller.error();
  call_.caller = std::move(*caller);
  co_return Outcome<void>();
}

void EnqueueStream::drain() {
  run([this] { end(grpc_status(shutting_down())); });
}

void EnqueueStream::look_again() {
  if (told_.exchange(true)) return;
  run([this] {
    told_ = false;
    const auto known = refresh(hall_.services, call_.caller);
    if (!known) end(grpc_status(known.error()));
  });
}

void EnqueueStream::OnReadDone(bool ok) {
  run([this, ok] {
    reading_ = false;
    if (!ok) {
      reads_ended_ = true;
    } else if (!ending_) {
      take_request();
    }
  });
}

void EnqueueStream::OnWriteDone(bool ok) {
  run([this, ok] {
    writing_ = false;
    if (ok) return;
    broken_ = true;
    end(grpc::Status::CANCELLED);
  });
}

void EnqueueStream::OnCancel() {
  call_.cancellation.cancel();
  run([this] {
    broken_ = true;
    end(grpc::Status::CANCELLED);
  });
}

void EnqueueStream::OnDone() {
  run([this] { done_ = true; });
}

void EnqueueStream::end(grpc::Status status) {
  if (!ending_) ending_ = std::move(status);
}

void EnqueueStream::answer(Slot& slot, const Failure& failure) {
  fill_status(failure, *slot.result.emplace().mutable_status());
}

void EnqueueStream::take_request() {
  auto slot = std::make_shared<Slot>();
  slot->bytes = incoming_.ByteSizeLong();
  line_.push_back(slot);
  line_bytes_ += slot->bytes;
  if (!incoming_.queue().empty()) queue_ = incoming_.queue();
  // Also what changed while the stream was not listed yet among those that are told.
  const auto known = refresh(hall_.services, call_.caller);
  if (!known) {
    end(grpc_status(known.error()));
    return answer(*slot, known.error());
  }
  auto request = enqueue_request(hall_.services, call_.caller, queue_, incoming_.messages(), message_bytes_max_);
  incoming_.Clear();
  if (!request) return answer(*slot, request.error());
  ++operations_;
  hall_.services.queues.enqueue(
      std::move(request->verb), [this, slot, bytes = request->bytes,
                                 is_dead_letters = request->is_dead_letters](imapd::Result<queue::EnqueueOutcome> outcome) mutable {
        run([this, slot, bytes, is_dead_letters, outcome = std::move(outcome)] {
          --operations_;
          if (!outcome) return answer(*slot, enqueue_failure(outcome.error(), bytes, is_dead_letters));
          v1::EnqueueResult& result = slot->result.emplace();
          result.mutable_status();
          for (const imapd::Serial serial : outcome->serials) result.add_serials(serial.value());
        });
      });
}

void EnqueueStream::pump() {
  if (!finished_) advance();
  if (finished_ && done_ && operations_ == 0) delete this;
}

void EnqueueStream::advance() {
  if (!writing_ && !broken_ && !line_.empty() && line_.front()->result) {
    outgoing_.Clear();
    for (; !line_.empty() && line_.front()->result; line_.pop_front()) {
      *outgoing_.add_results() = std::move(*line_.front()->result);
      line_bytes_ -= line_.front()->bytes;
    }
    writing_ = true;
    StartWrite(&outgoing_);
  }
  if (entered_ && !ending_ && !reading_ && !reads_ended_ && line_.size() < kRequestsMax && line_bytes_ < kBytesMax) {
    reading_ = true;
    StartRead(&incoming_);
  }
  if (reads_ended_ && !ending_ && line_.empty()) end(grpc::Status::OK);
  // What was read is answered first, but to nobody.
  if (!ending_ || writing_ || operations_ > 0 || (!broken_ && !line_.empty())) return;
  hall_.drain.remove(*this);
  finished_ = true;
  Finish(*ending_);
}

}  // namespace broker::rpc

#include "broker/rpc/work_stream.h"

#include <utility>

#include "broker/rpc/queue_calls.h"

namespace broker::rpc {

namespace asio = boost::asio;
using imapd::Task;

WorkStream::WorkStream(Hall& hall, grpc::CallbackServerContext& context)
    : hall_(hall), context_(context), strand_(hall.pool.get_executor()) {}

void WorkStream::start() {
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

Task<Outcome<void>> WorkStream::enter() {
  auto caller = co_await identify(hall_.services, hall_.logins, evidence_of(context_), call_.cancellation);
  if (!caller) co_return caller.error();
  call_.caller = std::move(*caller);
  co_return Outcome<void>();
}

void WorkStream::drain() {
  run([this] {
    draining_ = true;
    stop_claiming();
  });
}

void WorkStream::look_again() {
  if (told_.exchange(true)) return;
  run([this] { check_again(); });
}

void WorkStream::OnReadDone(bool ok) {
  run([this, ok] {
    reading_ = false;
    if (!ok) {
      reads_ended_ = true;
      stop_claiming();
    } else if (incoming_.ByteSizeLong() > kRequestBytesMax) {
      FieldChecks checks;
      checks.violation("request", "is larger than " + std::to_string(kRequestBytesMax) + " bytes");
      end(grpc_status(std::move(checks).failure()));
    } else {
      inbox_.push_back(std::move(incoming_));
    }
  });
}

void WorkStream::OnWriteDone(bool ok) {
  run([this, ok] {
    writing_ = false;
    outgoing_.Clear();
    if (!ok) {
      broken_ = true;
      end(grpc::Status::CANCELLED);
    }
  });
}

void WorkStream::OnCancel() {
  call_.cancellation.cancel();
  run([this] {
    broken_ = true;
    end(grpc::Status::CANCELLED);
  });
}

void WorkStream::OnDone() {
  run([this] { done_ = true; });
}

void WorkStream::pump() {
  if (!finished_) advance();
  if (finished_ && done_ && operations_ == 0) delete this;
}

void WorkStream::advance() {
  if (!ending_ && entered_) take_requests();
  if (!ending_) settle_next();
  if (ending_) return wind_down();
  write_results();
  claim_more();
  if (!idle()) return;
  if (reads_ended_) {
    end(grpc::Status::OK);
  } else if (draining_ && held_.empty()) {
    end(grpc_status(shutting_down()));
  }
  if (ending_) wind_down();
}

// Nothing is under way and nothing waits, but for claims to come.
bool WorkStream::idle() const {
  return inbox_.empty() && to_settle_.empty() && !settling_ && !writing_ && results_.results().empty() && operations_ == 0;
}

void WorkStream::end(grpc::Status status) {
  if (!ending_) ending_ = std::move(status);
  stop_claiming();
}

void WorkStream::wind_down() {
  // A client that does not read must not keep what it may not have.
  if (expelled_ && !held_.empty() && !draining_) release_held();
  if (claiming_ || settling_ || writing_ || finished_) return;
  if (!broken_ && !results_.results().empty()) return write();
  // A stream that the server cuts off looks at first like one that its client closed: so while draining neither releases.
  if (!held_.empty() && !draining_) return release_held();
  if (operations_ > 0) return;
  hall_.drain.remove(*this);
  finished_ = true;
  Finish(*ending_);
}

// Before the stream's end is told, so that who sees it finds the messages ready.
void WorkStream::release_held() {
  std::vector<imapd::store::Settlement> items;
  for (const auto& [serial, token] : held_) {
    imapd::store::Settlement item;
    item.serial = serial;
    item.token = token;
    item.kind = imapd::store::Settlement::Kind::kRelease;
    items.push_back(std::move(item));
    if (items.size() == kSettleBatchMax) release(std::exchange(items, {}));
  }
  held_.clear();
  if (!items.empty()) release(std::move(items));
}

void WorkStream::release(std::vector<imapd::store::Settlement> items) {
  ++operations_;
  queue::Settle settle{start_->queue(), std::move(items), actor_};
  hall_.services.queues.settle(std::move(settle), [this](imapd::Result<imapd::store::SettleOutcome>) {
    run([this] { --operations_; });
  });
}

void WorkStream::write_results() {
  if (writing_ || results_.results().empty()) return;
  // A claim won while this write is under way would wait for it with its lease running.
  if (claiming_) return stop_claiming();
  write();
}

void WorkStream::write() {
  outgoing_.mutable_results()->Swap(results_.mutable_results());
  results_.Clear();
  writing_ = true;
  StartWrite(&outgoing_);
}

}  // namespace broker::rpc

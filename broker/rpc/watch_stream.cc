#include "broker/rpc/watch_stream.h"

#include <algorithm>
#include <utility>

#include "imapd/base/limits.h"
namespace broker::rpc {

namespace asio = boost::asio;
namespace store = imapd::store;
namespace v1 = claimq::v1;
using imapd::Task;
using imapd::auth::Right;

WatchStream::WatchStream(Hall& hall, grpc::CallbackServerContext& context)
    : hall_(hall), context_(context), strand_(hall.pool.get_executor()) {}

void WatchStream::start() {
  asio::co_spawn(strand_, enter(), [this](std::exception_ptr thrown, Outcome<void> outcome) {
    if (!thrown && outcome) return StartRead(&buffer_);
    entering_ = false;
    end(grpc_status(thrown ? internal_failure() : outcome.error()));
    pump();
  });
}

Task<Outcome<void>> WatchStream::enter() {
  auto caller = co_await identify(hall_.services, hall_.logins, evidence_of(context_), call_.cancellation);
  if (!caller) co_return caller.error();
  call_.caller = std::move(*caller);
  co_return Outcome<void>();
}

void WatchStream::OnReadDone(bool ok) {
  run([this, ok] {
    entering_ = false;
    const bool read = ok && grpc::SerializationTraits<v1::WatchRequest>::Deserialize(&buffer_, &request_).ok();
    const auto begun = read ? begin() : no_request();
    if (!begun) end(grpc_status(begun.error()));
  });
}

Outcome<void> WatchStream::begin() {
  FieldChecks checks;
  checks.queue_name("queue", request_.queue());
  if (!checks.ok()) return std::move(checks).failure();
  const auto access = access_queue(hall_.services, call_.caller, request_.queue(), Right::kRead, "read this queue");
  if (!access) return access.error();
  mailbox_ = access->info.id;
  told_ = request_.after_mod_seq() == 0 ? access->info.highest_mod_seq : imapd::ModSeq(request_.after_mod_seq());
  if (told_ > access->info.highest_mod_seq) {
    checks.violation("after_mod_seq", "is higher than any of this queue");
    return std::move(checks).failure();
  }
  hall_.drain.add(*this);
  subscription_ = hall_.services.store.change_feed().subscribe(mailbox_, [this](const store::MailboxEvent&) {
    if (notified_.exchange(true)) return;
    run([this] { more_ = true; });
  });
  return {};
}

void WatchStream::drain() {
  run([this] { end(grpc_status(shutting_down())); });
}

void WatchStream::look_again() {
  if (notified_.exchange(true)) return;
  run([this] { more_ = true; });
}

void WatchStream::OnWriteDone(bool ok) {
  run([this, ok] {
    writing_ = false;
    if (!ok) end(grpc::Status::CANCELLED);
  });
}

void WatchStream::OnCancel() {
  call_.cancellation.cancel();
  run([this] { end(grpc::Status::CANCELLED); });
}

void WatchStream::OnDone() {
  run([this] { done_ = true; });
}

void WatchStream::end(grpc::Status status) {
  if (!ending_) ending_ = std::move(status);
}

void WatchStream::pump() {
  if (!finished_) advance();
  if (finished_ && done_) delete this;
}

void WatchStream::advance() {
  if (entering_ || writing_) return;
  if (!ending_ && (changes_ || more_)) {
    const auto allowed = may_read();
    if (!allowed) end(grpc_status(allowed.error()));
  }
  if (!ending_ && !changes_ && more_) {
    const auto read = read_changes();
    if (!read) end(grpc_status(read.error()));
  }
  if (ending_) {
    // Both wait until nobody uses `this`, so that OnDone() is the last that comes.
    subscription_ = {};
    hall_.drain.remove(*this);
    finished_ = true;
    return Finish(*ending_);
  }
  if (!changes_) return;
  // A cut answer of which nothing is left to tell: on to the next.
  if (!fill_frame()) return more_ ? advance() : void();
  writing_ = true;
  bool own = false;
  buffer_.Clear();
  if (!grpc::SerializationTraits<v1::WatchResponse>::Serialize(outgoing_, &buffer_, &own).ok()) {
    writing_ = false;
    end(grpc_status(internal_failure()));
    return advance();
  }
  StartWrite(&buffer_);
}

Outcome<void> WatchStream::may_read() {
  // Before anything is looked at: what comes after it wakes us again.
  notified_ = false;
  const auto known = refresh(hall_.services, call_.caller);
  if (!known) return known.error();
  const auto access = access_queue(hall_.services, call_.caller, request_.queue(), Right::kRead, "read this queue");
  if (!access) return access.error();
  if (access->info.id != mailbox_) return queue_not_found(request_.queue());
  return {};
}

Outcome<void> WatchStream::read_changes() {
  more_ = false;
  const store::Snapshot snapshot = hall_.services.store.snapshot();
  auto changes = snapshot.changes_since(mailbox_, told_, imapd::limits::kChangesPerReadMax);
  const auto is_behind = [&changes] { return changes && changes->completeness == store::Changes::Completeness::kBehindHorizon; };
  if (is_behind() && !told_since_reset_) {
    // What vanished is forgotten in part, so the client begins anew: with all that is there, not only what changed.
    reset_ = true;
    told_since_reset_.emplace();
    told_ = imapd::ModSeq(0);
    changes = snapshot.changes_since(mailbox_, told_, imapd::limits::kChangesPerReadMax);
  }
  if (!changes) return failure_of(changes.error(), {});
  if (is_behind()) {
    // Of all that is not there, the client knows only what it was told since it began anew.
    changes->vanished = changes->vanished.intersection(*told_since_reset_);
    for (const store::MessageState& state : changes->changed) told_since_reset_->add(state.uid);
  } else {
    told_since_reset_.reset();
  }
  changes_ = std::move(*changes);
  if (!changes_->changed.empty()) {
    serial_base_ = changes_->changed.back().serial.value() - changes_->changed.back().uid.value();
  }
  vanished_.clear();
  changes_->vanished.for_each([this](imapd::Uid uid) { vanished_.push_back(uid); });
  next_vanished_ = 0;
  next_changed_ = 0;
  return {};
}

bool WatchStream::fill_frame() {
  outgoing_.Clear();
  outgoing_.set_reset(std::exchange(reset_, false));
  while (next_vanished_ < vanished_.size() && outgoing_.vanished_size() < kFrameVanishedMax) {
    outgoing_.add_vanished(serial_base_ + vanished_[next_vanished_++].value());
  }
  const Content content = request_.include_body() ? Content::kDecoded : Content::kNoBody;
  std::size_t bytes = 0;
  if (next_vanished_ == vanished_.size()) {
    while (next_changed_ < changes_->changed.size() && outgoing_.changed_size() < kFrameMessagesMax && bytes < kFrameBytes) {
      const store::MessageState& state = changes_->changed[next_changed_++];
      v1::QueuedMessage& to = *outgoing_.add_changed();
      // What went since the snapshot was taken comes as vanished in the next look.
      if (!fill_message(hall_.services, request_.queue(), state, content, to)) outgoing_.mutable_changed()->RemoveLast();
      if (request_.include_body()) bytes += state.size();
      told_ = state.mod_seq;
    }
  }
  const bool complete = next_vanished_ == vanished_.size() && next_changed_ == changes_->changed.size();
  if (complete) {
    told_ = changes_->highest_mod_seq;
    more_ = more_ || changes_->more;
    changes_.reset();
  }
  outgoing_.set_mod_seq(told_.value());
  const bool worth_it = first_ || outgoing_.reset() || outgoing_.changed_size() > 0 || outgoing_.vanished_size() > 0;
  first_ = false;
  return worth_it;
}

}  // namespace broker::rpc

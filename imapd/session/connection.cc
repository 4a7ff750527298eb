#include "imapd/session/connection.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/system/system_error.hpp>
#include <memory>
#include <span>
#include <utility>

namespace imapd::session {
namespace {

// How much is read at once, into memory that all sessions of a thread share.
constexpr std::size_t kReadBytes = 64 * 1024;
// Capacity that an idle session may keep.
constexpr std::size_t kIdleBytesMax = 4 * 1024;
constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

std::span<char> scratch() {
  thread_local const std::unique_ptr<char[]> bytes(new char[kReadBytes]);
  return {bytes.get(), kReadBytes};
}

bool is_would_block(const boost::system::error_code& error) {
  return error == asio::error::would_block || error == asio::error::try_again || error == asio::error::interrupted;
}

}  // namespace

Connection::Connection(Stream& stream, wire::FramerLimits limits, Quota& large_literals,
                       std::chrono::milliseconds slow_reader_timeout, asio::any_io_executor strand,
                       std::chrono::milliseconds literal_grace)
    : stream_(&stream),
      framer_(limits),
      literal_room_(large_literals),
      pace_(literal_grace),
      slow_reader_timeout_(slow_reader_timeout),
      timer_(std::move(strand)) {}

Task<Connection::Command> Connection::next_command(Deadline deadline) {
  if (std::exchange(command_given_, false)) release_room();
  while (true) {
    auto next = framer_.next();
    if (!framer_.holds_literal()) pace_.end();  // It was refused, and what is left of it is skipped.
    if (auto* frame = std::get_if<wire::Frame>(&next)) co_return given(*frame);
    if (auto* too_long = std::get_if<wire::TooLong>(&next)) co_return given(std::move(*too_long));
    if (const auto* room = std::get_if<wire::NeedRoom>(&next)) {
      if (hold_room(room->bytes)) {
        framer_.allow_literals(room->bytes);
      } else {
        framer_.refuse_literal();
        // While the rest is skipped nothing is held.
        release_room();
      }
      continue;
    }
    if (std::holds_alternative<wire::NeedContinuation>(next)) {
      out_ += "+ OK\r\n";
      continue;
    }
    if (framer_.holds_literal()) pace_.wait_from(std::chrono::steady_clock::now());
    const auto input = co_await wait_for_input(pace_.deadline().value_or(deadline));
    if (std::holds_alternative<Ended>(input)) co_return Command(Ended());
    // One who sends a little all the time never waits.
    if (pace_.is_over(std::chrono::steady_clock::now())) co_return Command(TooSlow());
    if (std::holds_alternative<TimedOut>(input)) co_return Command(TimedOut());
    if (std::holds_alternative<Woken>(input)) co_return Command(Woken());
  }
}

// Of the user first: who has had his share must not be told that all have too much.
bool Connection::hold_room(std::size_t bytes) { return user_room_.grow_to(bytes) && literal_room_.grow_to(bytes); }

void Connection::release_room() {
  user_room_.release();
  literal_room_.release();
}

Connection::Command Connection::given(Command command) {
  command_given_ = true;
  pace_.end();
  return command;
}

Task<Connection::Line> Connection::next_line(Deadline deadline) {
  while (true) {
    auto next = framer_.next_line();
    if (auto* line = std::get_if<wire::Line>(&next)) co_return Line(*line);
    if (auto* too_long = std::get_if<wire::TooLong>(&next)) co_return Line(std::move(*too_long));
    const auto input = co_await wait_for_input(deadline);
    if (std::holds_alternative<Ended>(input)) co_return Line(Ended());
    if (std::holds_alternative<TimedOut>(input)) co_return Line(TimedOut());
    if (std::holds_alternative<Woken>(input)) co_return Line(Woken());
  }
}

Task<Connection::Input> Connection::wait_for_input(Deadline deadline) {
  using namespace asio::experimental::awaitable_operators;
  co_await flush();
  deadline = std::min(deadline, last_deadline_);
  release_idle_memory();
  // monostate: something was read and fed.
  bool waited = false;
  while (true) {
    if (std::exchange(woken_, false)) co_return Input(Woken());
    boost::system::error_code error;
    const std::span<char> buffer = scratch();
    const std::size_t count = stream_->read_some(buffer, error);
    if (count > 0) {
      framer_.feed(std::string_view(buffer.data(), count));
      pace_.received(count);
      if (!waited) co_await let_others_run();
      co_return Input(std::monostate());
    }
    if (!is_would_block(error)) co_return Input(Ended());
    if (std::chrono::steady_clock::now() >= deadline) co_return Input(TimedOut());
    if (framer_.buffered_bytes() > 0) stream_->acknowledge();
    timer_.expires_at(deadline);
    wakeable_ = true;
    waited = true;
    co_await (stream_->wait_readable() || wait_for_timer());
    wakeable_ = false;
  }
}

Task<void> Connection::wait_for_timer() { co_await timer_.async_wait(kNoThrow); }

Task<void> Connection::flush() {
  using namespace asio::experimental::awaitable_operators;
  std::size_t sent = 0;
  const auto patience = [this] { return std::min(std::chrono::steady_clock::now() + slow_reader_timeout_, last_deadline_); };
  Deadline deadline = patience();
  while (sent < out_.size()) {
    boost::system::error_code error;
    const std::size_t count = stream_->write_some(std::string_view(out_).substr(sent), error);
    if (count > 0) {
      sent += count;
      deadline = patience();
      continue;
    }
    if (!is_would_block(error)) throw boost::system::system_error(error);
    if (std::chrono::steady_clock::now() >= deadline) throw boost::system::system_error(asio::error::timed_out);
    timer_.expires_at(deadline);
    co_await (stream_->wait_writable() || wait_for_timer());
  }
  out_.clear();
}

Task<void> Connection::let_others_run() {
  const auto executor = timer_.get_executor();
  co_await asio::post(executor, asio::use_awaitable);
}

Task<void> Connection::pause(std::chrono::milliseconds time) {
  if (time.count() <= 0 || woken_) co_return;
  timer_.expires_after(time);
  wakeable_ = true;
  co_await wait_for_timer();
  wakeable_ = false;
}

Task<void> Connection::add_layer(std::unique_ptr<Stream> layer) {
  co_await flush();
  framer_.discard_buffered();
  layers_.push_back(std::move(layer));
  stream_ = layers_.back().get();
}

Task<bool> Connection::start_tls(std::shared_ptr<SSL_CTX> context, Deadline deadline) {
  using namespace asio::experimental::awaitable_operators;
  auto layer = std::make_unique<TlsStream>(*stream_, std::move(context));
  TlsStream& tls = *layer;
  co_await add_layer(std::move(layer));
  while (true) {
    const boost::system::error_code error = tls.handshake();
    if (!error) co_return true;
    if (!is_would_block(error) || woken_ || std::chrono::steady_clock::now() >= deadline) co_return false;
    timer_.expires_at(deadline);
    wakeable_ = true;
    co_await (tls.wait_readable() || wait_for_timer());
    wakeable_ = false;
  }
}

void Connection::wake() {
  woken_ = true;
  if (wakeable_) timer_.cancel();
}

void Connection::release_idle_memory() {
  if (out_.capacity() > kIdleBytesMax) std::string().swap(out_);
}

}  // namespace imapd::session

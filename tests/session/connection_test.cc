#include "imapd/session/connection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>
#include <deque>
#include <string>
#include <vector>

namespace imapd::session {
namespace {

using namespace std::chrono_literals;

// Gives the chunks that the test put in, and takes as much as the test lets it.
class MemoryStream final : public Stream {
 public:
  explicit MemoryStream(asio::io_context& context) : readable_(context), writable_(context) {
    readable_.expires_at(asio::steady_timer::time_point::max());
    writable_.expires_at(asio::steady_timer::time_point::max());
  }
  Task<boost::system::error_code> wait_readable() override {
    auto [error] = co_await readable_.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return error;
  }
  Task<boost::system::error_code> wait_writable() override {
    auto [error] = co_await writable_.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return error;
  }
  std::size_t read_some(std::span<char> into, boost::system::error_code& error) override {
    if (chunks.empty()) {
      error = closed ? boost::system::error_code(asio::error::eof) : asio::error::would_block;
      return 0;
    }
    const std::string chunk = std::move(chunks.front());
    chunks.pop_front();
    std::copy(chunk.begin(), chunk.end(), into.begin());
    return chunk.size();
  }
  std::size_t write_some(std::string_view bytes, boost::system::error_code& error) override {
    const std::size_t count = std::min(bytes.size(), writable_bytes);
    if (count == 0) {
      error = asio::error::would_block;
      return 0;
    }
    writable_bytes -= count;
    written.emplace_back(bytes.substr(0, count));
    return count;
  }
  void acknowledge() override { ++acknowledged; }
  void close() override { closed = true; }
  std::string peer_address() const override { return {}; }

  std::deque<std::string> chunks;
  std::size_t writable_bytes = SIZE_MAX;
  bool closed = false;
  int acknowledged = 0;
  std::vector<std::string> written;

 private:
  asio::steady_timer readable_;
  asio::steady_timer writable_;
};

class ConnectionTest : public testing::Test {
 protected:
  template <class Result>
  Result run(Task<Result> task) {
    std::optional<Result> result;
    std::exception_ptr failure;
    asio::co_spawn(context_, std::move(task), [&](std::exception_ptr failed, Result value) {
      failure = failed;
      result.emplace(std::move(value));
    });
    context_.restart();
    context_.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
  }
  void run(Task<void> task) {
    std::exception_ptr failure;
    asio::co_spawn(context_, std::move(task), [&](std::exception_ptr failed) { failure = failed; });
    context_.restart();
    context_.run();
    if (failure) std::rethrow_exception(failure);
  }
  // What `input` holds, or what kind of end it is.
  static std::string text(const Connection::Command& input) {
    if (const auto* frame = std::get_if<wire::Frame>(&input)) return std::string(frame->bytes);
    if (std::holds_alternative<wire::TooLong>(input)) return "<too long>";
    if (std::holds_alternative<Connection::Ended>(input)) return "<ended>";
    if (std::holds_alternative<Connection::TimedOut>(input)) return "<timed out>";
    if (std::holds_alternative<Connection::TooSlow>(input)) return "<too slow>";
    return "<woken>";
  }
  std::string next(Connection& connection, std::chrono::milliseconds patience = 10s) {
    return text(run(connection.next_command(std::chrono::steady_clock::now() + patience)));
  }

  asio::io_context context_;
  MemoryStream stream_{context_};
  Quota large_literals_{10};
  Connection connection_{stream_, wire::FramerLimits::before_login(), large_literals_, 0ms, context_.get_executor()};
};

TEST_F(ConnectionTest, RepliesToABatchOfCommandsAreOneWrite) {
  stream_.chunks = {"a NOOP\r\nb NOOP\r\nc NO"};
  EXPECT_EQ(next(connection_), "a NOOP\r\n");
  connection_.out() += "a OK\r\n";
  EXPECT_EQ(next(connection_), "b NOOP\r\n");
  connection_.out() += "b OK\r\n";
  EXPECT_TRUE(stream_.written.empty());
  EXPECT_EQ(next(connection_, 0ms), "<timed out>");
  EXPECT_EQ(stream_.written, (std::vector<std::string>{"a OK\r\nb OK\r\n"}));
  stream_.chunks = {"OP\r\n"};
  EXPECT_EQ(next(connection_), "c NOOP\r\n");
}

TEST_F(ConnectionTest, ContinuationIsSentBehindWhatWasOwed) {
  stream_.chunks = {"a LOGIN {1}\r\n"};
  connection_.out() += "* OK\r\n";
  connection_.end_waits_by(std::chrono::steady_clock::now());
  EXPECT_EQ(next(connection_, 0ms), "<timed out>");
  EXPECT_EQ(stream_.written.front(), "* OK\r\n");
  EXPECT_EQ(stream_.written.back(), "+ OK\r\n");
}

TEST_F(ConnectionTest, EndOfInputIsTheEnd) {
  stream_.closed = true;
  EXPECT_EQ(next(connection_), "<ended>");
}

TEST_F(ConnectionTest, WakeBeforeAWaitEndsIt) {
  connection_.wake();
  EXPECT_EQ(next(connection_), "<woken>");
  EXPECT_EQ(next(connection_, 0ms), "<timed out>");
}

TEST_F(ConnectionTest, WakeDuringAWaitEndsIt) {
  asio::post(context_, [this] { asio::post(context_, [this] { connection_.wake(); }); });
  EXPECT_EQ(next(connection_, 1h), "<woken>");
}

TEST_F(ConnectionTest, WakeDoesNotHideACommandThatIsThere) {
  stream_.chunks = {"a NOOP\r\nb NOOP\r\n"};
  EXPECT_EQ(next(connection_), "a NOOP\r\n");
  connection_.wake();
  EXPECT_EQ(next(connection_), "b NOOP\r\n");
  EXPECT_EQ(next(connection_), "<woken>");
}

TEST_F(ConnectionTest, PartialWritesGoOnWhereTheyStopped) {
  stream_.writable_bytes = 3;
  Connection patient(stream_, wire::FramerLimits::before_login(), large_literals_, 1h, context_.get_executor());
  patient.out() = "12345";
  // The stream stays full: the reader is too slow for connection_, whose patience is none.
  connection_.out() = "12345";
  EXPECT_THROW(run(connection_.flush()), boost::system::system_error);
  EXPECT_EQ(stream_.written, (std::vector<std::string>{"123"}));
  stream_.writable_bytes = SIZE_MAX;
  run(patient.flush());
  EXPECT_EQ(stream_.written.back(), "12345");
  EXPECT_TRUE(patient.out().empty());
}

TEST_F(ConnectionTest, NothingIsReadWhileRepliesCannotBeSent) {
  stream_.writable_bytes = 0;
  stream_.chunks = {"a NOOP\r\n"};
  connection_.out() = "owed";
  EXPECT_THROW(next(connection_), boost::system::system_error);
  EXPECT_EQ(stream_.chunks.size(), 1u);
}

// A client that always had more to send kept its thread.
TEST_F(ConnectionTest, AClientThatSendsWithoutEndLetsOthersRun) {
  stream_.chunks = {"a NOOP\r\n", "b NOOP\r\n"};
  bool ran = false;
  bool ran_before = false;
  const auto converse = [](Connection& connection, const bool& others, bool& before) -> Task<void> {
    co_await connection.next_command(std::chrono::steady_clock::now() + 10s);
    before = others;
  };
  auto task = converse(connection_, ran, ran_before);
  asio::co_spawn(context_, std::move(task), [](std::exception_ptr) {});
  asio::post(context_, [&ran] { ran = true; });
  context_.run();
  EXPECT_TRUE(ran_before);
}

// imaplib sends a literal and its line end in two writes, the second only when the first was acknowledged: that took 40 ms.
TEST_F(ConnectionTest, APartOfACommandIsAcknowledgedAtOnce) {
  EXPECT_EQ(next(connection_, 1ms), "<timed out>");
  EXPECT_EQ(stream_.acknowledged, 0);
  connection_.end_waits_by(std::chrono::steady_clock::now() + 1ms);
  stream_.chunks = {"a LOGIN {3+}\r\nann"};
  EXPECT_EQ(next(connection_, 1ms), "<timed out>");
  EXPECT_EQ(stream_.acknowledged, 1);
}

TEST_F(ConnectionTest, IdleConnectionKeepsNoBuffer) {
  connection_.out() = std::string(1 << 20, 'x');
  EXPECT_EQ(next(connection_, 0ms), "<timed out>");
  EXPECT_LT(connection_.out().capacity(), 5000u);
}

TEST_F(ConnectionTest, RoomForALiteralIsHeldUntilTheNextCommandIsAskedFor) {
  auto limits = wire::FramerLimits::before_login();
  limits.unasked_literal_bytes_max = 4;
  connection_.set_limits(limits);
  stream_.chunks = {"a X {10+}\r\n0123456789\r\nb X {4+}\r\n0123\r\nc X {11+}\r\n01234567890\r\nd X {6+}\r\n01"};
  EXPECT_EQ(next(connection_), "a X {10+}\r\n0123456789\r\n");
  connection_.drop_command();
  EXPECT_EQ(large_literals_.left(), 0u);
  EXPECT_EQ(next(connection_), "b X {4+}\r\n0123\r\n");
  EXPECT_EQ(large_literals_.left(), 10u);
  EXPECT_EQ(next(connection_), "<too long>");
  EXPECT_EQ(large_literals_.left(), 10u);
  // Being woken in the middle of a command does not give it back.
  connection_.wake();
  EXPECT_EQ(next(connection_), "<woken>");
  EXPECT_EQ(large_literals_.left(), 4u);
  connection_.wake();
  EXPECT_EQ(next(connection_), "<woken>");
  EXPECT_EQ(large_literals_.left(), 4u);
}

TEST_F(ConnectionTest, RoomForALiteralEndsWithTheConnection) {
  auto limits = wire::FramerLimits::before_login();
  limits.unasked_literal_bytes_max = 4;
  stream_.chunks = {"a X {10+}\r\n01"};
  {
    Connection connection(stream_, limits, large_literals_, 1h, context_.get_executor());
    connection.wake();
    EXPECT_EQ(next(connection), "<woken>");
    stream_.closed = true;
    EXPECT_EQ(next(connection), "<ended>");
    EXPECT_EQ(large_literals_.left(), 0u);
  }
  EXPECT_EQ(large_literals_.left(), 10u);
}

TEST_F(ConnectionTest, LiteralsMustComeAtTheirPace) {
  Connection hurried(stream_, wire::FramerLimits::before_login(), large_literals_, 1h, context_.get_executor(), 0ms);
  stream_.chunks = {"a X {2+}\r\n01\r\nb X {10+}\r\n01"};
  EXPECT_EQ(next(hurried), "a X {2+}\r\n01\r\n");
  EXPECT_EQ(next(hurried), "<too slow>");
  // Not lines.
  Connection other(stream_, wire::FramerLimits::before_login(), large_literals_, 1h, context_.get_executor(), 0ms);
  stream_.chunks = {"a X"};
  EXPECT_EQ(next(other, 0ms), "<timed out>");
}

// An upload that goes on may take longer than a client may be idle.
TEST_F(ConnectionTest, LiteralsHaveTheTimeOfTheirPaceInsteadOfTheDeadline) {
  stream_.chunks = {"a X {4+}\r\n01", "23\r\n"};
  EXPECT_EQ(next(connection_, 0ms), "a X {4+}\r\n0123\r\n");
  stream_.chunks = {"a X {4+}\r\n01"};
  connection_.end_waits_by(std::chrono::steady_clock::now());
  EXPECT_EQ(next(connection_, 1h), "<timed out>");
}

// One who takes a byte now and then must not hold his place for ever before he has logged in.
TEST_F(ConnectionTest, WaitsEndByTheLastDeadlineHoweverPatientTheyAre) {
  Connection patient(stream_, wire::FramerLimits::before_login(), large_literals_, 1h, context_.get_executor());
  patient.end_waits_by(std::chrono::steady_clock::now());
  EXPECT_EQ(next(patient, 1h), "<timed out>");
  stream_.writable_bytes = 1;
  patient.out() = "a OK\r\n";
  EXPECT_THROW(run(patient.flush()), boost::system::system_error);
  stream_.writable_bytes = SIZE_MAX;
  patient.end_waits_by(Connection::Deadline::max());
  run(patient.flush());
  EXPECT_EQ(stream_.written.back(), "a OK\r\n");
}

}  // namespace
}  // namespace imapd::session

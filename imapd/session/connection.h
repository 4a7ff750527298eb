#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "imapd/base/async.h"
#include "imapd/base/limits.h"
#include "imapd/session/literal_pace.h"
#include "imapd/session/named_amount.h"
#include "imapd/session/quota.h"
#include "imapd/session/stream.h"
#include "imapd/session/tls.h"
#include "imapd/wire/framer.h"

namespace imapd::session {

// The bytes of one client: commands in, replies out.
//
// Operation    A client that sends without end shares its thread: after each piece of its input others have their turn.
//              Replies gather in out() and are sent when no whole command is left to run, so that a batch of pipelined commands
//              gets one write, or when a command calls flush(). While replies cannot be sent nothing is read.
// Concurrency  One strand; wake() too. One coroutine calls the others.
// Limits       FramerLimits for what comes in; literals that need room take it from what all sessions have, until the next
//              command is waited for. Idle, it holds no buffers to speak of.
class Connection {
 public:
  using Deadline = std::chrono::steady_clock::time_point;
  struct Ended {};     // The client is gone.
  struct TimedOut {};  // Nothing came before the deadline.
  struct Woken {};     // wake() was called.
  struct TooSlow {};   // The literals of a command did not come at the pace of literal_pace.h: the client must go.
  using Command = std::variant<wire::Frame, wire::TooLong, Ended, TimedOut, Woken, TooSlow>;
  using Line = std::variant<wire::Line, wire::TooLong, Ended, TimedOut, Woken>;

  // `stream` and `large_literals` (bytes) outlive it. `slow_reader_timeout`: how long a client may take none of what it is owed.
  Connection(Stream& stream, wire::FramerLimits limits, Quota& large_literals,
             std::chrono::milliseconds slow_reader_timeout, asio::any_io_executor strand,
             std::chrono::milliseconds literal_grace = limits::kLiteralGrace);

  std::string& out() { return out_; }
  // The next command, or line, once it is whole. Sends out() before it waits. While the literals of a command come, they have the
  // time that their pace gives them instead of `deadline`.
  Task<Command> next_command(Deadline deadline);
  Task<Line> next_line(Deadline deadline);
  // Frees the bytes of the command that next_command() gave: a message must not be held twice while it is stored.
  void drop_command() { framer_.drop_given(); }
  // Room for so many bytes that the present command brings to life, as large literals have it, until the next command is waited
  // for. False: all sessions together hold too much.
  [[nodiscard]] bool hold_for_command(std::size_t bytes) {
    return bytes <= limits::kUnreservedLiteralBytesMax || hold_room(bytes);
  }
  // Large literals count for this share too from now on: that of a user. Not while room is held.
  void share_literals(NamedAmount::Share share) { user_room_ = std::move(share); }
  // Sends all of out(). Throws boost::system::system_error when the client is gone, or is too slow.
  Task<void> flush();
  // From now on every wait ends by then at the latest, be it for input (TimedOut) or for a slow reader.
  void end_waits_by(Deadline deadline) { last_deadline_ = deadline; }
  // Gives the other sessions of the thread their turn.
  Task<void> let_others_run();
  // Lets time pass; shorter when wake() is called.
  Task<void> pause(std::chrono::milliseconds time);
  // Ends a wait for input, or the next one, with Woken.
  void wake();
  void set_limits(wire::FramerLimits limits) { framer_.set_limits(limits); }
  Stream& stream() { return *stream_; }
  const Stream& stream() const { return *stream_; }

  // Puts a layer on the stream: all is sent before, what has come and was not run is forgotten (after STARTTLS it was not the
  // client's word, RFC 3501, section 6.2.1), and the rest goes through the layer. Between commands only.
  Task<void> add_layer(std::unique_ptr<Stream> layer);
  // As add_layer(), with the handshake. False when it failed or was not done at the deadline: the client must go.
  Task<bool> start_tls(std::shared_ptr<SSL_CTX> context, Deadline deadline);

 private:
  using Input = std::variant<std::monostate, Ended, TimedOut, Woken>;
  Task<Input> wait_for_input(Deadline deadline);
  Task<void> wait_for_timer();
  void release_idle_memory();
  bool hold_room(std::size_t bytes);
  void release_room();
  Command given(Command command);

  Stream* stream_;
  std::vector<std::unique_ptr<Stream>> layers_;  // Each over the one before it.
  wire::Framer framer_;
  Quota::Share literal_room_;
  NamedAmount::Share user_room_;
  LiteralPace pace_;
  Deadline last_deadline_ = Deadline::max();
  bool command_given_ = false;  // The last one is done when the next is asked for.
  std::string out_;
  const std::chrono::milliseconds slow_reader_timeout_;
  asio::steady_timer timer_;
  bool wakeable_ = false;  // timer_ is what is waited for.
  bool woken_ = false;
};

}  // namespace imapd::session

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "imapd/base/limits.h"

namespace imapd::wire {

struct FramerLimits {
  std::size_t line_bytes_max;     // All of a command but its literals and line ends.
  std::size_t literal_bytes_max;  // All literals of a command together, but for APPEND's message.
  std::size_t message_bytes_max;  // Literals of `tag APPEND` and `tag [UID] REPLACE` after the mailbox name, together.
  // A refused command is read to its end and counted up to here, as a non-synchronizing literal cannot be stopped (RFC 7888,
  // section 4); beyond it the client must go.
  std::size_t swallow_bytes_max;
  // All literals of a command together: beyond it each further one needs allow_literals().
  std::size_t unasked_literal_bytes_max = SIZE_MAX;

  static FramerLimits before_login();
  static FramerLimits after_login();
};

// More bytes are needed: feed() some.
struct NeedBytes {};
// A synchronizing literal was announced and is welcome: the caller owes the client one `+ ` line. Given once for each.
struct NeedContinuation {};
// A literal was announced with which the command's come to more than unasked_literal_bytes_max, and the next call of next() goes
// on once the caller has called allow_literals() or refuse_literal().
struct NeedRoom {
  std::size_t bytes;  // Of all literals of the command so far, with this one.
};
// One command, whole, line ends and literals included.
struct Frame {
  std::string_view bytes;  // Valid until the next call of next(), next_line(), feed() or discard_buffered().
};
// One line without its end.
struct Line {
  std::string_view bytes;  // As Frame's.
};
// The command was refused. Its bytes are gone, and the next command is read as if nothing had been, unless `close`.
struct TooLong {
  enum class Reason {
    kLine,     // BAD [TOOBIG] (a line mode line: BAD too).
    kLiteral,  // BAD [TOOBIG].
    kMessage,  // NO [TOOBIG]: well-formed, but over APPENDLIMIT.
    kNoRoom,   // NO [LIMIT]: refuse_literal().
  };
  std::string tag;  // "*" when the line had none.
  Reason reason;
  bool close = false;  // The client sends more than can be skipped: answer, then end the connection. Nothing follows.
};

// Cuts what a client sends into commands. Knows lines and literals ({n}, {n+}, ~{n}), no grammar; never writes.
//
// Operation    feed() what arrived, then call next() until it says NeedBytes. The outcome does not depend on how the bytes were
//              cut up. A line ends with LF, with or without CR before it.
// Limits       Holds one command (bounded by FramerLimits) and what was fed after it: do not feed before next() says NeedBytes.
//              A refused command is counted, not kept. A synchronizing literal that is too big is refused before its `+`.
// Concurrency  One thread.
class Framer {
 public:
  explicit Framer(FramerLimits limits) : limits_(limits) {}

  void feed(std::string_view bytes);
  std::variant<NeedBytes, NeedContinuation, NeedRoom, Frame, TooLong> next();
  // The answer to NeedRoom: the literals of this command may come to `bytes`.
  void allow_literals(std::size_t bytes) { allowed_literal_bytes_ = bytes; }
  // The other answer: the command is refused as one with too large a literal is.
  void refuse_literal() { literal_refused_ = true; }
  // The next line, whatever is in it: DONE of IDLE, answers to AUTHENTICATE's challenges. Only between commands: not after
  // next() said NeedContinuation, nor while it holds part of a command.
  std::variant<NeedBytes, Line, TooLong> next_line();

  // Frees the bytes of the last Frame or Line, which are not to be looked at any more. Else the next call of next() does it.
  void drop_given();
  // Takes effect with the next command. To be called between commands.
  void set_limits(FramerLimits limits) { limits_ = limits; }
  // Forgets what was fed and not yet given out, and says how much it was. After STARTTLS nothing that came before the handshake
  // may be taken for a command (RFC 3501, 6.2.1).
  std::size_t discard_buffered();
  // Part of a command with a literal is held, and the rest is waited for.
  bool holds_literal() const { return state_ == State::kLiteral || (state_ == State::kLine && line_begin_ > 0); }
  std::size_t buffered_bytes() const { return buffer_.size() - start_ - given_; }

 private:
  enum class State { kLine, kLiteral, kSkipLine, kSkipLiteral, kClosed };
  struct Announcement {
    std::uint64_t size;
    bool synchronizing;
    std::size_t begin;  // Of its `{` in the line.
  };
  using Outcome = std::variant<NeedBytes, NeedContinuation, NeedRoom, Frame, TooLong>;

  static std::optional<Announcement> find_announcement(std::string_view line);
  void begin_command();
  void drop(std::size_t bytes);
  void read_first_line(std::string_view line);
  bool announces_mailbox(std::string_view line, const Announcement& announcement) const;
  std::optional<Outcome> step_line();
  std::optional<Outcome> step_skip_line();
  void step_skip_literal();
  std::optional<Outcome> literal_announced(std::string_view line, const Announcement& announcement, std::size_t line_end);
  void start_skipping(TooLong::Reason reason, std::string_view line, std::size_t through);
  std::optional<Outcome> skipped_line_ended();
  TooLong give_up();

  FramerLimits limits_;
  std::string buffer_;
  std::size_t start_ = 0;  // Where the present command begins in buffer_.
  std::size_t given_ = 0;  // Bytes from start_ on that were given out and go with the next call.
  State state_ = State::kLine;

  // Of the present command; offsets count from start_.
  std::size_t line_begin_ = 0;
  std::size_t scanned_ = 0;      // No LF between line_begin_ and here.
  std::size_t literal_end_ = 0;
  std::size_t text_bytes_ = 0;   // In the lines before line_begin_.
  std::uint64_t literal_bytes_ = 0;
  std::uint64_t message_bytes_ = 0;
  std::size_t allowed_literal_bytes_ = 0;
  bool literal_refused_ = false;
  std::string tag_ = "*";
  // Of commands that bring messages: where the mailbox name begins in the first line; all literals after it are messages.
  std::optional<std::size_t> mailbox_begin_;

  // Of a command that is refused.
  TooLong::Reason reason_ = TooLong::Reason::kLine;
  std::string line_tail_;        // The end of the line being skipped: a literal may be announced there.
  std::uint64_t skip_left_ = 0;  // Of the literal being skipped.
  std::uint64_t total_ = 0;      // Bytes of the command so far.
};

}  // namespace imapd::wire

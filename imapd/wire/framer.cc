#include "imapd/wire/framer.h"

#include <algorithm>

#include "imapd/base/flag.h"
#include "imapd/wire/grammar_atoms.h"

namespace imapd::wire {
namespace {

constexpr std::size_t kLiteralDigitsMax = 20;  // Of 2^64 - 1; what is longer announces nothing.
constexpr std::size_t kLineTailBytes = 32;     // Holds `{`, the digits, `+}` and CR.
constexpr std::size_t kTagBytesMax = 256;
constexpr std::size_t kKeptCapacityBytes = 4 * 1024;  // A burst must not hold its memory while the session idles.

std::string_view without_cr(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// APPEND, REPLACE, UID REPLACE: where their mailbox name begins. Of a command that begins at `begin` in `line`.
std::optional<std::size_t> find_mailbox(std::string_view line, std::size_t begin) {
  const auto begins_with = [line, begin](std::string_view name) { return equals_ignoring_case(line.substr(begin, name.size()), name); };
  if (begins_with("APPEND ")) return begin + std::string_view("APPEND ").size();
  for (const std::string_view name : {"REPLACE ", "UID REPLACE "}) {
    if (!begins_with(name)) continue;
    const std::size_t space = line.find(' ', begin + name.size());
    if (space != line.npos) return space + 1;
  }
  return std::nullopt;
}

}  // namespace

FramerLimits FramerLimits::before_login() {
  return {.line_bytes_max = limits::kPreLoginLineBytesMax,
          .literal_bytes_max = limits::kPreLoginLiteralBytesMax,
          .message_bytes_max = limits::kPreLoginLiteralBytesMax,
          .swallow_bytes_max = limits::kLiteralBytesMax};
}

FramerLimits FramerLimits::after_login() {
  return {.line_bytes_max = limits::kCommandLineBytesMax,
          .literal_bytes_max = limits::kLiteralBytesMax,
          .message_bytes_max = limits::kMessageBytesMax,
          .swallow_bytes_max = limits::kMessageBytesMax + limits::kNonSyncLiteralBytesMax};
}

// literal = "{" number ["+"] "}" CRLF *CHAR8 (RFC 3501, section 9; RFC 7888, section 8). Only what stands before CRLF.
std::optional<Framer::Announcement> Framer::find_announcement(std::string_view line) {
  if (!line.ends_with('}')) return std::nullopt;
  std::size_t end = line.size() - 1;
  const bool synchronizing = end == 0 || line[end - 1] != '+';
  if (!synchronizing) --end;
  std::size_t begin = end;
  while (begin > 0 && end - begin <= kLiteralDigitsMax && is_digit(line[begin - 1])) --begin;
  if (begin == end || end - begin > kLiteralDigitsMax || begin == 0 || line[begin - 1] != '{') return std::nullopt;
  std::uint64_t size = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const std::uint64_t digit = static_cast<std::uint64_t>(line[i] - '0');
    if (size > (UINT64_MAX - digit) / 10) return Announcement{UINT64_MAX, synchronizing, begin - 1};
    size = size * 10 + digit;
  }
  return Announcement{size, synchronizing, begin - 1};
}

void Framer::feed(std::string_view bytes) {
  if (state_ == State::kClosed) return;
  if (start_ > 0 && start_ >= buffer_.size() / 2) {
    buffer_.erase(0, start_);
    start_ = 0;
  }
  buffer_.append(bytes);
}

std::size_t Framer::discard_buffered() {
  const std::size_t discarded = buffered_bytes();
  buffer_.clear();
  start_ = given_ = 0;
  begin_command();
  return discarded;
}

void Framer::drop_given() {
  if (given_ == 0) return;
  drop(given_);
  given_ = 0;
  begin_command();
}

void Framer::drop(std::size_t bytes) {
  start_ += bytes;
  if (start_ < buffer_.size()) return;
  start_ = 0;
  if (buffer_.capacity() > kKeptCapacityBytes) {
    buffer_ = std::string();
  } else {
    buffer_.clear();
  }
}

void Framer::begin_command() {
  if (state_ != State::kClosed) state_ = State::kLine;
  line_begin_ = scanned_ = literal_end_ = text_bytes_ = 0;
  literal_bytes_ = message_bytes_ = skip_left_ = total_ = 0;
  allowed_literal_bytes_ = 0;
  literal_refused_ = false;
  tag_ = "*";
  mailbox_begin_.reset();
  line_tail_.clear();
}

std::variant<NeedBytes, NeedContinuation, NeedRoom, Frame, TooLong> Framer::next() {
  drop_given();
  for (;;) {
    switch (state_) {
      case State::kClosed:
        return NeedBytes{};
      case State::kLine:
        if (auto outcome = step_line()) return *std::move(outcome);
        break;
      case State::kLiteral:
        if (buffer_.size() - start_ < literal_end_) return NeedBytes{};
        line_begin_ = scanned_ = literal_end_;
        state_ = State::kLine;
        break;
      case State::kSkipLine:
        if (auto outcome = step_skip_line()) return *std::move(outcome);
        break;
      case State::kSkipLiteral:
        step_skip_literal();
        if (skip_left_ > 0) return NeedBytes{};
        break;
    }
  }
}

std::optional<Framer::Outcome> Framer::step_line() {
  const std::string_view command = std::string_view(buffer_).substr(start_);
  const std::size_t line_end = command.find('\n', scanned_);
  const bool ended = line_end != command.npos;
  const std::string_view raw_line = command.substr(line_begin_, ended ? line_end - line_begin_ : line_end);
  const std::string_view line = without_cr(raw_line);
  if (line_begin_ == 0) read_first_line(line);
  if (text_bytes_ + line.size() > limits_.line_bytes_max) {
    start_skipping(TooLong::Reason::kLine, raw_line, ended ? line_end + 1 : command.size());
    if (ended) return skipped_line_ended();
    if (total_ > limits_.swallow_bytes_max) return give_up();
    return NeedBytes{};
  }
  if (!ended) {
    scanned_ = command.size();
    return NeedBytes{};
  }
  if (const auto announcement = find_announcement(line)) return literal_announced(line, *announcement, line_end);
  given_ = line_end + 1;
  return Frame{command.substr(0, given_)};
}

// The tag, so that a refusal can be answered, and whether the literals to come are a message.
void Framer::read_first_line(std::string_view line) {
  // Not looked for beyond what a line may hold, as then the outcome would depend on how the bytes were cut up.
  const std::size_t size = std::min({line.size(), limits_.line_bytes_max, kTagBytesMax});
  const std::size_t space = line.substr(0, size).find(' ');
  if (space == line.npos || space == 0) return;
  const std::string_view tag = line.substr(0, space);
  if (!std::all_of(tag.begin(), tag.end(), is_tag_char)) return;
  tag_ = tag;
  mailbox_begin_ = find_mailbox(line, space + 1);
}

bool Framer::announces_mailbox(std::string_view line, const Announcement& announcement) const {
  if (line_begin_ != 0) return false;
  return announcement.begin == *mailbox_begin_ || (announcement.begin == *mailbox_begin_ + 1 && line[*mailbox_begin_] == '~');
}

std::optional<Framer::Outcome> Framer::literal_announced(std::string_view line, const Announcement& announcement,
                                                         std::size_t line_end) {
  const bool is_message = mailbox_begin_ && !announces_mailbox(line, announcement);
  std::uint64_t& used = is_message ? message_bytes_ : literal_bytes_;
  const std::uint64_t max = is_message ? limits_.message_bytes_max : limits_.literal_bytes_max;
  if (announcement.size > max - used) {
    start_skipping(is_message ? TooLong::Reason::kMessage : TooLong::Reason::kLiteral, line, line_end + 1);
    return skipped_line_ended();
  }
  // Both within their limits: no overflow.
  const std::size_t together = static_cast<std::size_t>(literal_bytes_ + message_bytes_ + announcement.size);
  if (together > limits_.unasked_literal_bytes_max && together > allowed_literal_bytes_) {
    // The line stays: the next call comes here again with the answer.
    if (!literal_refused_) return NeedRoom{together};
    start_skipping(TooLong::Reason::kNoRoom, line, line_end + 1);
    return skipped_line_ended();
  }
  used += announcement.size;
  text_bytes_ += line.size();
  literal_end_ = line_end + 1 + static_cast<std::size_t>(announcement.size);
  state_ = State::kLiteral;
  if (announcement.synchronizing) return NeedContinuation{};
  return std::nullopt;
}

// `line` is of the command's first `through` bytes, which are dropped.
void Framer::start_skipping(TooLong::Reason reason, std::string_view line, std::size_t through) {
  reason_ = reason;
  line_tail_ = line.substr(line.size() - std::min(line.size(), kLineTailBytes));
  total_ = through;
  state_ = State::kSkipLine;
  drop(through);
}

// Decides, at the end of a line of a refused command, whether the command goes on: only an unstoppable literal carries it on.
std::optional<Framer::Outcome> Framer::skipped_line_ended() {
  if (total_ > limits_.swallow_bytes_max) return give_up();
  const auto announcement = find_announcement(without_cr(line_tail_));
  if (!announcement || announcement->synchronizing) {
    TooLong refusal{.tag = tag_, .reason = reason_};
    begin_command();
    return refusal;
  }
  if (announcement->size > limits_.swallow_bytes_max - total_) return give_up();
  skip_left_ = announcement->size;
  state_ = State::kSkipLiteral;
  return std::nullopt;
}

std::optional<Framer::Outcome> Framer::step_skip_line() {
  const std::string_view rest = std::string_view(buffer_).substr(start_);
  const std::size_t line_end = rest.find('\n');
  const std::string_view line = rest.substr(0, line_end);
  line_tail_.append(line.substr(line.size() - std::min(line.size(), kLineTailBytes)));
  if (line_tail_.size() > kLineTailBytes) line_tail_.erase(0, line_tail_.size() - kLineTailBytes);
  const std::size_t taken = line_end == rest.npos ? rest.size() : line_end + 1;
  total_ += taken;
  drop(taken);
  if (line_end != rest.npos) return skipped_line_ended();
  if (total_ > limits_.swallow_bytes_max) return give_up();
  return NeedBytes{};
}

void Framer::step_skip_literal() {
  const std::size_t taken = static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size() - start_, skip_left_));
  total_ += taken;
  skip_left_ -= taken;
  drop(taken);
  if (skip_left_ > 0) return;
  line_tail_.clear();
  state_ = State::kSkipLine;
}

TooLong Framer::give_up() {
  TooLong refusal{.tag = tag_, .reason = reason_, .close = true};
  state_ = State::kClosed;
  buffer_ = std::string();
  start_ = 0;
  begin_command();
  return refusal;
}

std::variant<NeedBytes, Line, TooLong> Framer::next_line() {
  drop_given();
  if (state_ == State::kClosed) return NeedBytes{};
  const std::string_view rest = std::string_view(buffer_).substr(start_);
  const std::size_t line_end = rest.find('\n', scanned_);
  const bool ended = line_end != rest.npos;
  const std::string_view line = without_cr(rest.substr(0, line_end));
  if (state_ == State::kLine && line.size() <= limits_.line_bytes_max) {
    scanned_ = rest.size();
    if (!ended) return NeedBytes{};
    given_ = line_end + 1;
    return Line{line};
  }
  const std::size_t taken = ended ? line_end + 1 : rest.size();
  reason_ = TooLong::Reason::kLine;
  state_ = State::kSkipLine;
  scanned_ = 0;
  total_ += taken;
  drop(taken);
  if (total_ > limits_.swallow_bytes_max) return give_up();
  if (!ended) return NeedBytes{};
  begin_command();
  return TooLong{.tag = "*", .reason = TooLong::Reason::kLine};
}

}  // namespace imapd::wire

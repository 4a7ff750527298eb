#include "broker/queue/trace.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "imapd/base/limits.h"
#include "imapd/mime/text.h"

namespace broker::queue {

namespace {

bool is_plain(std::string_view text) {
  if (text.find("=?") != std::string_view::npos) return false;
  if (!text.empty() && (text.front() == ' ' || text.back() == ' ')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// At most bytes_max of it, cut before a character and not within one.
std::string_view bounded(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && is_continuation(text[end])) --end;
  return text.substr(0, end);
}

// RFC 2047, section 4.2: what may stand for itself in any header.
bool stands_for_itself(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '!' || c == '*' || c == '+' ||
         c == '-' || c == '/';
}

// RFC 2047, section 2: an encoded-word has at most 75 characters, and each holds whole characters (section 5).
std::string encoded_words(std::string_view text) {
  constexpr std::string_view kOpening = "=?UTF-8?Q?";
  constexpr std::size_t kContentMax = 75 - kOpening.size() - 2;
  std::string words(kOpening);
  std::size_t content = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::string character;
    do {
      const char c = text[at++];
      std::array<char, 4> hex{};
      std::snprintf(hex.data(), hex.size(), "=%02X", static_cast<unsigned char>(c));
      character += stands_for_itself(c) ? std::string(1, c) : c == ' ' ? "_" : hex.data();
    } while (at < text.size() && is_continuation(text[at]) && character.size() < 12);
    if (content + character.size() > kContentMax) {
      words.append("?=\r\n ").append(kOpening);
      content = 0;
    }
    words += character;
    content += character.size();
  }
  return words + "?=";
}

void add_line(std::string& lines, std::string_view name, std::string_view value) {
  const std::string_view shown = bounded(value, imapd::limits::kReasonBytesMax);
  lines.append(name).append(": ");
  lines += is_plain(shown) ? std::string(shown) : encoded_words(shown);
  lines += "\r\n";
}

// RFC 3339, in UTC.
std::string date_time(imapd::Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

}  // namespace

std::string dead_letter_trace(const imapd::store::MailboxInfo& from, const imapd::store::MessageState& message,
                              const std::string& reason, imapd::Timestamp now) {
  std::string lines;
  add_line(lines, "Claimq-Dead-Reason", reason.empty() ? "none given" : std::string_view(reason));
  add_line(lines, "Claimq-Dead-From", from.path.name);
  add_line(lines, "Claimq-Dead-Time", date_time(now));
  add_line(lines, "Claimq-Deliveries", std::to_string(message.deliveries));
  add_line(lines, "Claimq-Failures", std::to_string(message.failures));
  if (message.claim && message.claim->door != imapd::store::Door::kSchedule) {
    add_line(lines, "Claimq-Last-Holder", message.claim->holder + " (" + message.claim->user + ")");
  }
  add_line(lines, "Claimq-Original-Serial", std::to_string(message.serial.value()));
  return lines;
}

std::string origin_of(const std::string& dead_letters, const imapd::store::MessageState& message) {
  // A message that died several times has the latest trace in front.
  if (const auto from = imapd::mime::header_field(message.body.prefix, "Claimq-Dead-From")) return imapd::mime::decode_header(*from);
  constexpr std::string_view kDead = "/Dead";
  return dead_letters.ends_with(kDead) ? dead_letters.substr(0, dead_letters.size() - kDead.size()) : std::string();
}

}  // namespace broker::queue

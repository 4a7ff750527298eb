#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "imapd/mime/bytes.h"
#include "imapd/mime/encoded_word.h"
#include "imapd/mime/parameters.h"
#include "imapd/mime/queue_fields.h"
#include "imapd/mime/queue_message.h"

namespace imapd::mime {
namespace {

constexpr std::size_t kLineBytesMax = 998;  // RFC 5322, section 2.1.1.
constexpr std::size_t kAttributeNameBytesMax = 100;
constexpr std::size_t kContentTypeBytesMax = 200;
constexpr std::size_t kMessageIdBytesMax = 250;
constexpr std::size_t kSubjectBytesMax = 120;

enum class Transfer { k7Bit, k8Bit, kBase64 };

Transfer choose_transfer(std::string_view body) {
  if (body.find('\0') != std::string_view::npos) return Transfer::kBase64;
  std::size_t line_begin = 0;
  while (true) {
    const std::size_t line_feed = body.find('\n', line_begin);
    const bool last = line_feed == std::string_view::npos;
    const std::string_view line = body.substr(line_begin, last ? line_feed : line_feed - line_begin);
    const std::size_t carriage_return = line.find('\r');
    const bool well_ended =
        last ? carriage_return == std::string_view::npos : carriage_return + 1 == line.size();
    if (!well_ended || line.size() > kLineBytesMax + (last ? 0 : 1)) return Transfer::kBase64;
    if (last) break;
    line_begin = line_feed + 1;
  }
  if (is_ascii(body)) return Transfer::k7Bit;
  return is_utf8(body) ? Transfer::k8Bit : Transfer::kBase64;
}

void append_number(std::string& to, int value, int digits) {
  std::array<char, 12> text{};
  const auto end = std::to_chars(text.begin(), text.end(), value).ptr;
  const auto size = static_cast<std::size_t>(end - text.begin());
  if (size < static_cast<std::size_t>(digits)) to.append(static_cast<std::size_t>(digits) - size, '0');
  to.append(text.data(), size);
}

// `Tue, 24 Nov 2026 06:40:29 +0000`. Years that RFC 5322 cannot write become the nearest it can.
void append_date(std::string& to, Timestamp when) {
  using namespace std::chrono;
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr sys_seconds kFirst = sys_days(year(1900) / January / 1);
  constexpr sys_seconds kLast = sys_days(year(9999) / December / 31);
  const sys_seconds second = std::clamp(floor<seconds>(when), kFirst, kLast);
  const sys_days day = floor<days>(second);
  const year_month_day date(day);
  const hh_mm_ss time(second - day);
  to.append(kDays[weekday(day).c_encoding()]).append(", ");
  append_number(to, static_cast<int>(unsigned(date.day())), 2);
  to.append(" ").append(kMonths[unsigned(date.month()) - 1]).append(" ");
  append_number(to, int(date.year()), 4);
  to.push_back(' ');
  append_number(to, static_cast<int>(time.hours().count()), 2);
  to.push_back(':');
  append_number(to, static_cast<int>(time.minutes().count()), 2);
  to.push_back(':');
  append_number(to, static_cast<int>(time.seconds().count()), 2);
  to.append(" +0000");
}

void append_field(std::string& to, std::string_view name, std::string_view value) {
  to.append(name).append(": ");
  append_own_value(to, value);
  to.append("\r\n");
}

void append_attribute(std::string& to, std::string_view name, std::string_view value) {
  to.append(kAttributeField).append(": ");
  if (is_token(name) && name != kNoName && name.size() <= kAttributeNameBytesMax) {
    to.append(name);
  } else {
    to.append(kNoName);
    append_parameter(to, "name", name);
  }
  append_parameter(to, "value", value);
  to.append("\r\n");
}

// White space and control characters become one blank; ends at `size_max`.
std::string one_line(std::string_view text, std::size_t size_max) {
  std::string line;
  bool blank = false;
  for (const char c : text) {
    if (line.size() > size_max) break;
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f) {
      blank = !line.empty();
      continue;
    }
    if (blank) line.push_back(' ');
    blank = false;
    line.push_back(c);
  }
  if (line.size() > size_max) {
    line.resize(utf8_cut(line, size_max));
    line.append("...");
  }
  return line;
}

// What tells messages apart in the list of a mail client: what the producer calls them, else how they begin.
std::string choose_subject(const QueueMessage& message, std::string_view content_type, Transfer transfer) {
  for (const char* name : {"subject", "Subject", "title", "type", "event", "event_type", "name"}) {
    const auto found = message.attributes.find(name);
    if (found == message.attributes.end()) continue;
    std::string line = one_line(found->second, kSubjectBytesMax);
    if (!line.empty() && is_utf8(line)) return line;
  }
  // The characters of a text are few enough to look at in the beginning of any body.
  const std::string_view beginning =
      std::string_view(message.body).substr(0, utf8_cut(message.body, 8 * kSubjectBytesMax));
  if (transfer != Transfer::kBase64 ||
      (is_utf8(beginning) && beginning.find('\0') == std::string_view::npos)) {
    std::string line = one_line(beginning, kSubjectBytesMax);
    if (!line.empty()) return line;
  }
  if (!message.key.empty() && is_utf8(message.key)) return one_line(message.key, kSubjectBytesMax);
  return std::string(content_type).append(", ").append(std::to_string(message.body.size())).append(" bytes");
}

bool is_content_type(std::string_view value) {
  if (value.size() > kContentTypeBytesMax || !std::all_of(value.begin(), value.end(), is_printable))
    return false;
  if (trim(value).size() != value.size()) return false;
  const std::string_view type = value.substr(0, value.find(';'));
  const std::size_t slash = type.find('/');
  return slash != std::string_view::npos && is_token(type.substr(0, slash)) &&
         is_token(type.substr(slash + 1));
}

// The Content-Type to show. A multipart or a message must not be base64 (RFC 2045, section 6.4).
std::string choose_content_type(std::string_view wanted, std::string_view body, Transfer transfer) {
  if (!is_content_type(wanted)) return std::string(kDefaultContentType);
  const bool composite = starts_with_name(wanted, "multipart/") || starts_with_name(wanted, "message/");
  if (composite && transfer == Transfer::kBase64) return std::string(kDefaultContentType);
  std::string type(wanted);
  if (starts_with_name(wanted, "text/") && to_lower(wanted).find("charset") == std::string::npos &&
      (transfer != Transfer::kBase64 || is_utf8(body))) {
    type.append(kAddedCharset);
  }
  return type;
}

// False when decode() would not read back `wanted` from `shown`.
bool is_told_by(std::string_view shown, std::string_view wanted) {
  if (starts_with_name(shown, "text/") && shown.ends_with(kAddedCharset))
    shown.remove_suffix(kAddedCharset.size());
  return shown == wanted;
}

void append_from(std::string& to, std::string_view queue) {
  to.append("From: ");
  const bool quotable = queue.size() <= kSubjectBytesMax &&
                        std::all_of(queue.begin(), queue.end(),
                                    [](char c) { return is_printable(c) && c != '"' && c != '\\'; });
  if (queue.empty()) {
    to.append("claimq");
  } else if (quotable) {
    to.append("\"").append(queue).append("\"");
  } else {
    append_encoded_words(to, queue);
  }
  to.append(" <queue@claimq.invalid>\r\n");
}

void append_message_id(std::string& to, std::string_view id) {
  if (id.empty()) return;
  to.append("Message-ID: <");
  for (const char c : id.substr(0, kMessageIdBytesMax)) {
    to.push_back(c > ' ' && c < 0x7f && std::strchr("<>()[]\\,;:\"", c) == nullptr ? c : '_');
  }
  to.append(">\r\n");
}

}  // namespace

std::string compose(const QueueMessage& message) {
  const Transfer transfer = choose_transfer(message.body);
  const std::string_view wanted_type =
      message.content_type.empty() ? kDefaultContentType : std::string_view(message.content_type);
  const std::string shown_type = choose_content_type(wanted_type, message.body, transfer);

  std::string to;
  to.reserve(message.body.size() + 1'024);
  to.append(kVersionField).append(": 1\r\n");
  append_from(to, message.queue);
  to.append("Date: ");
  append_date(to, message.date);
  to.append("\r\n");
  append_message_id(to, message.message_id);
  append_field(to, "Subject", choose_subject(message, shown_type, transfer));
  for (const auto& [name, value] : message.attributes) append_attribute(to, name, value);
  if (!message.key.empty()) append_field(to, kKeyField, message.key);
  if (!message.group.empty()) append_field(to, kGroupField, message.group);
  if (message.priority != kDefaultPriority) {
    append_field(to, kPriorityField, std::to_string(std::clamp(message.priority, 0, kPriorityMax)));
  }
  if (!message.queue.empty()) append_field(to, kQueueField, message.queue);
  if (!is_told_by(shown_type, wanted_type)) append_field(to, kContentTypeField, wanted_type);
  to.append("MIME-Version: 1.0\r\nContent-Type: ").append(shown_type).append("\r\n");
  switch (transfer) {
    case Transfer::k7Bit:
      to.append("Content-Transfer-Encoding: 7bit\r\n\r\n").append(message.body);
      break;
    case Transfer::k8Bit:
      to.append("Content-Transfer-Encoding: 8bit\r\n\r\n").append(message.body);
      break;
    case Transfer::kBase64:
      to.append("Content-Transfer-Encoding: base64\r\n\r\n");
      append_base64_lines(to, message.body);
      break;
  }
  return to;
}

}  // namespace imapd::mime

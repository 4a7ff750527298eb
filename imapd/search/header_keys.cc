#include "imapd/search/header_keys.h"

#include "imapd/mime/text.h"

namespace imapd::search {
namespace {

// id-left "@" id-right ">", the "<" already taken from `rest`. Takes the ">" too, or stops before a "<" that begins another one.
std::optional<std::string> take_message_id(std::string_view& rest) {
  std::string id;
  std::size_t host_at = std::string::npos;
  bool quoted = false;
  while (!rest.empty()) {
    const char c = rest.front();
    if (!quoted && c == '<') return std::nullopt;
    rest.remove_prefix(1);
    if (!quoted && c == '>') {
      const bool valid = host_at != std::string::npos && host_at != 0 && host_at + 1 < id.size();
      return valid ? std::optional(std::move(id)) : std::nullopt;
    }
    if (c == '"') {
      quoted = !quoted;
    } else if (quoted && c == '\\' && !rest.empty()) {
      id += rest.front();
      rest.remove_prefix(1);
    } else if (quoted || (c != ' ' && c != '\t')) {
      if (!quoted && c == '@') host_at = id.size();
      id += c;
    }
  }
  return std::nullopt;
}

}  // namespace

std::chrono::sys_seconds sent_or_arrived(const store::MessageState& message, std::string_view header) {
  const auto sent = mime::sent_date(header);
  return sent ? sent->instant() : std::chrono::floor<std::chrono::seconds>(message.internal_date.time);
}

BaseSubject base_subject_of(std::string_view header) {
  const auto subject = mime::header_field(header, "subject");
  return subject ? base_subject(mime::decode_header(*subject)) : BaseSubject();
}

std::vector<std::string> message_ids(std::string_view value, std::size_t count_max) {
  std::vector<std::string> ids;
  while (ids.size() < count_max) {
    const std::size_t begin = value.find('<');
    if (begin == std::string_view::npos) break;
    value.remove_prefix(begin + 1);
    if (auto id = take_message_id(value)) ids.push_back(*std::move(id));
  }
  return ids;
}

}  // namespace imapd::search

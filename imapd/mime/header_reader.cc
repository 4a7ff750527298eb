#include "imapd/mime/header_reader.h"

#include "imapd/mime/bytes.h"

namespace imapd::mime {

std::optional<Field> HeaderReader::next() {
  if (at_ >= bytes_.size()) return std::nullopt;
  const std::string_view rest = bytes_.substr(at_);
  if (rest.starts_with('\n') || rest.starts_with("\r\n")) {
    at_ += rest.front() == '\n' ? 1 : 2;
    bytes_ = bytes_.substr(0, at_);
    return std::nullopt;
  }
  std::size_t end = 0;
  do {
    const std::size_t line_feed = rest.find('\n', end);
    end = line_feed == std::string_view::npos ? rest.size() : line_feed + 1;
  } while (end < rest.size() && is_blank(rest[end]));
  at_ += end;

  Field field{{}, {}, rest.substr(0, end)};
  const std::size_t colon = field.whole.find(':');
  const std::size_t line_end = field.whole.find('\n');
  if (colon < line_end) {
    field.name = trim(field.whole.substr(0, colon));
    field.value = field.whole.substr(colon + 1);
  } else {
    field.value = field.whole;
  }
  return field;
}

std::string unfold(std::string_view value) {
  value = trim(value);
  std::string result;
  result.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c != '\r' && c != '\n' && c != '\0') {
      result.push_back(c);
      continue;
    }
    const std::size_t after = c == '\r' && i + 1 < value.size() && value[i + 1] == '\n' ? i + 2 : i + 1;
    const bool folded =
        c != '\0' && value[after - 1] == '\n' && after < value.size() && is_blank(value[after]);
    if (!folded) result.push_back(' ');
    i = after - 1;
  }
  return result;
}

std::string_view header_of(std::string_view message) {
  HeaderReader reader(message);
  while (reader.next()) {
  }
  return message.substr(0, reader.position());
}

}  // namespace imapd::mime

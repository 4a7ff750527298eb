#include "imapd/mime/imap_string.h"

#include <algorithm>

#include "imapd/mime/bytes.h"

namespace imapd::mime {
namespace {

// Clients that read a line at a time into a buffer of fixed size choke on longer quoted strings.
constexpr std::size_t kQuotedBytesMax = 1'000;

}  // namespace

void append_imap_string(std::string& to, std::string_view value) {
  const bool quotable =
      value.size() <= kQuotedBytesMax &&
      std::all_of(value.begin(), value.end(), [](char c) { return is_printable(c) || c == '\t'; });
  if (!quotable) {
    to.append("{").append(std::to_string(value.size())).append("}\r\n");
    for (const char c : value) to.push_back(c == '\0' || c == '\r' || c == '\n' ? ' ' : c);
    return;
  }
  to.push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') to.push_back('\\');
    to.push_back(c);
  }
  to.push_back('"');
}

void append_imap_nstring(std::string& to, const std::optional<std::string>& value) {
  if (value) {
    append_imap_string(to, *value);
  } else {
    to.append("NIL");
  }
}

}  // namespace imapd::mime

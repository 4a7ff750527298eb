#include "imapd/session/mailbox_name.h"

#include <algorithm>

#include "imapd/base/flag.h"
#include "imapd/base/limits.h"
#include "imapd/mime/text.h"
#include "imapd/wire/mailbox_pattern.h"
#include "imapd/wire/utf7.h"

namespace imapd::session {
namespace {
constexpr std::string_view kInbox = "INBOX";

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// U+0080 to U+009F, U+2028, U+2029. `name` is valid UTF-8.
bool holds_forbidden_unicode(std::string_view name) {
  for (std::size_t i = 0; i + 1 < name.size(); ++i) {
    if (name[i] == '\xc2' && static_cast<unsigned char>(name[i + 1]) < 0xa0) return true;
  }
  return name.find("\xe2\x80\xa8") != std::string_view::npos || name.find("\xe2\x80\xa9") != std::string_view::npos;
}

}  // namespace

store::MailboxPath path_of(std::string_view name, const std::string& user) {
  const std::string_view first = name.substr(0, name.find(wire::kDelimiter));
  if (!equals_ignoring_case(first, kInbox)) return {std::string(), std::string(name)};
  return {user, std::string(kInbox) + std::string(name.substr(first.size()))};
}

const std::string& name_of(const store::MailboxPath& path) { return path.name; }

std::string normalized_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), is_ascii) ? std::string(name) : mime::to_nfc(name);
}

Result<void> check_new_name(std::string_view name) {
  const auto refuse = [](const char* why) { return make_error(Code::kInvalidArgument, why); };
  if (name.empty()) return refuse("A mailbox needs a name");
  if (name.size() > limits::kMailboxNameBytesMax) return refuse("The mailbox name is too long");
  if (!wire::is_valid_utf8(name)) return refuse("The mailbox name is not UTF-8");
  const auto is_forbidden = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f || c == '*' || c == '%';
  };
  if (std::any_of(name.begin(), name.end(), is_forbidden) || holds_forbidden_unicode(name)) {
    return refuse("The mailbox name holds a character that it may not");
  }
  const auto levels = static_cast<std::size_t>(std::count(name.begin(), name.end(), wire::kDelimiter)) + 1;
  if (levels > limits::kMailboxDepthMax) return refuse("The mailbox name has too many levels");
  if (name.front() == wire::kDelimiter || name.back() == wire::kDelimiter || name.find("//") != std::string_view::npos) {
    return refuse("The mailbox name has an empty level");
  }
  return {};
}

std::string_view parent_of(std::string_view name) {
  const auto end = name.rfind(wire::kDelimiter);
  return end == std::string_view::npos ? std::string_view() : name.substr(0, end);
}

}  // namespace imapd::session

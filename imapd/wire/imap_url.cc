#include "imapd/wire/imap_url.h"

#include <algorithm>
#include <cstdint>

#include "imapd/base/flag.h"
#include "imapd/wire/grammar_atoms.h"
#include "imapd/wire/grammar_fetch.h"
#include "imapd/wire/mailbox_pattern.h"
#include "imapd/wire/utf7.h"

namespace imapd::wire {
namespace {

Error bad_url(std::string what) { return make_error(Code::kInvalidArgument, std::move(what)); }

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  return std::nullopt;
}

// pct-encoded = "%" HEXDIG HEXDIG (RFC 3986, section 2.1)
Result<std::string> decode_percent(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (text.size() - i < 3) return bad_url("a percent sign stands alone");
    const auto high = hex_digit(text[i + 1]);
    const auto low = hex_digit(text[i + 2]);
    if (!high || !low) return bad_url("a percent sign stands alone");
    decoded += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  if (decoded.find('\0') != decoded.npos) return bad_url("a NUL");
  return decoded;
}

// Takes `prefix` off the front, in any case.
bool skip_word(std::string_view& text, std::string_view prefix) {
  if (!equals_ignoring_case(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

Result<std::uint32_t> read_number(std::string_view text, bool zero_allowed) {
  if (text.empty() || text.size() > 10 || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return bad_url("a number expected");
  }
  std::uint64_t number = 0;
  for (const char c : text) number = number * 10 + static_cast<std::uint64_t>(c - '0');
  if (number > UINT32_MAX || (number == 0 && !zero_allowed)) return bad_url("a number is out of range");
  return static_cast<std::uint32_t>(number);
}

Result<void> read_mailbox(std::string_view text, MessageLocation& location) {
  const std::size_t parameter = text.find(';');
  if (parameter != text.npos) {
    std::string_view value = text.substr(parameter);
    if (!skip_word(value, ";UIDVALIDITY=")) return bad_url("an unknown parameter of the mailbox");
    TRY_ASSIGN(number, read_number(value, false));
    location.uid_validity = UidValidity(number);
    text = text.substr(0, parameter);
  }
  TRY_ASSIGN(name, decode_percent(text));
  if (name.empty() || !is_valid_utf8(name)) return bad_url("no mailbox name");
  location.mailbox = canonical_mailbox_name(name);
  return {};
}

// partial-range = number ["." nz-number]
Result<void> read_partial(std::string_view text, MessageLocation& location) {
  const std::size_t dot = text.find('.');
  TRY_ASSIGN(offset, read_number(text.substr(0, dot), true));
  location.partial = Partial{offset, UINT32_MAX};
  if (dot == text.npos) return {};
  TRY_ASSIGN(count, read_number(text.substr(dot + 1), false));
  location.partial->count = count;
  return {};
}

std::size_t find_uid(std::string_view url) {
  for (std::size_t at = url.find(';'); at != url.npos; at = url.find(';', at + 1)) {
    if (equals_ignoring_case(url.substr(at, 5), ";UID=")) return at;
  }
  return url.npos;
}

}  // namespace

Result<MessageLocation> parse_message_url(std::string_view url) {
  MessageLocation location;
  // `//server` is another server's, or this one's by a name that it does not know.
  if (url.starts_with("//")) return bad_url("a server in the URL");
  const std::size_t at = find_uid(url);
  if (at == url.npos) return bad_url("no message in the URL");
  std::string_view before = url.substr(0, at);
  if (!before.empty()) {
    if (!before.ends_with('/')) return bad_url("a slash expected before the UID");
    before.remove_suffix(1);
    if (before.starts_with('/')) {
      before.remove_prefix(1);
    } else if (!before.empty()) {
      // Relative to `imap://user@server/mailbox`, whose last level it replaces: that of a scheme would be one too.
      return bad_url("neither an absolute path nor a message of the selected mailbox");
    }
    if (!before.empty()) TRY(read_mailbox(before, location));
  }
  std::string_view rest = url.substr(at + std::string_view(";UID=").size());
  const std::size_t uid_end = rest.find('/');
  TRY_ASSIGN(uid, read_number(rest.substr(0, uid_end), false));
  location.uid = Uid(uid);
  rest = uid_end == rest.npos ? std::string_view() : rest.substr(uid_end);
  if (skip_word(rest, "/;SECTION=")) {
    const std::size_t end = rest.find("/;");
    TRY_ASSIGN(decoded, decode_percent(rest.substr(0, end)));
    if (decoded.empty()) return bad_url("an empty section");
    TRY_ASSIGN(section, parse_section_spec(decoded));
    location.section = std::move(section);
    rest = end == rest.npos ? std::string_view() : rest.substr(end);
  }
  if (skip_word(rest, "/;PARTIAL=")) {
    TRY(read_partial(rest, location));
    rest = {};
  }
  if (!rest.empty()) return bad_url("unexpected text at the end of the URL");
  return location;
}

}  // namespace imapd::wire

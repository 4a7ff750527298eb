#include "imapd/wire/object_id.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace imapd::wire {
namespace {

constexpr char kEmail = 'M';
constexpr char kMailbox = 'F';
constexpr std::size_t kObjectIdBytesMax = 255;

std::string object_id(char kind, std::uint64_t number) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  return std::string(1, kind).append(digits.data(), end);
}

}  // namespace

std::string email_object_id(std::uint64_t email_id) { return object_id(kEmail, email_id); }
std::string mailbox_object_id(MailboxId mailbox) { return object_id(kMailbox, mailbox.value()); }

std::optional<std::uint64_t> parse_email_object_id(std::string_view text) {
  std::uint64_t number = 0;
  if (!text.starts_with(kEmail)) return std::nullopt;
  const auto read = std::from_chars(text.data() + 1, text.data() + text.size(), number, 16);
  // There is one spelling of each: no other letters, no leading zeros.
  if (read.ec != std::errc() || email_object_id(number) != text) return std::nullopt;
  return number;
}

bool is_object_id(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= kObjectIdBytesMax && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace imapd::wire

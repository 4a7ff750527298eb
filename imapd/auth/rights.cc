#include "imapd/auth/rights.h"

#include "imapd/auth/users.h"

namespace imapd::auth {
namespace {

// In the order of the enumerators.
constexpr std::string_view kLetters = "lrswipkxtea";
constexpr Rights kCreateMembers = Rights(Right::kCreate) | Right::kDeleteMailbox;
constexpr Rights kDeleteMembers = Rights(Right::kDeleteMessages) | Right::kExpunge;

std::optional<Rights> rights_of(char letter) {
  if (letter == 'c') return kCreateMembers;
  if (letter == 'd') return kDeleteMembers;
  const std::size_t at = kLetters.find(letter);
  if (at == std::string_view::npos) return std::nullopt;
  return Rights(static_cast<Right>(at));
}

Rights entry(const Acl& acl, const std::string& identifier) {
  Rights rights;
  const auto at = acl.find(identifier);
  if (at == acl.end()) return rights;
  for (const char letter : at->second) rights = rights | rights_of(letter).value_or(Rights());
  return rights;
}

}  // namespace

std::optional<Rights> Rights::parse(std::string_view letters) {
  Rights rights;
  for (const char letter : letters) {
    const auto more = rights_of(letter);
    if (!more) return std::nullopt;
    rights = rights | *more;
  }
  return rights;
}

std::string Rights::to_string() const {
  std::string letters;
  for (std::size_t i = 0; i < kLetters.size(); ++i) {
    if (has(static_cast<Right>(i))) letters += kLetters[i];
  }
  return letters;
}

std::string Rights::to_string_with_virtual() const {
  std::string letters = to_string();
  if (has_any(kCreateMembers)) letters += 'c';
  if (has_any(kDeleteMembers)) letters += 'd';
  return letters;
}

bool is_valid_acl_identifier(std::string_view identifier) {
  if (identifier.starts_with('-')) identifier.remove_prefix(1);
  return identifier == "anyone" || is_valid_user_name(identifier);
}

Rights effective(const Acl& acl, const Principal& principal) {
  if (principal.is_server_administrator) return Rights::all();
  const std::string user(principal.user);
  const Rights granted = entry(acl, "anyone") | entry(acl, user);
  const Rights withdrawn = entry(acl, "-anyone") | entry(acl, "-" + user);
  Rights rights = granted - withdrawn;
  if (principal.is_owner) rights = rights | Right::kLookup | Right::kAdminister;
  return rights;
}

}  // namespace imapd::auth

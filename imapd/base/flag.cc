#include "imapd/base/flag.h"

#include <algorithm>
#include <array>

namespace imapd {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool less_ignoring_case(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](char x, char y) { return lower(x) < lower(y); });
}

constexpr std::array<std::string_view, 6> kNames = {"\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft", "\\Claimed"};

// ATOM-CHAR (RFC 3501, section 9): no atom-specials, no CTL, 7 bit.
bool is_atom_char(char c) {
  return c > 0x20 && c < 0x7f && std::string_view("(){%*\"\\]").find(c) == std::string_view::npos;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<Flag> Flag::parse(std::string_view name) {
  if (equals_ignoring_case(name, "$Claimed")) return Flag(SystemFlag::kClaimed);
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (equals_ignoring_case(name, kNames[i])) return Flag(static_cast<SystemFlag>(i));
  }
  if (name.empty() || !std::all_of(name.begin(), name.end(), is_atom_char)) return std::nullopt;
  return Flag(std::string(name));
}

std::string Flag::name() const { return system_ ? std::string(kNames[static_cast<std::size_t>(*system_)]) : keyword_; }

bool FlagSet::contains(const Flag& flag) const {
  return flag.is_system() ? contains(flag.system()) : contains_keyword(flag.keyword());
}

bool FlagSet::contains_keyword(std::string_view keyword) const {
  const auto at = std::lower_bound(keywords_.begin(), keywords_.end(), keyword, less_ignoring_case);
  return at != keywords_.end() && equals_ignoring_case(*at, keyword);
}

void FlagSet::add(const Flag& flag) {
  if (flag.is_system()) {
    bits_ |= bit(flag.system());
    return;
  }
  const auto at = std::lower_bound(keywords_.begin(), keywords_.end(), flag.keyword(), less_ignoring_case);
  if (at == keywords_.end() || !equals_ignoring_case(*at, flag.keyword())) keywords_.insert(at, flag.keyword());
}

void FlagSet::remove(const Flag& flag) {
  if (flag.is_system()) {
    bits_ &= ~bit(flag.system());
    return;
  }
  const auto at = std::lower_bound(keywords_.begin(), keywords_.end(), flag.keyword(), less_ignoring_case);
  if (at != keywords_.end() && equals_ignoring_case(*at, flag.keyword())) keywords_.erase(at);
}

std::vector<Flag> FlagSet::flags() const {
  std::vector<Flag> all;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (contains(static_cast<SystemFlag>(i))) all.emplace_back(static_cast<SystemFlag>(i));
  }
  for (const std::string& keyword : keywords_) all.push_back(*Flag::parse(keyword));
  return all;
}

bool operator==(const FlagSet& a, const FlagSet& b) {
  return a.bits_ == b.bits_ && std::equal(a.keywords_.begin(), a.keywords_.end(), b.keywords_.begin(), b.keywords_.end(),
                                          [](const auto& x, const auto& y) { return equals_ignoring_case(x, y); });
}

}  // namespace imapd

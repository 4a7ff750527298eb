#include "imapd/wire/mailbox_pattern.h"

#include <algorithm>
#include <vector>

#include "imapd/base/flag.h"

namespace imapd::wire {
namespace {

constexpr std::string_view kInbox = "INBOX";

bool is_wildcard(char c) { return c == '*' || c == '%'; }

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// A run of wildcards is one: `*` if it holds one, as that matches all that `%` does.
std::string collapse(std::string_view pattern) {
  std::string collapsed;
  for (const char c : pattern) {
    if (is_wildcard(c) && !collapsed.empty() && is_wildcard(collapsed.back())) {
      if (c == '*') collapsed.back() = '*';
    } else {
      collapsed.push_back(c);
    }
  }
  return collapsed;
}

}  // namespace

bool matches_mailbox_pattern(std::string_view pattern, std::string_view name) {
  const std::string collapsed = collapse(pattern);
  const auto literals = std::count_if(collapsed.begin(), collapsed.end(), [](char c) { return !is_wildcard(c); });
  if (static_cast<std::size_t>(literals) > name.size()) return false;
  const bool in_inbox = equals_ignoring_case(name.substr(0, name.find(kDelimiter)), kInbox);
  const auto same = [&](char p, std::size_t i) {
    return p == name[i] || (in_inbox && i < kInbox.size() && upper(p) == upper(name[i]));
  };

  // reached[i]: what has been read of the pattern matches the first i characters of the name.
  std::vector<bool> reached(name.size() + 1, false);
  reached[0] = true;
  for (const char p : collapsed) {
    bool any = false;
    if (is_wildcard(p)) {
      for (std::size_t i = 0; i <= name.size(); ++i) {
        if (i > 0 && reached[i - 1] && (p == '*' || name[i - 1] != kDelimiter)) reached[i] = true;
        any = any || reached[i];
      }
    } else {
      for (std::size_t i = name.size(); i > 0; --i) {
        reached[i] = reached[i - 1] && same(p, i - 1);
        any = any || reached[i];
      }
      reached[0] = false;
    }
    if (!any) return false;
  }
  return reached[name.size()];
}

std::string join_reference(std::string_view reference, std::string_view pattern) {
  return std::string(reference) + std::string(pattern);
}

std::string canonical_mailbox_name(std::string_view name) {
  return std::string(equals_ignoring_case(name, kInbox) ? kInbox : name);
}

}  // namespace imapd::wire

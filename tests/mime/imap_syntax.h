#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace claimq_test {

// Checks one parenthesized value of RFC 3501: balanced parentheses, right quoted strings and literals, atoms
// of letters and digits, no NUL, no bare CR. Returns what is wrong, or an empty string.
inline std::string check_imap_syntax(std::string_view text) {
  int depth = 0;
  bool opened = false;  // Was the last token a parenthesis that opens?
  std::size_t at = 0;
  const auto wrong = [&](const char* what) {
    return std::string(what) + " at " + std::to_string(at) + " of " + std::string(text);
  };
  while (at < text.size()) {
    const char c = text[at];
    const bool opens = c == '(';
    if (opens) {
      ++depth;
      ++at;
    } else if (c == ')') {
      if (--depth < 0) return wrong("unbalanced");
      ++at;
      if (depth == 0 && at != text.size()) return wrong("trailing bytes");
    } else if (c == ' ') {
      if (at + 1 == text.size() || text[at + 1] == ' ' || text[at + 1] == ')' || opened)
        return wrong("stray space");
      ++at;
    } else if (c == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\' && ++at < text.size() && text[at] != '"' && text[at] != '\\')
          return wrong("bad escape");
        if (at < text.size() &&
            (text[at] == '\r' || text[at] == '\n' || text[at] == '\0' || (text[at] & 0x80) != 0))
          return wrong("bad quoted");
      }
      if (at >= text.size()) return wrong("open quote");
      ++at;
    } else if (c == '{') {
      std::size_t size = 0;
      for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
        size = size * 10 + static_cast<std::size_t>(text[at] - '0');
      if (text.substr(at, 3) != "}\r\n") return wrong("bad literal");
      at += 3;
      if (text.size() - at < size) return wrong("short literal");
      if (text.substr(at, size).find_first_of(std::string_view("\0\r\n", 3)) != std::string_view::npos)
        return wrong("bad octet in literal");
      at += size;
    } else if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')) {
      ++at;
    } else {
      return wrong("unexpected octet");
    }
    opened = opens;
  }
  return depth == 0 ? "" : wrong("unbalanced");
}

}  // namespace claimq_test

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace imapd::mime {

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
inline bool is_space(char c) { return is_blank(c) || c == '\r' || c == '\n'; }
inline bool is_printable(char c) { return c >= 0x20 && c <= 0x7e; }
bool same_name(std::string_view a, std::string_view b);  // Without regard to the case of ASCII letters.
bool starts_with_name(std::string_view text, std::string_view prefix);
std::string to_lower(std::string_view text);
std::string_view trim(std::string_view text);
bool is_ascii(std::string_view text);
bool is_utf8(std::string_view text);  // No overlong forms, no surrogates; NUL is allowed.
// Does it consist of token characters of RFC 2045, at least one?
bool is_token(std::string_view text);
// `size` or less, so that no UTF-8 sequence is cut.
std::size_t utf8_cut(std::string_view text, std::size_t size);

}  // namespace imapd::mime

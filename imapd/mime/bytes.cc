#include "imapd/mime/bytes.h"

#include <algorithm>
#include <cstring>

namespace imapd::mime {

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool starts_with_name(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && same_name(text.substr(0, prefix.size()), prefix);
}

std::string to_lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower(c);
  return result;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

namespace {

// The size of the longest prefix, in steps of eight bytes, without a high bit.
std::size_t ascii_prefix(std::string_view text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, text.data() + at, 8);
    if ((eight & 0x8080808080808080u) != 0) break;
  }
  return at;
}

// The size of the UTF-8 sequence at `at`, or 0.
std::size_t sequence_size(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(at);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() - at < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return 0;
  }
  const unsigned second = byte(at + 1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
  if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
  return size;
}

}  // namespace

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(ascii_prefix(text)), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_utf8(std::string_view text) {
  std::size_t at = ascii_prefix(text);
  while (at < text.size()) {
    const std::size_t size = sequence_size(text, at);
    if (size == 0) return false;
    at += size;
    if (size == 1) at += ascii_prefix(text.substr(at));
  }
  return true;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && std::strchr("()<>@,;:\\\"/[]?=", c) == nullptr;
  });
}

std::size_t utf8_cut(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text.size();
  std::size_t cut = size;
  while (cut > 0 && size - cut < 4 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
  return cut == 0 || size - cut >= 4 ? size : cut;
}

}  // namespace imapd::mime

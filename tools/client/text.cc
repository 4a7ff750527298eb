#include "tools/client/text.h"

#include <cwchar>

#include <array>
#include <clocale>
#include <cstdint>

namespace tools::client {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct Decoded {
  std::uint32_t code_point = 0;
  std::size_t size_bytes = 1;
  bool valid = false;
};

// The first character. Overlong forms, surrogates and what is above U+10FFFF are not valid (RFC 3629, section 3).
Decoded decode(std::string_view text) {
  const auto byte = [text](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at])); };
  const std::uint32_t first = byte(0);
  if (first < 0x80) {
    return {first, 1, true};
  }
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) {
    return {};
  }
  std::uint32_t code_point = first & (0x7FU >> size);
  for (std::size_t at = 1; at < size; ++at) {
    if ((byte(at) & 0xC0U) != 0x80U) {
      return {};
    }
    code_point = code_point << 6U | (byte(at) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (code_point < kSmallest[size] || code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
    return {};
  }
  return {code_point, size, true};
}

std::size_t width_of(std::uint32_t code_point) {
  // wcwidth() knows only ASCII in the C locale that a bare container runs in.
  static const char* const locale = std::setlocale(LC_CTYPE, "C.UTF-8");
  (void)locale;
  const int width = ::wcwidth(static_cast<wchar_t>(code_point));
  return width < 0 ? 1 : static_cast<std::size_t>(width);
}

bool is_control(std::uint32_t code_point) { return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0); }

// Bidirectional overrides turn a table's line around.
bool is_direction(std::uint32_t code_point) {
  return (code_point >= 0x202A && code_point <= 0x202E) || (code_point >= 0x2066 && code_point <= 0x2069);
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Decoded character = decode(text);
    if (!character.valid) {
      return false;
    }
    text.remove_prefix(character.size_bytes);
  }
  return true;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Decoded character = decode(text);
    width += character.valid ? width_of(character.code_point) : 1;
    text.remove_prefix(character.size_bytes);
  }
  return width;
}

std::string printable(std::string_view text, Lines lines) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const Decoded character = decode(text);
    const std::uint32_t code_point = character.code_point;
    const bool is_break = code_point == '\n' || code_point == '\t';
    if (!character.valid) {
      safe += kReplacement;
    } else if (lines == Lines::kKeep && (is_break || (code_point == '\r' && text.substr(0, 2) == "\r\n"))) {
      safe += is_break ? text.substr(0, 1) : std::string_view();
    } else if (is_control(code_point) || is_direction(code_point)) {
      safe += kReplacement;
    } else {
      safe += text.substr(0, character.size_bytes);
    }
    text.remove_prefix(character.size_bytes);
  }
  return safe;
}

std::string shortened(std::string_view text, std::size_t width_max) {
  if (display_width(text) <= width_max) {
    return std::string(text);
  }
  std::string kept;
  std::size_t width = 0;
  while (!text.empty()) {
    const Decoded character = decode(text);
    width += character.valid ? width_of(character.code_point) : 1;
    if (width + 1 > width_max) {
      break;
    }
    kept += text.substr(0, character.size_bytes);
    text.remove_prefix(character.size_bytes);
  }
  return kept + "…";
}

}  // namespace tools::client

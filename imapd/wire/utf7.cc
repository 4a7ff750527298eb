#include "imapd/wire/utf7.h"

#include <cstdint>

namespace imapd::wire {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

bool is_printable(char c) { return c >= 0x20 && c < 0x7f; }

void append_utf8(std::string& to, char32_t c) {
  const auto push = [&to](char32_t byte) { to.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
  if (c < 0x80) {
    push(c);
  } else if (c < 0x800) {
    push(0xc0 | c >> 6);
    push(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    push(0xe0 | c >> 12);
    push(0x80 | (c >> 6 & 0x3f));
    push(0x80 | (c & 0x3f));
  } else {
    push(0xf0 | c >> 18);
    push(0x80 | (c >> 12 & 0x3f));
    push(0x80 | (c >> 6 & 0x3f));
    push(0x80 | (c & 0x3f));
  }
}

// Takes one character off the front of `text`, which is not empty. nullopt for what RFC 3629 does not allow: overlong forms,
// surrogates, beyond 10FFFF.
std::optional<char32_t> take_utf8(std::string_view& text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t size = lead < 0x80                   ? 1
                           : lead >= 0xc2 && lead < 0xe0 ? 2
                           : lead >= 0xe0 && lead < 0xf0 ? 3
                           : lead >= 0xf0 && lead < 0xf5 ? 4
                                                         : 0;
  if (size == 0 || size > text.size()) return std::nullopt;
  char32_t c = size == 1 ? lead : lead & (0x7f >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
    c = c << 6 | (byte(i) & 0x3f);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < kLeast[size] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return std::nullopt;
  text.remove_prefix(size);
  return c;
}

// UTF-16 code units as base64 without padding, between `&` and `-`.
class ShiftWriter {
 public:
  explicit ShiftWriter(std::string& to) : to_(to) {}
  void add(char32_t c) {
    if (c >= 0x10000) {
      add_unit(0xd800 + ((c - 0x10000) >> 10));
      add_unit(0xdc00 + ((c - 0x10000) & 0x3ff));
    } else {
      add_unit(c);
    }
  }
  void finish() {
    if (!open_) return;
    if (bit_count_ > 0) to_.push_back(kBase64[bits_ << (6 - bit_count_) & 0x3f]);
    to_.push_back('-');
    open_ = false;
    bits_ = 0;
    bit_count_ = 0;
  }

 private:
  void add_unit(char32_t unit) {
    if (!open_) to_.push_back('&');
    open_ = true;
    bits_ = bits_ << 16 | (unit & 0xffff);
    for (bit_count_ += 16; bit_count_ >= 6; bit_count_ -= 6) to_.push_back(kBase64[bits_ >> (bit_count_ - 6) & 0x3f]);
    bits_ &= (1u << bit_count_) - 1;
  }

  std::string& to_;
  bool open_ = false;
  std::uint32_t bits_ = 0;
  unsigned bit_count_ = 0;
};

// Appends what the base64 of one shift says. Lenient about its form: utf7_decode() checks that by encoding again.
bool append_shifted(std::string& to, std::string_view base64) {
  std::uint32_t bits = 0;
  unsigned bit_count = 0;
  char32_t high = 0;
  for (const char c : base64) {
    const std::size_t value = kBase64.find(c);
    if (value == kBase64.npos) return false;
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffffff;
    bit_count += 6;
    if (bit_count < 16) continue;
    bit_count -= 16;
    const char32_t unit = bits >> bit_count & 0xffff;
    const bool is_low = unit >= 0xdc00 && unit < 0xe000;
    if (is_low != (high != 0) || unit == 0) return false;
    if (is_low) {
      append_utf8(to, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
      high = 0;
    } else if (unit >= 0xd800 && unit < 0xdc00) {
      high = unit;
    } else {
      append_utf8(to, unit);
    }
  }
  return high == 0;
}

}  // namespace

std::optional<std::string> utf7_decode(std::string_view name) {
  std::string decoded;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!is_printable(name[i])) return std::nullopt;
    if (name[i] != '&') {
      decoded.push_back(name[i]);
      continue;
    }
    const std::size_t end = name.find('-', i);
    if (end == name.npos) return std::nullopt;
    if (end == i + 1) {
      decoded.push_back('&');
    } else if (!append_shifted(decoded, name.substr(i + 1, end - i - 1))) {
      return std::nullopt;
    }
    i = end;
  }
  // There is one encoding of a name; what differs from it is a second spelling of the same mailbox.
  if (utf7_encode(decoded) != name) return std::nullopt;
  return decoded;
}

std::optional<std::string> utf7_encode(std::string_view name) {
  std::string encoded;
  ShiftWriter shift(encoded);
  while (!name.empty()) {
    const auto c = take_utf8(name);
    if (!c || *c == 0) return std::nullopt;
    if (*c < 0x20 || *c >= 0x7f) {
      shift.add(*c);
      continue;
    }
    shift.finish();
    encoded.push_back(static_cast<char>(*c));
    if (*c == '&') encoded.push_back('-');
  }
  shift.finish();
  return encoded;
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    if (!take_utf8(text)) return false;
  }
  return true;
}

}  // namespace imapd::wire

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace imapd {

// Big-endian fixed-width integers: their bytes sort as their values do, which keys need.
inline void append_big_endian64(std::string& to, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) to.push_back(static_cast<char>(value >> shift));
}
inline void append_big_endian32(std::string& to, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<char>(value >> shift));
}
// `from` holds at least 8 (4) bytes.
inline std::uint64_t read_big_endian64(std::string_view from) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<unsigned char>(from[static_cast<std::size_t>(i)]);
  return value;
}
inline std::uint32_t read_big_endian32(std::string_view from) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(from[static_cast<std::size_t>(i)]);
  return value;
}

}  // namespace imapd

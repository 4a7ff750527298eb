#include "imapd/mime/encoded_word.h"

#include <algorithm>

#include "imapd/mime/bytes.h"
#include "imapd/mime/gmime.h"

namespace imapd::mime {
namespace {

constexpr std::size_t kPlainBytesMax = 500;
// 60 characters of base64 between `=?utf-8?B?` and `?=`: 72 of the 75 that RFC 2047, section 2 allows.
constexpr std::size_t kWordBytes = 45;
constexpr std::string_view kWordBegin = "=?utf-8?B?";
constexpr std::string_view kWordEnd = "?=";
constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_plain(std::string_view value) {
  return value.size() <= kPlainBytesMax && value.find("=?") == std::string_view::npos &&
         trim(value).size() == value.size() && std::all_of(value.begin(), value.end(), is_printable);
}

}  // namespace

void append_own_value(std::string& to, std::string_view value) {
  if (is_plain(value)) {
    to.append(value);
  } else {
    append_encoded_words(to, value);
  }
}

void append_encoded_words(std::string& to, std::string_view value) {
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t size = utf8_cut(value.substr(at), kWordBytes);
    if (at > 0) to.append("\r\n ");
    to.append(kWordBegin);
    append_base64(to, value.substr(at, size));
    to.append(kWordEnd);
    at += size;
  }
}

std::string decode_own_value(std::string_view unfolded) {
  if (unfolded.find("=?") == std::string_view::npos) return std::string(unfolded);
  std::string bytes;
  std::string_view rest = unfolded;
  while (rest.starts_with(kWordBegin)) {
    rest.remove_prefix(kWordBegin.size());
    const std::size_t end = rest.find(kWordEnd);
    if (end == std::string_view::npos) break;
    bytes.append(decode_transfer(rest.substr(0, end), "base64"));
    rest = trim(rest.substr(end + kWordEnd.size()));
    if (rest.empty()) return bytes;
  }
  return decode_encoded_words(unfolded);  // Somebody else wrote it.
}

void append_base64(std::string& to, std::string_view bytes) {
  std::size_t at = 0;
  const auto byte = [&](std::size_t i) {
    return static_cast<unsigned>(static_cast<unsigned char>(bytes[i]));
  };
  for (; at + 3 <= bytes.size(); at += 3) {
    const unsigned three = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
    const char four[] = {kAlphabet[three >> 18], kAlphabet[three >> 12 & 63], kAlphabet[three >> 6 & 63],
                         kAlphabet[three & 63]};
    to.append(four, 4);
  }
  if (at == bytes.size()) return;
  const bool two = bytes.size() - at == 2;
  const unsigned last = byte(at) << 16 | (two ? byte(at + 1) << 8 : 0u);
  to.push_back(kAlphabet[last >> 18]);
  to.push_back(kAlphabet[last >> 12 & 63]);
  to.push_back(two ? kAlphabet[last >> 6 & 63] : '=');
  to.push_back('=');
}

void append_base64_lines(std::string& to, std::string_view bytes) {
  constexpr std::size_t kLineBytes = 57;
  to.reserve(to.size() + bytes.size() / kLineBytes * 78 + 80);
  for (std::size_t at = 0; at < bytes.size(); at += kLineBytes) {
    append_base64(to, bytes.substr(at, kLineBytes));
    to.append("\r\n");
  }
}

}  // namespace imapd::mime

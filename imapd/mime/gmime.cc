#include "imapd/mime/gmime.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <mutex>

#include "imapd/mime/bytes.h"

namespace imapd::mime {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
// A header value longer than this is nobody's subject; it keeps its encoded-words.
constexpr std::size_t kDecodedValueBytesMax = 64 * 1024;

void start_gmime() {
  static std::once_flag once;
  std::call_once(once, g_mime_init);
}

struct FreeGlib {
  void operator()(char* text) const { g_free(text); }
};
using GlibString = std::unique_ptr<char, FreeGlib>;

std::string from_glib(GlibString text) { return text ? std::string(text.get()) : std::string(); }

std::string make_valid(std::string_view bytes) {
  if (is_utf8(bytes)) return std::string(bytes);
  return from_glib(GlibString(g_utf8_make_valid(bytes.data(), static_cast<gssize>(bytes.size()))));
}

// What follows the line `begin 644 name`; nothing when there is none.
std::string_view after_begin_line(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(line.size() + 1, bytes.size()));
    if (line.starts_with("begin ")) return bytes;
  }
  return bytes;
}

std::string convert(iconv_t converter, std::string_view bytes) {
  std::string result;
  std::string room(std::clamp<std::size_t>(bytes.size() * 2, 256, 64 * 1024), '\0');
  char* in = const_cast<char*>(bytes.data());  // iconv() reads only, whatever its signature says.
  std::size_t in_left = bytes.size();
  bool flushing = false;
  while (true) {
    char* out = room.data();
    std::size_t out_left = room.size();
    const std::size_t status = iconv(converter, flushing ? nullptr : &in, &in_left, &out, &out_left);
    const int error = errno;
    result.append(room.data(), room.size() - out_left);
    if (status != static_cast<std::size_t>(-1)) {
      if (flushing) return result;
      flushing = true;
    } else if (error != E2BIG) {
      if (flushing || in_left == 0) return result;
      result.append(kReplacement);
      ++in;
      --in_left;
    }
  }
}

}  // namespace

std::string to_utf8(std::string_view bytes, std::string_view charset) {
  if (charset.empty() || same_name(charset, "us-ascii") || same_name(charset, "utf-8") ||
      same_name(charset, "utf8")) {
    if (is_utf8(bytes)) return std::string(bytes);
    if (!charset.empty() && starts_with_name(charset, "utf")) return make_valid(bytes);
    charset = "iso-8859-1";
  }
  start_gmime();
  const std::string name(charset.substr(0, charset.find('\0')));
  const iconv_t converter = g_mime_iconv_open("utf-8", name.c_str());
  if (converter == reinterpret_cast<iconv_t>(-1)) {
    return is_utf8(bytes) || name == "iso-8859-1" ? make_valid(bytes) : to_utf8(bytes, "iso-8859-1");
  }
  std::string result = convert(converter, bytes);
  g_mime_iconv_close(converter);
  return make_valid(result);
}

std::string decode_encoded_words(std::string_view value) {
  if (value.size() > kDecodedValueBytesMax) return make_valid(value);
  start_gmime();
  const std::string text(value);
  return make_valid(from_glib(GlibString(g_mime_utils_header_decode_text(nullptr, text.c_str()))));
}

TransferEncoding transfer_encoding(std::string_view name) {
  for (const std::string_view identity : {"7bit", "8bit", "binary"}) {
    if (same_name(name, identity)) return TransferEncoding::kIdentity;
  }
  for (const std::string_view encoded : {"base64", "quoted-printable", "x-uuencode", "uuencode", "x-uue"}) {
    if (same_name(name, encoded)) return TransferEncoding::kEncoded;
  }
  return TransferEncoding::kUnknown;
}

std::string decode_transfer(std::string_view bytes, std::string_view encoding) {
  GMimeContentEncoding kind = GMIME_CONTENT_ENCODING_DEFAULT;
  if (same_name(encoding, "base64")) {
    kind = GMIME_CONTENT_ENCODING_BASE64;
  } else if (same_name(encoding, "quoted-printable")) {
    kind = GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
  } else if (same_name(encoding, "x-uuencode") || same_name(encoding, "uuencode") ||
             same_name(encoding, "x-uue")) {
    kind = GMIME_CONTENT_ENCODING_UUENCODE;
  } else {
    return std::string(bytes);
  }
  start_gmime();
  GMimeEncoding state;
  g_mime_encoding_init_decode(&state, kind);
  if (kind == GMIME_CONTENT_ENCODING_UUENCODE) {
    bytes = after_begin_line(bytes);
    state.state |= GMIME_UUDECODE_STATE_BEGIN;  // The line that GMime leaves to its callers was read.
  }
  std::string result(g_mime_encoding_outlen(&state, bytes.size()), '\0');
  result.resize(g_mime_encoding_step(&state, bytes.data(), bytes.size(), result.data()));
  return result;
}

std::optional<SentDate> parse_date(std::string_view value) {
  start_gmime();
  const std::string text(value.substr(0, 256));
  GDateTime* parsed = g_mime_utils_header_decode_date(text.c_str());
  if (parsed == nullptr) return std::nullopt;
  int year = 0;
  int month = 0;
  int day = 0;
  g_date_time_get_ymd(parsed, &year, &month, &day);
  SentDate date;
  date.date = std::chrono::year(year) / std::chrono::month(static_cast<unsigned>(month)) /
              std::chrono::day(static_cast<unsigned>(day));
  date.time_of_day = std::chrono::hours(g_date_time_get_hour(parsed)) +
                     std::chrono::minutes(g_date_time_get_minute(parsed)) +
                     std::chrono::seconds(g_date_time_get_second(parsed));
  date.zone = std::chrono::minutes(g_date_time_get_utc_offset(parsed) / G_TIME_SPAN_MINUTE);
  g_date_time_unref(parsed);
  if (!date.date.ok()) return std::nullopt;
  return date;
}

std::string fold_utf8(std::string_view utf8) {
  std::string titled;
  const char* const end = utf8.data() + utf8.size();
  for (const char* at = utf8.data(); at < end; at = g_utf8_next_char(at)) {
    char bytes[6];
    titled.append(bytes, static_cast<std::size_t>(g_unichar_to_utf8(g_unichar_totitle(g_utf8_get_char(at)), bytes)));
  }
  return from_glib(GlibString(g_utf8_normalize(titled.data(), static_cast<gssize>(titled.size()), G_NORMALIZE_ALL)));
}

std::string to_nfc(std::string_view utf8) {
  return from_glib(GlibString(g_utf8_normalize(utf8.data(), static_cast<gssize>(utf8.size()), G_NORMALIZE_NFC)));
}

}  // namespace imapd::mime

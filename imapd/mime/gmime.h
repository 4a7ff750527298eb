#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "imapd/mime/text.h"

// The only door to GMime. Thread-safe: GMime is started by whoever comes first.
namespace imapd::mime {

// Any bytes in `charset` to valid UTF-8; what cannot be converted becomes U+FFFD. An unknown or empty charset
// is taken for UTF-8, or ISO 8859-1 where the bytes are no UTF-8.
std::string to_utf8(std::string_view bytes, std::string_view charset);

// The encoded-words of an unfolded value (RFC 2047) decoded. Not for hot paths.
std::string decode_encoded_words(std::string_view value);

// What the name of a Content-Transfer-Encoding means to decode_transfer().
enum class TransferEncoding { kIdentity, kEncoded, kUnknown };
TransferEncoding transfer_encoding(std::string_view name);

// By the name of a Content-Transfer-Encoding; identity for those that are unknown.
std::string decode_transfer(std::string_view bytes, std::string_view encoding);

std::optional<SentDate> parse_date(std::string_view value);

// By i;unicode-casemap (RFC 5051): each character to its title case, then NFKD. `utf8` is valid and holds no NUL.
std::string fold_utf8(std::string_view utf8);

}  // namespace imapd::mime

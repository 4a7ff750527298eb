#pragma once

#include <string>
#include <string_view>

namespace imapd::mime {

// Values of our own fields. What is short printable ASCII stands as it is; anything else, whatever bytes it
// holds, is a row of encoded-words (RFC 2047, UTF-8, B), folded into lines of at most 78 bytes.
// decode_own_value() gives back the same bytes.
void append_own_value(std::string& to, std::string_view value);
std::string decode_own_value(std::string_view unfolded);
// Encoded-words always, as the display name of an address needs where it is not quotable.
void append_encoded_words(std::string& to, std::string_view value);

void append_base64(std::string& to, std::string_view bytes);
// The same in lines of 76 characters with CRLF, the last one included.
void append_base64_lines(std::string& to, std::string_view bytes);

}  // namespace imapd::mime

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace imapd::mime {

// `string` of RFC 3501, section 9: quoted where it is short and printable ASCII, else a literal. NUL, CR and
// LF become spaces.
void append_imap_string(std::string& to, std::string_view value);
// `nstring`.
void append_imap_nstring(std::string& to, const std::optional<std::string>& value);

}  // namespace imapd::mime

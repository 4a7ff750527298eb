#pragma once

#include <string>
#include <string_view>

namespace imapd::mime {

// The ENVELOPE of RFC 3501, section 7.4.2, from `(` to `)`, as it goes to the wire. Values are unfolded but
// not decoded (RFC 2047 stays encoded). An address without domain or mailbox shows MISSING_DOMAIN or
// MISSING_MAILBOX, because NIL there means a group. Any bytes give a valid answer; NUL, CR and LF inside a
// value become spaces.
std::string envelope(std::string_view header);

}  // namespace imapd::mime

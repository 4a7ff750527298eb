#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace imapd::wire {

// Modified UTF-7 of mailbox names (RFC 3501, 5.1.3). Only the one canonical form is taken, so that no two spellings name one
// mailbox: no base64 of printable ASCII, no `&-` for anything but `&`, no adjacent shifts, no stray bits, no lone surrogates,
// no NUL, no bytes outside printable ASCII. nullopt for everything else.
std::optional<std::string> utf7_decode(std::string_view name);
// nullopt when `name` is not valid UTF-8 or holds a NUL.
std::optional<std::string> utf7_encode(std::string_view name);
bool is_valid_utf8(std::string_view text);

}  // namespace imapd::wire

#pragma once

#include <string>

#include "imapd/base/error.h"

namespace imapd::mime {

// `message` without a NUL: each part that holds one becomes base64, and nothing else changes. No byte of a part is lost:
// decoded_section() gives it back. Without it, what BODY[] sends could not be a literal, and BODYSTRUCTURE could not tell the truth
// about it (RFC 3516, sections 4.4 and 6).
//
// kFailedPrecondition: a NUL in a part that claims to be encoded already, or in a way nobody knows. kInvalidArgument: one outside
// all parts' bodies, where RFC 5322 has none and nothing can stand for it.
Result<std::string> encode_nuls(std::string message);

}  // namespace imapd::mime

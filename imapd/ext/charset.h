#pragma once

#include <string_view>

#include "imapd/session/reply.h"

// Of SORT and THREAD (RFC 5256, section 3).
namespace imapd::ext {

// `charset` is in capitals.
inline bool is_searched(std::string_view charset) { return charset == "UTF-8" || charset == "US-ASCII"; }
inline session::Reply bad_charset() {
  return session::no("Only US-ASCII and UTF-8 are searched", wire::code::kBadCharset);
}

}  // namespace imapd::ext

#pragma once

#include <string_view>

#include "imapd/session/reply.h"
#include "imapd/session/search_filters.h"

// Of SORT and THREAD (RFC 5256, section 3).
namespace imapd::ext {

// `charset` is in capitals.
inline bool is_searched(std::string_view charset) { return charset == "UTF-8" || charset == "US-ASCII"; }
// RFC 5466, section 3.1: filters are UTF-8, and another charset beside them is an error of the client.
inline session::Reply bad_charset(const wire::SearchKey& program) {
  if (session::names_filters(program)) return session::bad("Filters are UTF-8", wire::code::kBadCharset);
  return session::no("Only US-ASCII and UTF-8 are searched", wire::code::kBadCharset);
}

}  // namespace imapd::ext

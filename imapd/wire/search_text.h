#pragma once

#include <string_view>

#include "imapd/base/error.h"
#include "imapd/wire/search_keys.h"

// Search criteria that stand outside of a command (RFC 5466).
namespace imapd::wire {

struct SearchProgram {
  SearchKey program;
  bool names_mod_seq = false;  // A MODSEQ key is in it.
};

// search-criteria = search-key *(SP search-key), and nothing behind it. Strings may be literals.
Result<SearchProgram> parse_search_text(std::string_view text);

// filter-name = 1*<any ATOM-CHAR except "/">
bool is_filter_name(std::string_view name);

}  // namespace imapd::wire

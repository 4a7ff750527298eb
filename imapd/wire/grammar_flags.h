#pragma once

#include <vector>

#include "imapd/base/flag.h"
#include "imapd/wire/grammar_cursor.h"

namespace imapd::wire {

// `\Claimed` is a flag here, \Recent is none: a client cannot set it.
Result<Flag> parse_flag(Cursor& cursor);
// Each flag once, in the order of its first place.
Result<std::vector<Flag>> parse_flag_list(Cursor& cursor);
// STORE may leave out the parentheses.
Result<std::vector<Flag>> parse_store_flags(Cursor& cursor);
// The argument of KEYWORD and UNKEYWORD: a keyword, or `\Claimed`, which is one by its twin `$Claimed`.
Result<Flag> parse_flag_keyword(Cursor& cursor);
// The flag of "/flags/<flag>" (RFC 7162, entry-name), already out of its quotes.
Result<Flag> parse_flag_entry_name(std::string_view entry_name);

}  // namespace imapd::wire

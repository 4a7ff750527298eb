#pragma once

#include "imapd/wire/command.h"
#include "imapd/wire/grammar_cursor.h"
#include "imapd/wire/grammar_fetch.h"
#include "imapd/wire/search_text.h"

namespace imapd::wire {

// Arguments of [UID] SEARCH, after the space that follows the command's name.
Result<Search> parse_search(Cursor& cursor, Numbering numbering);

// search-key *(SP search-key)
Result<SearchProgram> parse_search_program(Cursor& cursor);

}  // namespace imapd::wire

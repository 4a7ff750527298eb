#pragma once

#include <string_view>

#include "imapd/wire/command.h"
#include "imapd/wire/grammar_cursor.h"

namespace imapd::wire {

// Numbers of messages, or UIDs: which of a command's two forms it is.
enum class Numbering { kSequence, kUid };

// Arguments of [UID] FETCH and [UID] STORE, after the space that follows the command's name.
Result<Fetch> parse_fetch(Cursor& cursor, Numbering numbering);
// A macro, one item, or items in parentheses.
Result<std::vector<FetchItem>> parse_fetch_items(Cursor& cursor);
Result<Store> parse_store(Cursor& cursor, Numbering numbering);
// What stands between the brackets of BODY[...].
Result<SectionSpec> parse_section_spec(std::string_view text);

}  // namespace imapd::wire

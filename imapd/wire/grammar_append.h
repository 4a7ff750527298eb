#pragma once

#include "imapd/wire/command.h"
#include "imapd/wire/grammar_cursor.h"
#include "imapd/wire/grammar_fetch.h"

namespace imapd::wire {

// Arguments of APPEND and [UID] REPLACE, after the space that follows the command's name.
Result<Append> parse_append(Cursor& cursor);
Result<Replace> parse_replace(Cursor& cursor, Numbering numbering);

}  // namespace imapd::wire

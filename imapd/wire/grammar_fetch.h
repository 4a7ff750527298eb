#pragma once

#include <string_view>

#include "imapd/wire/command.h"
#include "imapd/wire/grammar_cursor.h"

namespace imapd::wire {

// Numbers of messages, or UIDs: which of a command's two forms it is.
enum class Numbering { kSequence, kUid };

// Arguments of [UID] FETCH and [UID] STORE, after the space that follows the command's name.
Result<Fetch> parse_fetch(Cursor& cursor, Numbering numbering);
Result<Store> parse_store(Cursor& cursor, Numbering numbering);

}  // namespace imapd::wire

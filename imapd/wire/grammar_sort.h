#pragma once

#include "imapd/wire/command_sort.h"
#include "imapd/wire/grammar_cursor.h"
#include "imapd/wire/grammar_fetch.h"

namespace imapd::wire {

// Arguments of [UID] SORT and [UID] THREAD, after the space that follows the command's name.
Result<Sort> parse_sort(Cursor& cursor, Numbering numbering);
Result<Thread> parse_thread(Cursor& cursor, Numbering numbering);

}  // namespace imapd::wire

#pragma once

#include "imapd/wire/command.h"
#include "imapd/wire/grammar_cursor.h"

// Arguments of LIST and LSUB, after the space that follows the command's name.
namespace imapd::wire {

Result<List> parse_list(Cursor& cursor);
Result<Lsub> parse_lsub(Cursor& cursor);

}  // namespace imapd::wire

#pragma once

#include "imapd/wire/command.h"
#include "imapd/wire/grammar_cursor.h"

namespace imapd::wire {

// Arguments of NOTIFY (RFC 5465, section 8), after the space that follows the command's name.
Result<Notify> parse_notify(Cursor& cursor);

}  // namespace imapd::wire

#pragma once

#include "imapd/wire/command_context.h"
#include "imapd/wire/grammar_cursor.h"

namespace imapd::wire {

// Arguments of CANCELUPDATE.
Result<CancelUpdate> parse_cancel_update(Cursor& cursor);

}  // namespace imapd::wire

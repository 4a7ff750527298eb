#pragma once

#include "imapd/wire/command_multisearch.h"
#include "imapd/wire/grammar_cursor.h"

namespace imapd::wire {

// Arguments of ESEARCH, after the space that follows its name.
Result<MultiSearch> parse_multi_search(Cursor& cursor);

}  // namespace imapd::wire

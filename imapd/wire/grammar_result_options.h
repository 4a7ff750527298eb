#pragma once

#include "imapd/wire/grammar_cursor.h"
#include "imapd/wire/result_options.h"

namespace imapd::wire {

// Of SEARCH and SORT: the space and the list after the word RETURN. An empty list, and so one without options that return
// anything, is kept as it is: `RETURN ()` means ALL (RFC 4731, section 3.1).
Result<ResultOptions> parse_result_options(Cursor& cursor);
// `1:500` or `-1:-100`.
Result<PartialRange> parse_partial_range(Cursor& cursor);

}  // namespace imapd::wire

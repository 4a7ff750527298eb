#pragma once

#include "imapd/wire/grammar_cursor.h"
#include "imapd/wire/sequence_set.h"

namespace imapd::wire {

Result<SequenceSet> parse_sequence_set(Cursor& cursor);
// Without `*` (RFC 7162: known-uids, known-sequence-set).
Result<SequenceSet> parse_known_set(Cursor& cursor);

}  // namespace imapd::wire

#pragma once

#include <string>
#include <vector>

#include "imapd/wire/command_metadata.h"
#include "imapd/wire/grammar_cursor.h"

namespace imapd::wire {

// Arguments of the two commands, after the space that follows the command's name.
Result<GetMetadata> parse_get_metadata(Cursor& cursor);
Result<SetMetadata> parse_set_metadata(Cursor& cursor);
// entries = entry / "(" entry *(SP entry) ")". Each once.
Result<std::vector<std::string>> parse_metadata_entries(Cursor& cursor);

}  // namespace imapd::wire

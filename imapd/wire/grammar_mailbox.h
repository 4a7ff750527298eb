#pragma once

#include <string>
#include <string_view>

#include "imapd/wire/command.h"
#include "imapd/wire/grammar_cursor.h"

// Arguments of the commands about mailboxes, each after the space that follows the command's name.
namespace imapd::wire {

// A name, reference or pattern as it stood in the command, in UTF-8: by the cursor's options it was that or modified UTF-7.
Result<std::string> decode_mailbox(const Cursor& cursor, std::string encoded, std::string_view what);
// UTF-8, INBOX canonical.
Result<std::string> parse_mailbox(Cursor& cursor);

Result<Select> parse_select(Cursor& cursor, OpenMode mode);
Result<Create> parse_create(Cursor& cursor);
Result<Rename> parse_rename(Cursor& cursor);
Result<Status> parse_status(Cursor& cursor);
// `(` status items `)`, of STATUS and of LIST's RETURN (STATUS ...).
Result<std::vector<StatusItem>> parse_status_items(Cursor& cursor);

}  // namespace imapd::wire

#pragma once

#include <string>

#include "imapd/wire/command.h"
#include "imapd/wire/grammar_cursor.h"

// Arguments of the commands about mailboxes, each after the space that follows the command's name.
namespace imapd::wire {

// UTF-8, INBOX canonical.
Result<std::string> parse_mailbox(Cursor& cursor);

Result<Select> parse_select(Cursor& cursor, OpenMode mode);
Result<Create> parse_create(Cursor& cursor);
Result<Rename> parse_rename(Cursor& cursor);
Result<Status> parse_status(Cursor& cursor);
// `(` status items `)`, of STATUS and of LIST's RETURN (STATUS ...).
Result<std::vector<StatusItem>> parse_status_items(Cursor& cursor);
Result<Append> parse_append(Cursor& cursor);

}  // namespace imapd::wire

#pragma once

#include "imapd/wire/command.h"
#include "imapd/wire/grammar_cursor.h"

// Arguments of the commands about the connection and who uses it, each after the space that follows the command's name.
namespace imapd::wire {

Result<Login> parse_login(Cursor& cursor);
Result<Authenticate> parse_authenticate(Cursor& cursor);
Result<Enable> parse_enable(Cursor& cursor);
Result<Id> parse_id(Cursor& cursor);

}  // namespace imapd::wire

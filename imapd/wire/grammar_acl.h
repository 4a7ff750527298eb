#pragma once

#include "imapd/wire/command_acl.h"
#include "imapd/wire/grammar_cursor.h"

namespace imapd::wire {

// Arguments of those that take more than a mailbox, after the space that follows the command's name.
Result<SetAcl> parse_set_acl(Cursor& cursor);
Result<DeleteAcl> parse_delete_acl(Cursor& cursor);
Result<ListRights> parse_list_rights(Cursor& cursor);

}  // namespace imapd::wire

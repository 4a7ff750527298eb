#pragma once

#include "imapd/wire/command_quota.h"
#include "imapd/wire/grammar_cursor.h"

namespace imapd::wire {

// Arguments of the commands, after the space that follows the command's name.
Result<GetQuota> parse_get_quota(Cursor& cursor);
Result<GetQuotaRoot> parse_get_quota_root(Cursor& cursor);
Result<SetQuota> parse_set_quota(Cursor& cursor);

}  // namespace imapd::wire

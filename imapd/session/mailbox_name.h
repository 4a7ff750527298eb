#pragma once

#include <string>
#include <string_view>

#include "imapd/base/error.h"
#include "imapd/store/mailbox.h"

namespace imapd::session {

// The names under which a client of `user` sees mailboxes: `INBOX` and `INBOX/...` are the user's own, everything else is the
// shared tree. The first level INBOX is compared without case.
store::MailboxPath path_of(std::string_view name, const std::string& user);
// Of a path that is shared or the user's own.
const std::string& name_of(const store::MailboxPath& path);
// The name in Unicode's form NFC, as Net-Unicode has it (RFC 5198, section 2; RFC 9051, section 5.1): new names are made of it, and
// a name that is not there as it was given is looked for under it (Session::find).
std::string normalized_name(std::string_view name);
// May a mailbox be made under this name? kInvalidArgument with the reason: empty levels, control characters and separators of lines
// and paragraphs (RFC 6855, section 3), LIST's wildcards, over kMailboxNameBytesMax or kMailboxDepthMax.
Result<void> check_new_name(std::string_view name);
// `a/b` of `a/b/c`; empty at the top.
std::string_view parent_of(std::string_view name);

}  // namespace imapd::session

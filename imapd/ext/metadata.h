#pragma once

#include <span>
#include <string>

#include "imapd/base/async.h"
#include "imapd/session/reply.h"
#include "imapd/store/mailbox.h"
#include "imapd/wire/command.h"
#include "imapd/wire/response.h"

// METADATA (RFC 5464) and LIST-METADATA (RFC 9590).
namespace imapd::session {

class Session;

Task<Reply> run(Session& session, wire::GetMetadata command);
Task<Reply> run(Session& session, wire::SetMetadata command);

}  // namespace imapd::session

namespace imapd::ext {

// Annotations of a mailbox are for those who have `l` and any of `r`, `s`, `w`, `i` and `p` on it (RFC 5464, section 3.3).
bool may_use_metadata(const session::Session& session, const store::MailboxInfo& mailbox);
// `* METADATA mailbox (entry value ...)` with those of `entries` that have a value; nothing when none has.
void tell_metadata(session::Session& session, const store::MailboxInfo& mailbox, const std::string& name,
                   std::span<const std::string> entries);
// `METADATA mailbox entry ...`: entries without values, that have changed. `name` is empty for the server.
std::string changed_metadata_line(const std::string& name, std::span<const std::string> entries, wire::MailboxNames names);

}  // namespace imapd::ext

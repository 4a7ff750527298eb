#pragma once

#include <string>

#include "imapd/session/session.h"
#include "imapd/store/mailbox.h"
#include "imapd/wire/response.h"

// LIST lines that are not LIST's answer (RFC 9051).
namespace imapd::session {

// The mailbox, or level of the hierarchy, as this client sees it, with all attributes. Looks at every mailbox there is.
wire::ListLine list_line(Session& session, const store::MailboxInfo& mailbox);

// Where the client speaks IMAP4rev2 and has `given` a name that is not the one under which the mailbox is listed: tells it both
// (RFC 9051, section 6.3.9.7). `given` is a name as it stood in a command, INBOX canonical.
void tell_normalized(Session& session, const std::string& given, const store::MailboxInfo& mailbox);

}  // namespace imapd::session

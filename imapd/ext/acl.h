#pragma once

#include <string>

#include "imapd/auth/rights.h"
#include "imapd/base/async.h"
#include "imapd/session/reply.h"
#include "imapd/store/mailbox.h"
#include "imapd/wire/command.h"

// ACL (RFC 4314). Rights are looked up at each command, so a change holds at once, also where the mailbox is selected.
namespace imapd::session {

class Session;

Task<Reply> run(Session& session, wire::SetAcl command);
Task<Reply> run(Session& session, wire::DeleteAcl command);
Task<Reply> run(Session& session, wire::GetAcl command);
Task<Reply> run(Session& session, wire::ListRights command);
Task<Reply> run(Session& session, wire::MyRights command);

}  // namespace imapd::session

namespace imapd::ext {

// `* MYRIGHTS mailbox rights`. `mailbox` is one that the user may look up.
void tell_my_rights(session::Session& session, const store::MailboxInfo& mailbox, const std::string& name);

}  // namespace imapd::ext

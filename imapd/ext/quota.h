#pragma once

#include "imapd/base/async.h"
#include "imapd/session/reply.h"
#include "imapd/wire/command.h"

// QUOTA (RFC 9208). There is a root `#user/<name>` for each personal tree, of which an administrator sets the limits, and a root
// `#queue/<name>` for each queue, whose limits are those of its policy.
namespace imapd::session {

class Session;

Task<Reply> run(Session& session, wire::GetQuota command);
Task<Reply> run(Session& session, wire::GetQuotaRoot command);
Task<Reply> run(Session& session, wire::SetQuota command);

}  // namespace imapd::session

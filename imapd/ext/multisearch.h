#pragma once

#include "imapd/base/async.h"
#include "imapd/session/reply.h"
#include "imapd/session/session.h"
#include "imapd/wire/command.h"

namespace imapd::session {

Task<Reply> run(Session& session, wire::MultiSearch command);

}  // namespace imapd::session

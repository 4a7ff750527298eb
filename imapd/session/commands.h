#pragma once

#include "imapd/base/async.h"
#include "imapd/ext/acl.h"
#include "imapd/ext/cancel_update.h"
#include "imapd/ext/metadata.h"
#include "imapd/ext/multisearch.h"
#include "imapd/ext/notify.h"
#include "imapd/ext/quota.h"
#include "imapd/session/reply.h"
#include "imapd/session/session.h"
#include "imapd/wire/command.h"

// One function for each command, in cmd_*.cc by family. The state table has been asked before: commands of the selected state may
// use session.view(). The session outlives the call.
namespace imapd::session {

// cmd_any.cc
Task<Reply> run(Session& session, wire::Capability command);
Task<Reply> run(Session& session, wire::Noop command);
Task<Reply> run(Session& session, wire::Logout command);
Task<Reply> run(Session& session, wire::StartTls command);
Task<Reply> run(Session& session, wire::Id command);
Task<Reply> run(Session& session, wire::Enable command);
Task<Reply> run(Session& session, wire::Namespace command);
Task<Reply> run(Session& session, wire::Check command);
// ext/compress.cc, ext/unauthenticate.cc
Task<Reply> run(Session& session, wire::Compress command);
Task<Reply> run(Session& session, wire::Unauthenticate command);
// cmd_login.cc
Task<Reply> run(Session& session, wire::Login command);
Task<Reply> run(Session& session, wire::Authenticate command);
// cmd_select.cc
Task<Reply> run(Session& session, wire::Select command);
Task<Reply> run(Session& session, wire::Unselect command);
// cmd_mailbox.cc
Task<Reply> run(Session& session, wire::Create command);
Task<Reply> run(Session& session, wire::Delete command);
Task<Reply> run(Session& session, wire::Rename command);
Task<Reply> run(Session& session, wire::Subscribe command);
Task<Reply> run(Session& session, wire::Unsubscribe command);
// cmd_list.cc
Task<Reply> run(Session& session, wire::List command);
Task<Reply> run(Session& session, wire::Lsub command);
// cmd_status.cc
Task<Reply> run(Session& session, wire::Status command);
// cmd_append.cc
Task<Reply> run(Session& session, wire::Append command);
// ext/replace.cc
Task<Reply> run(Session& session, wire::Replace command);
// cmd_idle.cc
Task<Reply> run(Session& session, wire::Idle command);

// cmd_expunge.cc
Task<Reply> run(Session& session, wire::Close command);
Task<Reply> run(Session& session, wire::Expunge command);
Task<Reply> run(Session& session, wire::UidExpunge command);
// cmd_search.cc
Task<Reply> run(Session& session, wire::Search command);
// ext/sort.cc, ext/thread.cc
Task<Reply> run(Session& session, wire::Sort command);
Task<Reply> run(Session& session, wire::Thread command);
// cmd_fetch.cc
Task<Reply> run(Session& session, wire::Fetch command);
// cmd_store.cc
Task<Reply> run(Session& session, wire::Store command);
// cmd_copy.cc
Task<Reply> run(Session& session, wire::Copy command);
Task<Reply> run(Session& session, wire::Move command);

}  // namespace imapd::session

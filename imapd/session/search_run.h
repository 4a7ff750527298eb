#pragma once

#include <vector>

#include "imapd/base/async.h"
#include "imapd/base/clock.h"
#include "imapd/base/error.h"
#include "imapd/search/match.h"
#include "imapd/session/search_result.h"
#include "imapd/session/session.h"
#include "imapd/store/snapshot.h"

namespace imapd::session {

// The program, as the session's user asks it, against the mailbox of `view`, the one that is selected or another: its numbers are those that the client has now, `$` what it has saved.
search::Matcher make_matcher(Session& session, const MailboxView& view, const wire::SearchKey& program);

// How many messages are looked at before others get their turn: all of some milliseconds.
std::size_t messages_per_turn(search::Matcher::Cost cost);

enum class Extent { kAll, kFirst };

// Those messages of `view` that match, ascending; with kFirst only the first one. One that is gone from the snapshot
// while the client still has a number for it does not match. Others run in between; it stops with kUnavailable when the session is
// to end. `view`, `snapshot` and `matcher` outlive the call.
Task<Result<std::vector<FoundMessage>>> find_messages(Session& session, const MailboxView& view, const store::Snapshot& snapshot,
                                                      const search::Matcher& matcher, Extent extent);

}  // namespace imapd::session

#include <optional>
#include <utility>
#include <vector>

#include "imapd/session/commands.h"
#include "imapd/session/search_result.h"
#include "imapd/session/search_run.h"

// SEARCH and UID SEARCH (RFC 3501, section 6.4.4; RFC 4731; RFC 5182; RFC 7162, sections 3.1.5 and 3.1.10).
namespace imapd::session {
namespace {

// RFC 5182, section 2.1: a SEARCH with SAVE that ends with NO leaves `$` empty.
Reply forget_saved(Session& session, const wire::Search& command, Reply reply) {
  if (command.returns && command.returns->save) session.view().save({});
  return reply;
}

Extent extent_of(const wire::Search& command) {
  const bool only_min = command.returns && command.returns->min && !command.returns->max && !command.returns->needs_every_match();
  return only_min ? Extent::kFirst : Extent::kAll;
}

}  // namespace

Task<Reply> run(Session& session, wire::Search command) {
  if (command.charset && *command.charset != "UTF-8" && *command.charset != "US-ASCII") {
    co_return forget_saved(session, command, no("Only US-ASCII and UTF-8 are searched", wire::code::kBadCharset));
  }
  if (command.names_mod_seq) session.enable(Feature::kCondstore);
  const search::Matcher matcher = make_matcher(session.view(), command.program, session.services().clock.now());
  const store::Snapshot snapshot = session.store().snapshot();
  const auto found = co_await find_messages(session, snapshot, matcher, extent_of(command));
  if (!found) co_return forget_saved(session, command, refused(found.error()));
  if (command.returns) {
    if (auto not_saved = save_result(session, *command.returns, *found)) co_return std::move(*not_saved);
  }
  const ResultForm form{ResultForm::Kind::kSearch, command.uid, command.names_mod_seq, command.returns};
  write_result(session, form, *found);
  co_return ok("SEARCH completed");
}

}  // namespace imapd::session

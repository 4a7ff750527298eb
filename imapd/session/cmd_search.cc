#include <optional>
#include <utility>
#include <vector>

#include "imapd/session/commands.h"
#include "imapd/session/search_filters.h"
#include "imapd/session/search_result.h"
#include "imapd/session/search_run.h"

// SEARCH and UID SEARCH (RFC 3501, section 6.4.4; RFC 4731; RFC 5182; RFC 7162, sections 3.1.5 and 3.1.10).
namespace imapd::session {
namespace {

// RFC 5182, section 2.1: a SEARCH with SAVE that ends with NO leaves `$` empty.
Reply forget_saved(Session& session, const wire::Search& command, Reply reply) {
  const bool saves = command.returns && command.returns->save;
  if (saves && reply.condition == wire::Condition::kNo) session.view().save({});
  return reply;
}

Extent extent_of(const wire::Search& command) {
  const bool only_min = command.returns && command.returns->min && !command.returns->max && !command.returns->needs_every_match();
  return only_min ? Extent::kFirst : Extent::kAll;
}

}  // namespace

Task<Reply> run(Session& session, wire::Search command) {
  if (auto refusal = charset_refusal(session, command)) co_return forget_saved(session, command, std::move(*refusal));
  if (auto refusal = put_filters(session, command)) co_return forget_saved(session, command, std::move(*refusal));
  // RFC 9051, section 6.4.4: the SEARCH response is no more.
  if (session.rev2() && !command.returns) command.returns.emplace().all = true;
  if (command.names_mod_seq) session.enable(Feature::kCondstore);
  const bool updates = command.returns && command.returns->update;
  if (updates && session.contexts().has(session.tag())) co_return bad("A result is kept up to date under this tag");
  search::Matcher matcher = make_matcher(session, session.view(), command.program);
  const store::Snapshot snapshot = session.store().snapshot();
  const auto found = co_await find_messages(session, session.view(), snapshot, matcher, extent_of(command));
  if (!found) co_return forget_saved(session, command, refused(found.error()));
  if (command.returns) {
    if (auto not_saved = save_result(session, *command.returns, *found)) co_return std::move(*not_saved);
  }
  const ResultForm form{ResultForm::Kind::kSearch, command.uid, command.names_mod_seq, command.returns};
  write_result(session, form, *found);
  if (!updates) co_return ok("SEARCH completed");
  SearchContext context{session.tag(), command.uid, std::move(matcher), {}};
  co_return ok(keep_updated(session, std::move(context), *found, "SEARCH"));
}

}  // namespace imapd::session

#include "imapd/search/sort.h"

#include <utility>
#include <vector>

#include "imapd/base/limits.h"
#include "imapd/ext/charset.h"
#include "imapd/ext/read_found.h"
#include "imapd/session/commands.h"
#include "imapd/session/search_result.h"
#include "imapd/session/search_run.h"

// SORT and UID SORT (RFC 5256, RFC 5957; RETURN: RFC 5267, section 3; MODSEQ: RFC 7162, section 3.1.6).
namespace imapd::session {
namespace {

// RFC 5182, section 2.1: a SORT with SAVE that ends with NO leaves `$` empty.
Reply forget_saved(Session& session, const wire::Sort& command, Reply reply) {
  if (command.returns && command.returns->save) session.view().save({});
  return reply;
}

std::vector<FoundMessage> in_order(const std::vector<FoundMessage>& found, const std::vector<std::uint32_t>& order) {
  std::vector<FoundMessage> sorted;
  sorted.reserve(order.size());
  for (const std::uint32_t index : order) sorted.push_back(found[index]);
  return sorted;
}

}  // namespace

Task<Reply> run(Session& session, wire::Sort command) {
  if (!ext::is_searched(command.charset)) co_return forget_saved(session, command, ext::bad_charset(command.program));
  if (auto refusal = put_filters(session, command)) co_return forget_saved(session, command, std::move(*refusal));
  if (command.names_mod_seq) session.enable(Feature::kCondstore);
  const bool updates = command.returns && command.returns->update;
  if (updates && session.contexts().has(session.tag())) co_return bad("A result is kept up to date under this tag");
  search::Matcher matcher = make_matcher(session, session.view(), command.program);
  const store::Snapshot snapshot = session.store().snapshot();
  session.progress().set_passes(2);
  auto found = co_await find_messages(session, session.view(), snapshot, matcher, Extent::kAll);
  if (!found) co_return forget_saved(session, command, refused(found.error()));
  search::Sorter sorter(command.criteria, limits::kSortBytesMax, matcher.asker());
  session.progress().next_pass();
  ext::FoundReader reader(session, snapshot, *found, sorter.cost());
  while (reader.left()) {
    const auto read = reader.read([&sorter](const FoundMessage&, const store::MessageState& message, search::Content& content) {
      return sorter.add(message, content);
    });
    if (!read) co_return forget_saved(session, command, refused(read.error()));
    co_await session.connection().let_others_run();
    co_await session.tell_progress(reader.read_count(), found->size());
    if (session.ending()) co_return no("The session is ending", wire::code::kUnavailable);
  }
  while (sorter.step()) {
    co_await session.connection().let_others_run();
    co_await session.tell_progress(found->size(), found->size());
  }
  const std::vector<FoundMessage> sorted = in_order(*found, sorter.order());
  if (command.returns) {
    if (auto not_saved = save_result(session, *command.returns, sorted)) co_return std::move(*not_saved);
  }
  const ResultForm form{ResultForm::Kind::kSort, command.uid, command.names_mod_seq, command.returns};
  write_result(session, form, sorted);
  if (!updates) co_return ok("SORT completed");
  SearchContext context{session.tag(), command.uid, std::move(matcher), std::move(command.criteria)};
  co_return ok(keep_updated(session, std::move(context), sorted, "SORT"));
}

}  // namespace imapd::session

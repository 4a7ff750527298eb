#include "imapd/search/thread.h"

#include <string>
#include <utility>

#include "imapd/ext/charset.h"
#include "imapd/ext/read_found.h"
#include "imapd/session/commands.h"
#include "imapd/session/search_run.h"

// THREAD and UID THREAD (RFC 5256).
namespace imapd::session {

Task<Reply> run(Session& session, wire::Thread command) {
  if (!ext::is_searched(command.charset)) co_return ext::bad_charset(command.program);
  if (auto refusal = put_filters(session, command)) co_return std::move(*refusal);
  if (command.names_mod_seq) session.enable(Feature::kCondstore);
  const search::Matcher matcher = make_matcher(session, session.view(), command.program);
  const store::Snapshot snapshot = session.store().snapshot();
  session.progress().set_passes(2);
  auto found = co_await find_messages(session, session.view(), snapshot, matcher, Extent::kAll);
  if (!found) co_return refused(found.error());
  search::Threader threader(command.algorithm);
  session.progress().next_pass();
  ext::FoundReader reader(session, snapshot, *found, search::Matcher::Cost::kHeader);
  while (reader.left()) {
    const auto read = reader.read(
        [&threader, uid = command.uid](const FoundMessage& each, const store::MessageState& message, search::Content& content) {
          return threader.add(uid ? each.uid.value() : each.number, message, content);
        });
    if (!read) co_return refused(read.error());
    co_await session.connection().let_others_run();
    co_await session.tell_progress(reader.read_count(), found->size());
    if (session.ending()) co_return no("The session is ending", wire::code::kUnavailable);
  }
  while (threader.step()) {
    co_await session.connection().let_others_run();
    co_await session.tell_progress(found->size(), found->size());
    if (session.ending()) co_return no("The session is ending", wire::code::kUnavailable);
  }
  const std::string& threads = threader.text();
  session.out().line(threads.empty() ? "THREAD" : "THREAD " + threads);
  co_return ok("THREAD completed");
}

}  // namespace imapd::session

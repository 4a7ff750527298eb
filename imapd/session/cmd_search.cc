#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "imapd/search/match.h"
#include "imapd/search/stored_content.h"
#include "imapd/session/commands.h"
#include "imapd/session/named_messages.h"

// SEARCH and UID SEARCH (RFC 3501, section 6.4.4; RFC 4731; RFC 7162, sections 3.1.5 and 3.1.10).
namespace imapd::session {
namespace {

// Others get their turn after so many messages, all of some milliseconds.
std::size_t messages_per_turn(search::Matcher::Cost cost) {
  switch (cost) {
    case search::Matcher::Cost::kState:
      return 1024;
    case search::Matcher::Cost::kHeader:
      return 128;
    case search::Matcher::Cost::kBody:
      return 16;
  }
  return 16;
}

struct Found {
  std::uint32_t number;  // Message number or UID, as the answer wants it.
  ModSeq mod_seq;
};

// RFC 3501, section 6.4.4: a message number that is not there matches nothing, and is no error.
UidSet resolve(const MailboxView& view, const search::SearchNumbers& numbers) {
  if (numbers.uid) return view.resolve_uids(numbers.set);
  wire::SequenceSet present;
  for (const wire::SequenceSet::Range& range : numbers.set.resolve(view.exists())) {
    if (range.first <= view.exists()) present.add({range.first, std::min(range.last, view.exists())});
  }
  return view.resolve_numbers(present).value_or(UidSet());
}

ModSeq highest(const std::vector<Found>& found) {
  ModSeq mod_seq;
  for (const Found& each : found) mod_seq = std::max(mod_seq, each.mod_seq);
  return mod_seq;
}

// RFC 4731, section 3.2: of what is returned, and MIN and MAX alone return only those two.
ModSeq returned_mod_seq(const std::vector<Found>& found, const wire::SearchReturn& returns) {
  if (returns.all || returns.count) return highest(found);
  ModSeq mod_seq;
  if (returns.min) mod_seq = found.front().mod_seq;
  if (returns.max) mod_seq = std::max(mod_seq, found.back().mod_seq);
  return mod_seq;
}

std::vector<std::uint32_t> numbers_in(const std::vector<Found>& found) {
  std::vector<std::uint32_t> numbers;
  numbers.reserve(found.size());
  for (const Found& each : found) numbers.push_back(each.number);
  return numbers;
}

void write_extended(Session& session, const wire::Search& command, const std::vector<Found>& found) {
  wire::SearchReturn returns = *command.returns;
  if (!returns.min && !returns.max && !returns.count) returns.all = true;
  wire::EsearchLine line;
  line.tag = session.tag();
  line.uid = command.uid;
  if (returns.count) line.count = static_cast<std::uint32_t>(found.size());
  if (!found.empty()) {
    if (returns.min) line.min = found.front().number;
    if (returns.max) line.max = found.back().number;
    if (returns.all) line.all = wire::number_set(numbers_in(found));
    if (command.names_mod_seq) line.mod_seq = returned_mod_seq(found, returns);
  }
  session.out().esearch(line);
}

void write_plain(Session& session, const wire::Search& command, const std::vector<Found>& found) {
  std::optional<ModSeq> mod_seq;
  if (command.names_mod_seq && !found.empty()) mod_seq = highest(found);
  session.out().search(numbers_in(found), mod_seq);
}

enum class Extent { kAll, kFirst };

Extent extent_of(const wire::Search& command) {
  const bool only_min =
      command.returns && command.returns->min && !command.returns->max && !command.returns->all && !command.returns->count;
  return only_min ? Extent::kFirst : Extent::kAll;
}

// Searches `chunk`, ascending.
Result<void> search_chunk(Session& session, const store::Snapshot& snapshot, const search::Matcher& matcher,
                          const wire::Search& command, const UidSet& chunk, std::vector<Found>& found) {
  const MailboxView& view = session.view();
  const Extent extent = extent_of(command);
  std::optional<Error> failure;
  const auto visit = [&](const store::MessageState& message) {
    const auto number = view.number_of(message.uid);
    if (!number) return true;
    search::StoredContent content(snapshot, message.body);
    const auto matches = matcher.matches(search::Candidate{message, view.recent(message.uid)}, content);
    if (!matches) failure = matches.error();
    if (matches && *matches) found.push_back(Found{command.uid ? message.uid.value() : *number, message.mod_seq});
    return !failure && (extent == Extent::kAll || found.empty());
  };
  TRY(snapshot.for_each(view.mailbox(), chunk, visit));
  if (failure) return std::move(*failure);
  return {};
}

}  // namespace

Task<Reply> run(Session& session, wire::Search command) {
  if (command.charset && *command.charset != "UTF-8" && *command.charset != "US-ASCII") {
    co_return no("Only US-ASCII and UTF-8 are searched", wire::code::kBadCharset);
  }
  if (command.names_mod_seq) session.enable(Feature::kCondstore);
  const MailboxView& view = session.view();
  const search::Matcher matcher(command.program,
                                [&view](const search::SearchNumbers& numbers) { return resolve(view, numbers); });
  const UidSet& known = view.uids();
  const store::Snapshot snapshot = session.store().snapshot();
  const asio::any_io_executor executor = co_await asio::this_coro::executor;

  std::vector<Found> found;
  UidChunks chunks(matcher.bound() ? matcher.bound()->intersection(known) : known, messages_per_turn(matcher.cost()));
  for (UidSet chunk = chunks.next(); !chunk.empty(); chunk = chunks.next()) {
    const auto searched = search_chunk(session, snapshot, matcher, command, chunk, found);
    if (!searched) co_return refused(searched.error());
    if (extent_of(command) == Extent::kFirst && !found.empty()) break;
    co_await asio::post(executor, asio::use_awaitable);
  }
  if (command.returns) {
    write_extended(session, command, found);
  } else {
    write_plain(session, command, found);
  }
  co_return ok("SEARCH completed");
}

}  // namespace imapd::session

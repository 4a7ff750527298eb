#include "imapd/session/search_run.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "imapd/search/stored_content.h"
#include "imapd/session/named_messages.h"

namespace imapd::session {
namespace {

// Keys of an index that are read in one turn.
constexpr std::size_t kIndexedMax = 50'000;

// RFC 3501, section 6.4.4: a message number that is not there matches nothing, and is no error.
UidSet resolve(const MailboxView& view, const search::SearchNumbers& numbers) {
  if (numbers.uid) {
    UidSet uids = view.resolve_uids(numbers.set);
    // UIDs that are yet to come count for results that are kept up to date.
    constexpr Uid kLast(std::numeric_limits<std::uint32_t>::max());
    if (view.largest_uid() == kLast) return uids;
    const UidSet after = UidSet::range(Uid(view.largest_uid().value() + 1), kLast);
    const UidSet later = numbers.set.resolve_uids(kLast).intersection(after);
    for (const UidSet::Range& range : later.ranges()) uids.add_range(range.first, range.last);
    return uids;
  }
  wire::SequenceSet present;
  for (const wire::SequenceSet::Range& range : numbers.set.resolve(view.exists())) {
    if (range.first <= view.exists()) present.add({range.first, std::min(range.last, view.exists())});
  }
  if (numbers.set.has_saved()) present.add_saved();
  return view.resolve_numbers(present).value_or(UidSet());
}

// Searches `chunk`, ascending.
Result<void> search_chunk(const MailboxView& view, const store::Snapshot& snapshot, const search::Matcher& matcher, Extent extent,
                          const UidSet& chunk, std::vector<FoundMessage>& found) {
  std::optional<Error> failure;
  const auto visit = [&](const store::MessageState& message) {
    const auto number = view.number_of(message.uid);
    if (!number) return true;
    search::StoredContent content(snapshot, message.body);
    const auto matches = matcher.matches(search::Candidate{message, view.recent(message.uid)}, content);
    if (!matches) failure = matches.error();
    if (matches && *matches) found.push_back(FoundMessage{message.uid, *number, message.mod_seq});
    return !failure && (extent == Extent::kAll || found.empty());
  };
  TRY(snapshot.for_each(view.mailbox(), chunk, visit));
  if (failure) return std::move(*failure);
  return {};
}

}  // namespace

search::Matcher make_matcher(Session& session, const MailboxView& view, const wire::SearchKey& program) {
  const auto resolve_in_view = [&view](const search::SearchNumbers& numbers) { return resolve(view, numbers); };
  const auto mailbox = session.store().mailbox(view.mailbox());
  // One that is gone has no messages either.
  store::Actor asker = mailbox ? session.actor(*mailbox) : store::Actor();
  return search::Matcher(program, resolve_in_view, session.services().clock.now(), std::move(asker));
}

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

Task<Result<std::vector<FoundMessage>>> find_messages(Session& session, const MailboxView& view, const store::Snapshot& snapshot,
                                                      const search::Matcher& matcher, Extent extent) {
  const UidSet& known = view.uids();
  std::vector<FoundMessage> found;
  UidSet candidates = matcher.bound() ? matcher.bound()->intersection(known) : known;
  if (matcher.only_unclaimed()) {
    // What workers ask again and again. Read by key one by one, a part of a mailbox costs more than all of it in a row.
    const auto unclaimed = snapshot.maybe_unclaimed(view.mailbox(), std::min<std::size_t>(candidates.size() / 4, kIndexedMax));
    if (!unclaimed) co_return unclaimed.error();
    if (*unclaimed) candidates = candidates.intersection(**unclaimed);
  }
  std::uint64_t searched_count = 0;
  UidChunks chunks(candidates, messages_per_turn(matcher.cost()));
  for (UidSet chunk = chunks.next(); !chunk.empty(); chunk = chunks.next()) {
    auto searched = search_chunk(view, snapshot, matcher, extent, chunk, found);
    if (!searched) co_return std::move(searched.error());
    if (extent == Extent::kFirst && !found.empty()) break;
    co_await session.connection().let_others_run();
    searched_count += chunk.size();
    co_await session.tell_progress(searched_count, candidates.size());
    if (session.ending()) co_return make_error(Code::kUnavailable, "The session is ending");
  }
  co_return std::move(found);
}

}  // namespace imapd::session

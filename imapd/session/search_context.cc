#include "imapd/session/search_context.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "imapd/base/limits.h"
#include "imapd/ops/log.h"
#include "imapd/search/stored_content.h"
#include "imapd/session/named_messages.h"
#include "imapd/session/search_run.h"
#include "imapd/session/session.h"
#include "imapd/store/snapshot.h"

namespace imapd::session {
namespace {

// Each message that joins a SORT is compared with some that are there, which reads their headers.
constexpr std::size_t kSortedPerTurn = 16;

bool in_uids(const Session& session, const SearchContext& context) { return context.uid || session.uid_only(); }

wire::EsearchLine line_of(const Session& session, const SearchContext& context) {
  wire::EsearchLine line;
  line.tag = context.tag;
  line.uid = in_uids(session, context);
  line.mailbox = context.mailbox;
  return line;
}

// Position 0: anywhere, as the result is in the order of the mailbox.
std::string unordered(Session& session, const SearchContext& context, const UidSet& uids) {
  return "0 " + (in_uids(session, context) ? uids.to_string() : wire::number_set(numbers_of(session.view(), uids)));
}

void append_position(Session& session, const SearchContext& context, std::string& to, std::size_t index, Uid uid) {
  const std::uint32_t shown = in_uids(session, context) ? uid.value() : session.view().number_of(uid).value_or(0);
  if (!to.empty()) to += ' ';
  to += std::to_string(index + 1) + ' ' + std::to_string(shown);
}

// Takes `gone`, which all match, out of the result and answers how to say it.
std::string remove_from(Session& session, SearchContext& context, const UidSet& gone) {
  context.matching = context.matching.difference(gone);
  if (context.criteria.empty()) return unordered(session, context, gone);
  std::string positions;
  gone.for_each([&](Uid uid) {
    const auto at = std::ranges::find(context.order, uid);
    append_position(session, context, positions, static_cast<std::size_t>(at - context.order.begin()), uid);
    context.order.erase(at);
  });
  return positions;
}

// Where messages belong in the result of one SORT.
class Place {
 public:
  Place(const SearchContext& context, const store::Snapshot& snapshot, MailboxId mailbox)
      : context_(context), snapshot_(snapshot), mailbox_(mailbox) {}

  Result<std::size_t> of(const store::MessageState& message) {
    std::size_t low = 0;
    std::size_t high = context_.order.size();
    while (low < high) {
      // One that is gone already and not yet told of has no place to compare with; the next that is there has.
      std::size_t probe = low + (high - low) / 2;
      std::optional<store::MessageState> other;
      for (; probe < high; ++probe) {
        TRY_ASSIGN(found, snapshot_.message(mailbox_, context_.order[probe]));
        other = std::move(found);
        if (other) break;
      }
      if (!other) {
        high = low + (high - low) / 2;
        continue;
      }
      TRY_ASSIGN(before, is_before(message, *other));
      if (before) {
        high = std::min(probe, low + (high - low) / 2);
      } else {
        low = probe + 1;
      }
    }
    return low;
  }

 private:
  Result<bool> is_before(const store::MessageState& a, const store::MessageState& b) const {
    const bool a_first = a.uid < b.uid;  // What is equal stays in the order of the mailbox.
    search::Sorter sorter(context_.criteria, limits::kSortBytesMax, context_.matcher.asker());
    for (const store::MessageState* message : {a_first ? &a : &b, a_first ? &b : &a}) {
      search::StoredContent content(snapshot_, message->body);
      TRY(sorter.add(*message, content));
    }
    while (sorter.step()) {
    }
    return (sorter.order().front() == 0) == a_first;
  }

  const SearchContext& context_;
  const store::Snapshot& snapshot_;
  const MailboxId mailbox_;
};

Result<std::string> add_to(Session& session, SearchContext& context, const store::Snapshot& snapshot, const UidSet& came) {
  for (const UidSet::Range& range : came.ranges()) context.matching.add_range(range.first, range.last);
  if (context.criteria.empty()) return unordered(session, context, came);
  std::string positions;
  Place place(context, snapshot, session.view().mailbox());
  std::optional<Error> failure;
  TRY(snapshot.for_each(session.view().mailbox(), came, [&](const store::MessageState& message) {
    const auto index = place.of(message);
    if (!index) {
      failure = index.error();
      return false;
    }
    context.order.insert(context.order.begin() + static_cast<std::ptrdiff_t>(*index), message.uid);
    append_position(session, context, positions, *index, message.uid);
    return true;
  }));
  if (failure) return std::move(*failure);
  return positions;
}

// Of each context which messages of `chunk` match now.
Result<std::vector<UidSet>> match_chunk(Session& session, const store::Snapshot& snapshot, const UidSet& chunk) {
  const std::vector<SearchContext>& contexts = session.contexts().all();
  const MailboxView& view = session.view();
  std::vector<UidSet> matched(contexts.size());
  std::optional<Error> failure;
  TRY(snapshot.for_each(view.mailbox(), chunk, [&](const store::MessageState& message) {
    search::StoredContent content(snapshot, message.body);
    for (std::size_t i = 0; i < contexts.size() && !failure; ++i) {
      const auto matches = contexts[i].matcher.matches(search::Candidate{message, view.recent(message.uid)}, content);
      if (!matches) failure = matches.error();
      if (matches && *matches) matched[i].add(message.uid);
    }
    return !failure.has_value();
  }));
  if (failure) return std::move(*failure);
  return matched;
}

// What of `chunk` came to the result of one context and what left it.
Result<void> tell_chunk(Session& session, SearchContext& context, const store::Snapshot& snapshot, const UidSet& chunk,
                        const UidSet& matched) {
  const UidSet left = context.matching.intersection(chunk).difference(matched);
  const UidSet came = matched.difference(context.matching);
  if (left.empty() && came.empty()) return {};
  wire::EsearchLine line = line_of(session, context);
  if (!left.empty()) line.remove_from = remove_from(session, context, left);
  if (!came.empty()) {
    TRY_ASSIGN(added, add_to(session, context, snapshot, came));
    line.add_to = std::move(added);
  }
  session.out().esearch(line);
  return {};
}

std::size_t changes_per_turn(const std::vector<SearchContext>& contexts) {
  std::size_t least = messages_per_turn(search::Matcher::Cost::kState);
  for (const SearchContext& context : contexts) {
    least = std::min(least, messages_per_turn(context.matcher.cost()));
    if (!context.criteria.empty()) least = std::min(least, kSortedPerTurn);
  }
  return least;
}

// Contexts that cannot be kept true any more.
void give_up(Session& session, bool all) {
  std::erase_if(session.contexts().all(), [&session, all](const SearchContext& context) {
    if (!all && SearchContexts::small_enough(context)) return false;
    tell_no_update(session, context.tag);
    return true;
  });
  session.view().watch(!session.contexts().empty());
}

}  // namespace

bool SearchContexts::has(std::string_view tag) const {
  return std::ranges::find(contexts_, tag, &SearchContext::tag) != contexts_.end();
}

bool SearchContexts::small_enough(const SearchContext& context) {
  return context.matching.ranges().size() <= limits::kSavedResultRangesMax &&
         context.order.size() <= limits::kSortContextMessagesMax;
}

bool SearchContexts::add(SearchContext context) {
  if (contexts_.size() >= limits::kSearchContextsMax || !small_enough(context)) return false;
  contexts_.push_back(std::move(context));
  return true;
}

void SearchContexts::cancel(std::string_view tag) {
  std::erase_if(contexts_, [tag](const SearchContext& context) { return context.tag == tag; });
}

void tell_no_update(Session& session, std::string_view tag) {
  session.out().untagged(wire::Condition::kNo, "Too many contexts", wire::code::no_update(tag));
}

std::string keep_updated(Session& session, SearchContext context, std::span<const FoundMessage> found, std::string_view verb) {
  std::vector<Uid> uids;
  uids.reserve(found.size());
  for (const FoundMessage& each : found) uids.push_back(each.uid);
  if (!context.criteria.empty()) context.order = uids;
  std::ranges::sort(uids);
  for (const Uid uid : uids) context.matching.add(uid);
  const bool added = session.contexts().add(std::move(context));
  if (!added) tell_no_update(session, session.tag());
  session.view().watch(!session.contexts().empty());
  return std::string(verb) + (added ? " completed, will notify" : " completed, will not notify");
}

Task<void> tell_gone_from_results(Session& session) {
  const UidSet& gone = session.view().expunges_owed();
  if (gone.empty()) co_return;
  for (SearchContext& context : session.contexts().all()) {
    UidChunks chunks(context.matching.intersection(gone), messages_per_turn(search::Matcher::Cost::kState));
    for (UidSet chunk = chunks.next(); !chunk.empty(); chunk = chunks.next()) {
      wire::EsearchLine line = line_of(session, context);
      line.remove_from = remove_from(session, context, chunk);
      session.out().esearch(line);
      co_await session.flush_if_full();
    }
  }
}

Task<void> tell_changed_results(Session& session) {
  const UidSet& gone = session.view().expunges_owed();
  const store::Snapshot snapshot = session.store().snapshot();
  UidChunks chunks(session.view().take_watched().difference(gone), changes_per_turn(session.contexts().all()));
  for (UidSet chunk = chunks.next(); !chunk.empty() && !session.ending(); chunk = chunks.next()) {
    const auto matched = match_chunk(session, snapshot, chunk);
    bool failed = !matched;
    std::size_t i = 0;
    for (SearchContext& context : session.contexts().all()) {
      if (failed) break;
      failed = !tell_chunk(session, context, snapshot, chunk, (*matched)[i++]);
    }
    if (failed) ops::log_warning("results_unreadable", {{"session", session.id()}});
    give_up(session, failed);
    if (session.contexts().empty()) co_return;
    co_await session.flush_if_full();
    co_await session.connection().let_others_run();
  }
}

}  // namespace imapd::session

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "imapd/base/async.h"
#include "imapd/base/uid_set.h"
#include "imapd/search/match.h"
#include "imapd/search/sort.h"
#include "imapd/wire/response.h"

namespace imapd::session {

class Session;
struct FoundMessage;

// A SEARCH or SORT whose client wants to be told how its result changes (RFC 5267, section 4.3). Message numbers, `$` and the
// present time of its program are those of when it was given.
struct SearchContext {
  std::string tag;
  bool uid = false;  // Told in UIDs, else in message numbers.
  search::Matcher matcher;
  std::vector<search::SortCriterion> criteria;  // Of a SORT; empty: a SEARCH.
  UidSet matching = {};                         // As the client knows it.
  std::vector<Uid> order = {};                  // The same as the SORT has them.
  std::optional<wire::EsearchMailbox> mailbox = {};  // Of ESEARCH: part of what is told.
};

// The contexts of one session; they end with the selected mailbox.
//
// Limits       limits::kSearchContextsMax of them; of a SEARCH with at most limits::kSavedResultRangesMax ranges in its result, of a
//              SORT with at most limits::kSortContextMessagesMax messages in it.
class SearchContexts {
 public:
  bool empty() const { return contexts_.empty(); }
  bool has(std::string_view tag) const;
  // False: there are too many, or its result is too large.
  bool add(SearchContext context);
  void cancel(std::string_view tag);
  void clear() { contexts_.clear(); }
  std::vector<SearchContext>& all() { return contexts_; }

  static bool small_enough(const SearchContext& context);

 private:
  std::vector<SearchContext> contexts_;
};

// From now on the client is told of changes, or, by NO [NOUPDATE], that it will not be (section 4.3.1). `found`: the result in the
// order of the answer. Returns the text that ends the command.
std::string keep_updated(Session& session, SearchContext context, std::span<const FoundMessage> found, std::string_view verb);

// `* NO [NOUPDATE "tag"]`.
void tell_no_update(Session& session, std::string_view tag);

// REMOVEFROM for what is gone: before its EXPUNGE, while its message numbers are still valid, and at once, even where the EXPUNGE must
// wait. For the session that has contexts.
Task<void> tell_gone_from_results(Session& session);
// ADDTO and REMOVEFROM for what came and what changed; after EXISTS and FETCH.
Task<void> tell_changed_results(Session& session);

}  // namespace imapd::session

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "imapd/base/flag.h"
#include "imapd/base/ids.h"
#include "imapd/wire/annotation.h"
#include "imapd/wire/sequence_set.h"

namespace imapd::wire {

struct SearchKey;

// ALL.
struct SearchAll {};
// ANSWERED, UNANSWERED, SEEN, ..., KEYWORD x, UNKEYWORD x. `KEYWORD \Claimed` and `KEYWORD $Claimed` are one.
struct SearchFlag {
  Flag flag;
  bool set;
};
// RECENT, OLD. NEW is SearchAnd{RECENT, UNSEEN}.
struct SearchRecent {
  bool set;
};
// A sequence-set, or UID and one.
struct SearchNumbers {
  SequenceSet set;
  bool uid;
};
// BCC, CC, FROM, SUBJECT, TO and HEADER name: the named field contains `value` ("" = the field is there).
struct SearchHeader {
  std::string field;
  std::string value;
};
struct SearchBody {
  std::string value;
};
struct SearchText {
  std::string value;
};
// BEFORE, ON, SINCE and their SENT and SAVED (RFC 8514) twins. Time of day and zone do not count (RFC 3501, 6.4.4).
struct SearchDate {
  enum class Source { kInternal, kSent, kSaved };
  enum class Relation { kBefore, kOn, kSince };
  Source source;
  Relation relation;
  std::chrono::year_month_day date;
};
// RFC 5032: came at least (OLDER) or at most (YOUNGER) so many seconds ago, by its internal date with its time of day.
struct SearchAge {
  enum class Relation { kOlder, kYounger };
  Relation relation;
  std::uint32_t seconds;  // Never 0.
};
struct SearchSize {
  enum class Relation { kLarger, kSmaller };
  Relation relation;
  std::uint64_t octets;
};
// RFC 7162, 3.1.5: mod-sequence >= at_least. `flag` is set when the entry name "/flags/..." was given: only that flag's counts.
struct SearchModSeq {
  enum class EntryType { kPrivate, kShared, kAll };
  ModSeq at_least;
  std::optional<Flag> flag;
  EntryType entry_type = EntryType::kAll;
};
// EMAILID (RFC 8474); nullopt: one that no message has. THREADID is always so, as there are no threads.
struct SearchEmailId {
  std::optional<std::uint64_t> email_id;
};
// FILTER (RFC 5466): the search program that the server keeps under this name. It is put in before anything is searched.
struct SearchFilter {
  std::string name;  // As sent.
};
// All of `keys`, at least one: a parenthesised list, or the whole search program.
struct SearchAnd {
  std::vector<SearchKey> keys;
};
// Any of `keys`, at least two: `OR a OR b c` is flattened into one.
struct SearchOr {
  std::vector<SearchKey> keys;
};
// Exactly one key; `NOT NOT x` is reduced to x.
struct SearchNot {
  std::vector<SearchKey> keys;
};

// Nested at most limits::kParenthesisDepthMax deep, at most limits::kSearchKeysMax keys in all: safe to visit by recursion.
struct SearchKey {
  std::variant<SearchAll, SearchFlag, SearchRecent, SearchNumbers, SearchHeader, SearchBody, SearchText, SearchDate, SearchAge,
               SearchSize, SearchModSeq, SearchEmailId, SearchFilter, SearchAnnotation, SearchAnd, SearchOr, SearchNot>
      key;
};

}  // namespace imapd::wire

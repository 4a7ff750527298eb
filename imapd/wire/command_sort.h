#pragma once

#include <optional>
#include <string>
#include <vector>

#include "imapd/wire/result_options.h"
#include "imapd/wire/search_keys.h"

namespace imapd::wire {

// RFC 5256, and for the last two RFC 5957.
enum class SortKey { kArrival, kCc, kDate, kFrom, kSize, kSubject, kTo, kDisplayFrom, kDisplayTo };
struct SortCriterion {
  SortKey key;
  bool reverse = false;
  friend bool operator==(const SortCriterion&, const SortCriterion&) = default;
};

struct Sort {
  bool uid = false;
  std::optional<ResultOptions> returns;  // ESORT (RFC 5267); nullopt: answer with `* SORT`.
  std::vector<SortCriterion> criteria;   // At least one; each key once, as a second time it decides nothing.
  std::string charset;                   // In capitals, as asked for.
  SearchKey program;
  bool names_mod_seq = false;  // As in Search.
};

enum class ThreadAlgorithm { kOrderedSubject, kReferences };
struct Thread {
  bool uid = false;
  ThreadAlgorithm algorithm = ThreadAlgorithm::kReferences;
  std::string charset;  // In capitals, as asked for.
  SearchKey program;
  bool names_mod_seq = false;  // Enables CONDSTORE.
};

}  // namespace imapd::wire

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "imapd/wire/annotation.h"
#include "imapd/wire/result_options.h"
#include "imapd/wire/search_keys.h"

namespace imapd::wire {

// RFC 5256, then RFC 5957 for two, and RFC 5257.
enum class SortKey { kArrival, kCc, kDate, kFrom, kSize, kSubject, kTo, kDisplayFrom, kDisplayTo, kAnnotation };
struct SortCriterion {
  SortKey key;
  bool reverse = false;
  SortAnnotation annotation = {};  // Of kAnnotation.
  friend bool operator==(const SortCriterion&, const SortCriterion&) = default;
};

struct Sort {
  bool uid = false;
  std::optional<ResultOptions> returns;  // ESORT (RFC 5267); nullopt: answer with `* SORT`.
  std::vector<SortCriterion> criteria;   // At least one; each once, as a second time it decides nothing.
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

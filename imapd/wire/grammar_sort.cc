#include "imapd/wire/grammar_sort.h"

#include <algorithm>
#include <array>
#include <utility>

#include "imapd/wire/grammar_annotation.h"
#include "imapd/wire/grammar_atoms.h"
#include "imapd/wire/grammar_result_options.h"
#include "imapd/wire/grammar_search.h"

namespace imapd::wire {
namespace {

constexpr std::array<std::pair<std::string_view, SortKey>, 9> kSortKeys = {{{"ARRIVAL", SortKey::kArrival},
                                                                           {"CC", SortKey::kCc},
                                                                           {"DATE", SortKey::kDate},
                                                                           {"FROM", SortKey::kFrom},
                                                                           {"SIZE", SortKey::kSize},
                                                                           {"SUBJECT", SortKey::kSubject},
                                                                           {"TO", SortKey::kTo},
                                                                           {"DISPLAYFROM", SortKey::kDisplayFrom},
                                                                           {"DISPLAYTO", SortKey::kDisplayTo}}};

// sort-criterion = ["REVERSE" SP] sort-key
Result<SortCriterion> parse_sort_criterion(Cursor& cursor) {
  std::string word = parse_keyword(cursor);
  const bool reverse = word == "REVERSE";
  if (reverse) {
    TRY(cursor.expect(' ', "after REVERSE"));
    word = parse_keyword(cursor);
  }
  for (const auto& [name, key] : kSortKeys) {
    if (word == name) return SortCriterion{key, reverse};
  }
  if (word == "ANNOTATION") {
    TRY_ASSIGN(annotation, parse_sort_annotation(cursor));
    return SortCriterion{SortKey::kAnnotation, reverse, std::move(annotation)};
  }
  return unknown_word("sort key", word);
}

// sort-criteria = "(" sort-criterion *(SP sort-criterion) ")"
Result<std::vector<SortCriterion>> parse_sort_criteria(Cursor& cursor) {
  std::vector<SortCriterion> criteria;
  TRY(cursor.expect('(', "before the sort criteria"));
  do {
    TRY_ASSIGN(criterion, parse_sort_criterion(cursor));
    const auto same_key = [&criterion](const SortCriterion& other) {
      return other.key == criterion.key && other.annotation == criterion.annotation;
    };
    if (std::ranges::none_of(criteria, same_key)) criteria.push_back(std::move(criterion));
  } while (cursor.skip(' '));
  TRY(cursor.expect(')', "after the sort criteria"));
  return criteria;
}

// search-criteria = charset 1*(SP search-key)
template <class Command>
Result<void> parse_search_criteria(Cursor& cursor, Command& command) {
  TRY_ASSIGN(charset, parse_astring(cursor, "charset"));
  command.charset = to_upper(charset);
  TRY(cursor.expect(' ', "after the charset"));
  TRY_ASSIGN(searched, parse_search_program(cursor));
  command.program = std::move(searched.program);
  command.names_mod_seq = searched.names_mod_seq;
  return {};
}

}  // namespace

// sort = ["UID" SP] "SORT" [SP "RETURN" SP "(" ... ")"] SP sort-criteria SP search-criteria (RFC 5267)
Result<Sort> parse_sort(Cursor& cursor, Numbering numbering) {
  Sort sort;
  sort.uid = numbering == Numbering::kUid;
  Cursor ahead = cursor;
  if (parse_keyword(ahead) == "RETURN") {
    cursor = ahead;
    TRY_ASSIGN(options, parse_result_options(cursor));
    sort.returns = options;
    TRY(cursor.expect(' ', "after the RETURN options"));
  }
  TRY_ASSIGN(criteria, parse_sort_criteria(cursor));
  sort.criteria = std::move(criteria);
  TRY(cursor.expect(' ', "after the sort criteria"));
  TRY(parse_search_criteria(cursor, sort));
  return sort;
}

// thread = ["UID" SP] "THREAD" SP thread-alg SP search-criteria
Result<Thread> parse_thread(Cursor& cursor, Numbering numbering) {
  Thread thread;
  thread.uid = numbering == Numbering::kUid;
  const std::string word = parse_keyword(cursor);
  if (word == "ORDEREDSUBJECT") {
    thread.algorithm = ThreadAlgorithm::kOrderedSubject;
  } else if (word == "REFERENCES") {
    thread.algorithm = ThreadAlgorithm::kReferences;
  } else {
    return unknown_word("threading algorithm", word);
  }
  TRY(cursor.expect(' ', "after the threading algorithm"));
  TRY(parse_search_criteria(cursor, thread));
  return thread;
}

}  // namespace imapd::wire

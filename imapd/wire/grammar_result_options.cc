#include "imapd/wire/grammar_result_options.h"

#include <algorithm>

#include "imapd/wire/grammar_atoms.h"

namespace imapd::wire {

std::pair<std::size_t, std::size_t> PartialRange::of(std::size_t count) const {
  const std::size_t low = std::min<std::size_t>(std::min(first, last) - std::size_t{1}, count);
  const std::size_t high = std::min<std::size_t>(std::max(first, last), count);
  if (from_end) return {count - high, count - low};
  return {low, high};
}

std::string PartialRange::to_string() const {
  const std::string sign = from_end ? "-" : "";
  return sign + std::to_string(first) + ':' + sign + std::to_string(last);
}

// partial-range = partial-range-first / partial-range-last
// partial-range-first = nz-number ":" nz-number
// partial-range-last = MINUS nz-number ":" MINUS nz-number (RFC 9394)
Result<PartialRange> parse_partial_range(Cursor& cursor) {
  PartialRange range;
  range.from_end = cursor.skip('-');
  TRY_ASSIGN(first, parse_nz_number(cursor, "first number of PARTIAL"));
  TRY(cursor.expect(':', "between the numbers of PARTIAL"));
  if (cursor.skip('-') != range.from_end) return syntax_error("both numbers of PARTIAL count from the same end");
  TRY_ASSIGN(last, parse_nz_number(cursor, "second number of PARTIAL"));
  range.first = first;
  range.last = last;
  return range;
}

namespace {

Result<void> parse_result_option(Cursor& cursor, ResultOptions& options) {
  const std::string word = parse_keyword(cursor);
  if (word == "PARTIAL") {
    if (options.partial) return syntax_error("PARTIAL is repeated");
    TRY(cursor.expect(' ', "after PARTIAL"));
    TRY_ASSIGN(range, parse_partial_range(cursor));
    options.partial = range;
  } else if (word == "MIN") {
    options.min = true;
  } else if (word == "MAX") {
    options.max = true;
  } else if (word == "ALL") {
    options.all = true;
  } else if (word == "COUNT") {
    options.count = true;
  } else if (word == "SAVE") {
    options.save = true;
  } else if (word == "CONTEXT") {
    options.context = true;
  } else if (word == "UPDATE") {
    options.update = true;
  } else {
    return unknown_word("RETURN option", word);
  }
  return {};
}

}  // namespace

// search-return-opts = SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")" (RFC 4466)
// search-return-opt = "MIN" / "MAX" / "ALL" / "COUNT" (RFC 4731) / "SAVE" (RFC 5182) / "PARTIAL" SP partial-range (RFC 9394) /
//                     "CONTEXT" / "UPDATE" (RFC 5267)
Result<ResultOptions> parse_result_options(Cursor& cursor) {
  ResultOptions options;
  TRY(cursor.expect(' ', "after RETURN"));
  TRY(cursor.expect('(', "after RETURN"));
  if (cursor.skip(')')) return options;
  do {
    TRY(parse_result_option(cursor, options));
  } while (cursor.skip(' '));
  TRY(cursor.expect(')', "after the RETURN options"));
  if (options.all && options.partial) return syntax_error("ALL and PARTIAL exclude each other");
  return options;
}

}  // namespace imapd::wire

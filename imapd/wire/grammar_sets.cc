#include "imapd/wire/grammar_sets.h"

#include "imapd/wire/grammar_atoms.h"

namespace imapd::wire {
namespace {

// seq-number = nz-number / "*"
Result<std::uint32_t> parse_seq_number(Cursor& cursor) {
  if (cursor.skip('*')) return SequenceSet::kStar;
  return parse_nz_number(cursor, "number in a sequence set");
}

}  // namespace

// sequence-set = (seq-number / seq-range) *("," sequence-set)
// sequence-set =/ "$" (RFC 5182)
// seq-range = seq-number ":" seq-number
Result<SequenceSet> parse_sequence_set(Cursor& cursor) {
  SequenceSet set;
  do {
    if (cursor.skip('$')) {
      set.add_saved();
      continue;
    }
    TRY_ASSIGN(first, parse_seq_number(cursor));
    std::uint32_t last = first;
    if (cursor.skip(':')) {
      TRY_ASSIGN(second, parse_seq_number(cursor));
      last = second;
    }
    set.add({.first = first, .last = last});
  } while (cursor.skip(','));
  return set;
}

// known-uids = sequence-set ; * is not allowed
Result<SequenceSet> parse_known_set(Cursor& cursor) {
  TRY_ASSIGN(set, parse_sequence_set(cursor));
  if (set.has_star()) return syntax_error("a set of known messages must not hold '*'");
  if (set.has_saved()) return syntax_error("a set of known messages must not hold '$'");
  return set;
}

}  // namespace imapd::wire

#include "imapd/wire/search_text.h"

#include <algorithm>

#include "imapd/wire/grammar_atoms.h"
#include "imapd/wire/grammar_search.h"

namespace imapd::wire {

Result<SearchProgram> parse_search_text(std::string_view text) {
  Cursor cursor(text);
  TRY_ASSIGN(program, parse_search_program(cursor));
  if (!cursor.rest().empty()) return syntax_error("unexpected text after the search keys");
  return program;
}

bool is_filter_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return is_atom_char(c) && c != '/'; });
}

}  // namespace imapd::wire

#include "imapd/wire/grammar_connection.h"

#include "imapd/wire/grammar_atoms.h"

namespace imapd::wire {

Result<Compress> parse_compress(Cursor& cursor) {
  std::string mechanism = to_upper(cursor.take_while(is_atom_char));
  if (mechanism.empty()) return syntax_error("the name of an algorithm expected");
  return Compress{.mechanism = std::move(mechanism)};
}

}  // namespace imapd::wire

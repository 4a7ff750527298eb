#include "imapd/wire/grammar_context.h"

#include <utility>

#include "imapd/wire/grammar_atoms.h"

namespace imapd::wire {

// command-select =/ "CANCELUPDATE" 1*(SP quoted) (RFC 5267)
Result<CancelUpdate> parse_cancel_update(Cursor& cursor) {
  CancelUpdate command;
  do {
    TRY_ASSIGN(tag, parse_quoted(cursor, "tag", Quoted8Bit::kRefused));
    command.tags.push_back(std::move(tag));
  } while (cursor.skip(' '));
  return command;
}

}  // namespace imapd::wire

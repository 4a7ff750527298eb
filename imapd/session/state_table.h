#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "imapd/session/mailbox_view.h"
#include "imapd/wire/command.h"

namespace imapd::session {

// RFC 3501, section 3. Logout is no state here: after it there is no session.
enum class State : std::uint8_t { kNotAuthenticated, kAuthenticated, kSelected };

// Where a command may stand and what it does to message numbers. Pure; one row for each command of wire::Command.
struct CommandRow {
  enum class Where { kAnyState, kNotAuthenticated, kAuthenticatedOrSelected, kSelected };
  // What the loop tells of the selected mailbox before the tagged answer.
  enum class Sync {
    kNone,             // The command ends or replaces the view, or there is none.
    kWithoutExpunges,  // FETCH, STORE, SEARCH with message numbers (RFC 3501, section 7.4.1).
    kWithExpunges,
  };
  std::string_view name;
  Where where;
  Sync sync;
};

CommandRow row_of(const wire::Command& command);
// Why `row` may not be run in `state`: the text of BAD. nullopt: it may.
std::optional<std::string> refusal(const CommandRow& row, State state);

}  // namespace imapd::session

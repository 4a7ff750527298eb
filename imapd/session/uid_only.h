#pragma once

#include "imapd/wire/command.h"

namespace imapd::session {

// Is a sequence-set of message numbers a key of it, at any depth?
bool names_message_numbers(const wire::SearchKey& program);
// Does the command name messages by numbers, or is its answer one of numbers? With UIDONLY enabled it is refused: BAD
// [UIDREQUIRED] (RFC 9586). A command of the kind has a field `uid`, and with it a UID form.
bool needs_message_numbers(const wire::Command& command);

}  // namespace imapd::session

#pragma once

#include <string_view>
#include <variant>

#include "imapd/wire/command.h"
#include "imapd/wire/parse_options.h"

namespace imapd::wire {

// One whole command as Framer gives it: its lines with the literals inline, with or without the last line end. Total: every
// input gives one of the two. Time and memory are linear in the frame's size. Safe from any thread.
std::variant<Command, BadCommand> parse_command(std::string_view frame, ParseOptions options = {});

}  // namespace imapd::wire

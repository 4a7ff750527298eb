#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "imapd/wire/command.h"
#include "imapd/wire/framer.h"

namespace imapd::wire {

// A command as one line that shows every field that is not at its default: `a FETCH uid 1:* [FLAGS,MODSEQ] changedsince 5`.
std::string describe(const Command& command);
std::string describe(const SearchKey& key);
// `tag BAD text` for a command that is bad.
std::string parse_and_describe(std::string_view frame);

// What the framer says, in order: "frame:<bytes>", "continue", "line tag", "literal tag", "message tag", "... close".
using Events = std::vector<std::string>;
// Feeds the pieces one after another, asking until it says NeedBytes after each.
Events run_framer(const FramerLimits& limits, const std::vector<std::string_view>& pieces);
// Runs `bytes` whole, one byte at a time and cut in two at every place; fails the test when they differ.
Events run_framer_every_way(const FramerLimits& limits, std::string_view bytes);

}  // namespace imapd::wire

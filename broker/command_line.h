#pragma once

#include <variant>

#include "imapd/ops/config.h"

namespace broker {

// What was wrong is on standard error, what was asked for (--help, --version) on standard output.
struct ExitCode {
  int value = 0;
};
inline constexpr ExitCode kBadConfiguration{2};

// The configuration: the defaults, over them the file of --config, over that the command line; validated.
std::variant<imapd::ops::Config, ExitCode> parse_command_line(int argc, char** argv);

}  // namespace broker

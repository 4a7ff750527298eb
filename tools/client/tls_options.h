// The options about TLS that all tools have.
#pragma once

#include <CLI/CLI.hpp>

#include "tools/client/connection.h"

namespace tools::client {

// `tls` outlives the parsing.
void add_tls_options(CLI::App& app, Tls& tls);

}  // namespace tools::client

#pragma once

#include <string>

#include "imapd/base/error.h"

namespace broker {

// Where a running server can be reached, for scripts and tests: `DIR/endpoints.json`.
struct Endpoints {
  std::string imap;  // host:port
  std::string grpc;
  std::string imaps;  // Empty: there is none.
  std::string grpcs;  // As imaps.
};

// Replaces the file in one step. kIo.
imapd::Result<void> write_endpoints_file(const std::string& directory, const Endpoints& endpoints);
// At a clean end, and at the start, for after a kill the file stays.
void remove_endpoints_file(const std::string& directory);

}  // namespace broker

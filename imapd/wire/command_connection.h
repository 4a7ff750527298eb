#pragma once

#include <string>

namespace imapd::wire {

// RFC 4978.
struct Compress {
  std::string mechanism;  // In capitals.
};
// RFC 8437.
struct Unauthenticate {};

}  // namespace imapd::wire

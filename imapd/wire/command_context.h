#pragma once

#include <string>
#include <vector>

namespace imapd::wire {

// RFC 5267, section 4.3.5: the tags of the commands that asked for updates, at least one.
struct CancelUpdate {
  std::vector<std::string> tags;
};

}  // namespace imapd::wire

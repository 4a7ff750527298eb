#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// GETMETADATA and SETMETADATA (RFC 5464). The mailbox "" stands for the server. Entry names are in lower case: they are compared
// without case (section 3.2).
namespace imapd::wire {

struct GetMetadata {
  enum class Depth { kSelf, kChildren, kAll };
  std::string mailbox;
  std::vector<std::string> entries;  // At least one, each once.
  std::optional<std::uint32_t> size_max;
  Depth depth = Depth::kSelf;
};
struct SetMetadata {
  std::string mailbox;
  std::vector<std::pair<std::string, std::optional<std::string>>> entries;  // At least one; nullopt: NIL.
};

}  // namespace imapd::wire

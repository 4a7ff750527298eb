#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// GETQUOTA, GETQUOTAROOT and SETQUOTA (RFC 9208).
namespace imapd::wire {

struct GetQuota {
  std::string root;
};
struct GetQuotaRoot {
  std::string mailbox;
};
struct SetQuota {
  std::string root;
  std::vector<std::pair<std::string, std::uint64_t>> limits;  // Resource in capitals; may be empty: no limits.
};

}  // namespace imapd::wire

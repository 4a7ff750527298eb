#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "imapd/base/ids.h"

// Annotations of mailboxes and of the server (RFC 5464), and the limits of personal trees (RFC 9208): small values beside the mail.
namespace imapd::store {

// Annotations of the server stand under this instead of a mailbox.
inline constexpr MailboxId kServerMetadata{0};

// One annotation. `owner` is empty for `/shared/...`, else the user whose `/private/...` it is; `entry` is the whole name with its
// prefix, in lower case: entry names are compared without case (RFC 5464, section 3.2).
struct MetadataChange {
  std::string owner;
  std::string entry;
  std::optional<std::string> value;  // nullopt removes it.
};
struct SetMetadata {
  MailboxId mailbox = kServerMetadata;
  std::vector<MetadataChange> changes;  // All or none.
  std::string by;                       // Goes into the TreeEvent: the session that need not be told.
};  // kNotFound: no such mailbox. kResourceExhausted: more than kMetadataEntriesMax. kInvalidArgument: a value that is too large.

using MetadataEntry = std::pair<std::string, std::string>;  // Name, value.

// 0: no limit.
struct UserQuota {
  std::uint64_t messages_max = 0;
  std::uint64_t bytes_max = 0;
  std::uint64_t mailboxes_max = 0;
  friend bool operator==(const UserQuota&, const UserQuota&) = default;
};
// The limits of one user's personal tree. What is over a new limit stays; nothing more comes in.
struct SetUserQuota {
  std::string user;
  UserQuota quota;
};

}  // namespace imapd::store

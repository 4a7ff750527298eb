#pragma once

#include <optional>
#include <string>
#include <vector>

#include "imapd/base/flag.h"
#include "imapd/wire/date_time.h"
#include "imapd/wire/sequence_set.h"

namespace imapd::wire {

// append-message (RFC 4466, section 6): what is to become one message.
struct AppendMessage {
  std::vector<Flag> flags;
  std::optional<DateTime> date;
  std::string text;  // Holds NULs only when it came as a literal8 (RFC 3516).
};
struct Append {
  std::string mailbox;
  std::vector<AppendMessage> messages;  // At least one; more of them: MULTIAPPEND (RFC 3502).
};

// RFC 8508.
struct Replace {
  bool uid = false;
  SequenceSet set;  // One number, or `*`.
  std::string mailbox;
  AppendMessage with;
};

}  // namespace imapd::wire

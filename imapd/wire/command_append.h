#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "imapd/base/flag.h"
#include "imapd/wire/annotation.h"
#include "imapd/wire/date_time.h"
#include "imapd/wire/sequence_set.h"

namespace imapd::wire {

// A piece of a message: sent by the client, or named by it (RFC 4469): the URL as sent, for parse_message_url() to read.
struct MessageUrl {
  std::string url;
};
using MessagePart = std::variant<std::string, MessageUrl>;

// append-message (RFC 4466, section 6): what is to become one message.
struct AppendMessage {
  std::vector<Flag> flags;
  std::optional<DateTime> date;
  std::vector<SetAnnotation> annotations;  // RFC 5257.
  std::string text;  // Holds NULs only when it came as a literal8 (RFC 3516).
  std::vector<MessagePart> catenate;  // Not empty: the text is what these come to, and `text` is empty.
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

#pragma once

#include <map>
#include <string>
#include <string_view>

#include "imapd/base/clock.h"

namespace imapd::mime {

inline constexpr int kDefaultPriority = 4;
inline constexpr int kPriorityMax = 9;

// A message as workers see it. Any string may hold any bytes.
struct QueueMessage {
  std::map<std::string, std::string> attributes;
  std::string content_type;  // Empty is application/octet-stream, and comes back as that.
  std::string body;
  std::string key;
  std::string group;
  int priority = kDefaultPriority;  // 0 to 9.
  std::string message_id;  // Without angle brackets. Characters that a msg-id may not hold become `_`.
  Timestamp date{};        // Stored to the second.
  std::string queue;
};

// The RFC 5322 message that is stored (FORMAT: fields below, then the body).
//   From, Date, Message-ID, Subject, MIME-Version, Content-Type, Content-Transfer-Encoding
//   Claimq-Version: 1                       marks a message written here
//   Claimq-Attribute: name; value="..."     one for each attribute, RFC 2231 where needed; a name that is no
//   token is in `name*=` Claimq-Key, Claimq-Group, Claimq-Priority, Claimq-Queue, Claimq-Content-Type: only
//   where they say something; RFC 2047
//     where needed
// The body stays as it is where it is valid UTF-8 with CRLF line ends or none, no NUL and no line over 998
// bytes; else it is base64. No value can begin a field of its own.
std::string compose(const QueueMessage& message);

// The inverse of compose(). A message that did not come from compose() gets each of its fields as attribute
// `header.<name>` (name in lower case, value decoded, repeated fields joined by a line feed), its
// Content-Type, and its body without transfer encoding; the body of a multipart is left as it is. Claimq-*
// fields mean the same in both. Total: any bytes give a message.
QueueMessage decode(std::string_view rfc5322);

}  // namespace imapd::mime

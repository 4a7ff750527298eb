#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "imapd/base/error.h"
#include "imapd/base/ids.h"
#include "imapd/wire/fetch_items.h"

namespace imapd::wire {

// A message of this server, or a part of one, as CATENATE names it (RFC 4469, section 3; RFC 5092, section 11: ipath-query).
struct MessageLocation {
  std::optional<std::string> mailbox;  // UTF-8, INBOX canonical. nullopt: the selected one, for `;UID=20` and `/;UID=20`.
  std::optional<UidValidity> uid_validity;
  Uid uid;
  SectionSpec section;             // kWhole without part: the message.
  std::optional<Partial> partial;  // ";PARTIAL=0.1024"; without a length: up to the end.
};

// Of this server's messages and of nobody else's: `[/mailbox[;UIDVALIDITY=n]]/;UID=n[/;SECTION=...][/;PARTIAL=o[.n]]`, and `;UID=n...`
// for the selected mailbox. Words in any case, everything percent-encoded. kInvalidArgument: anything else, such as a scheme, a
// server (RFC 4469, section 3) or a URLAUTH.
Result<MessageLocation> parse_message_url(std::string_view url);

}  // namespace imapd::wire

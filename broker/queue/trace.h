#pragma once

#include <string>

#include "imapd/store/mailbox.h"
#include "imapd/store/message.h"

namespace broker::queue {

// The header lines that a dead letter gets in front, CRLF included (MODEL.md). Nothing in `reason` or in the holder's name can
// begin a line of its own: what a header cannot hold becomes RFC 2047 encoded-words.
std::string dead_letter_trace(const imapd::store::MailboxInfo& from, const imapd::store::MessageState& message,
                              const std::string& reason, imapd::Timestamp now);

// The queue that a message in `dead_letters` came from: what its trace says, else the level above "/Dead"; empty: none is known.
// Whether there is such a queue (still) is not asked.
std::string origin_of(const std::string& dead_letters, const imapd::store::MessageState& message);

}  // namespace broker::queue

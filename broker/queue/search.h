#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "imapd/base/clock.h"
#include "imapd/base/error.h"
#include "imapd/search/match.h"
#include "imapd/store/mailbox.h"
#include "imapd/store/snapshot.h"

namespace broker::queue {

// A search of a queue, in IMAP's words, for those who have no IMAP session.
class QueueSearch {
 public:
  // kInvalidArgument says what is wrong with the text, or that a key needs a session. Empty: everything matches.
  static imapd::Result<QueueSearch> parse(const std::string& text, const imapd::store::MailboxInfo& queue, imapd::Timestamp now);

  imapd::Result<bool> matches(const imapd::store::Snapshot& snapshot, const imapd::store::MessageState& message);
  // How many messages may be looked at in one go, so that nobody waits long for a page: fewer where bodies are read.
  std::size_t examined_max() const;
  // So much was read, for each key that reads, that the page ends here.
  bool has_read_enough() const { return read_bytes_ > kReadBytesMax; }

 private:
  QueueSearch() = default;
  static constexpr std::uint64_t kReadBytesMax = 64 * 1024 * 1024;

  std::optional<imapd::search::Matcher> matcher_;
  std::uint64_t reading_keys_ = 0;  // BODY and TEXT: each goes through the whole message.
  std::uint64_t read_bytes_ = 0;
};

}  // namespace broker::queue

#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "imapd/base/ids.h"
#include "imapd/store/change_feed.h"

namespace imapd::session {
class Session;
}

namespace imapd::ext {

// After ENABLE METADATA: annotations of the server, and of mailboxes that the user may ask for them, that somebody else has
// changed (RFC 5464, section 4.4.2).
//
// Limits       kMetadataNewsMax entries until the next look; what changes beyond them is not told.
// Concurrency  The session's strand; news are written by the committer thread.
class MetadataWatch {
 public:
  // The session outlives it.
  explicit MetadataWatch(session::Session& session);
  MetadataWatch(const MetadataWatch&) = delete;

  // Lines for what has changed since the last call. What NOTIFY is asked for takes their place (RFC 5465, sections 5.7 and 5.8).
  void tell();

 private:
  // By mailbox; nullopt: the server's.
  using News = std::map<std::optional<MailboxId>, std::set<std::string>>;

  void put(const store::TreeEvent& event);

  session::Session& session_;
  const std::string user_;
  const std::string by_;
  std::mutex mutex_;
  News news_;              // Guarded by mutex_, as the next one.
  std::size_t count_ = 0;  // Entries of news_.
  store::ChangeFeed::Subscription subscription_;  // Last: it ends before what it writes.
};

}  // namespace imapd::ext

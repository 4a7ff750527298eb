#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "imapd/base/callback.h"
#include "imapd/base/error.h"
#include "imapd/store/mailbox.h"

namespace imapd::session {

// Where the sessions meet the queues' rules, which they do not know: settings and counters of a queue as names and texts.
//
// Concurrency  All members may be called from any thread.
class QueueDoor {
 public:
  struct Setting {
    std::string name;
    std::string value;
  };
  struct Change {
    MailboxId queue;
    struct Item {
      std::string name;
      std::optional<std::string> value;  // nullopt: back to the default.
    };
    std::vector<Item> items;  // All or none.
    // May the caller let dead letters fall into this mailbox, or make it? Asked when that setting changes.
    UniqueFunction<bool(const std::string& mailbox)> may_send_to;
  };

  virtual ~QueueDoor() = default;
  // May the caller know how many messages are in there?
  using MayCount = std::function<bool(const store::MailboxInfo& mailbox)>;
  // Of a queue, by name; empty for a mailbox that is none. Of the dead letters' mailbox only what `may_count` lets. Reads the disk
  // for the age of the oldest message.
  virtual std::vector<Setting> settings(const store::MailboxInfo& mailbox, const MayCount& may_count) const = 0;
  // kInvalidArgument says which setting is wrong and what it may be; kPermissionDenied; kNotFound.
  virtual void change(Change change, Callback<Result<void>> done) = 0;
};

}  // namespace imapd::session

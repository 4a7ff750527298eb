#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "imapd/wire/fetch_items.h"

// NOTIFY (RFC 5465). Mailbox names are UTF-8, and INBOX in any case is "INBOX".
namespace imapd::wire {

enum class NotifyEvent : std::uint8_t {
  kMessageNew,  // Always together with kMessageExpunge.
  kMessageExpunge,
  kFlagChange,  // Only together with both.
  kMailboxName,
  kSubscriptionChange,
  kMailboxMetadataChange,
  kServerMetadataChange,
};

class NotifyEvents {
 public:
  constexpr NotifyEvents() = default;
  constexpr void add(NotifyEvent event) { bits_ = static_cast<std::uint8_t>(bits_ | bit(event)); }
  constexpr void add(NotifyEvents events) { bits_ = static_cast<std::uint8_t>(bits_ | events.bits_); }
  constexpr bool has(NotifyEvent event) const { return (bits_ & bit(event)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }

 private:
  static constexpr unsigned bit(NotifyEvent event) { return 1u << static_cast<unsigned>(event); }
  std::uint8_t bits_ = 0;
};

struct NotifyGroup {
  enum class Mailboxes { kSelected, kSelectedDelayed, kInboxes, kPersonal, kSubscribed, kSubtree, kNamed };
  Mailboxes mailboxes = Mailboxes::kPersonal;
  std::vector<std::string> names;     // Of the last two, at least one.
  NotifyEvents events;                // None: NONE. Of the first two only events of messages.
  std::vector<FetchItem> new_items;   // Of the first two: MessageNew's.
};

// NOTIFY NONE when there are no groups. At most one group is of the selected mailbox.
struct Notify {
  bool status = false;
  std::vector<NotifyGroup> groups;
  bool unknown_event = false;  // An event was named that the server does not know: answer NO [BADEVENT].
};

}  // namespace imapd::wire

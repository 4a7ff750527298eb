#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "imapd/base/clock.h"
#include "imapd/base/ids.h"

namespace imapd::store {

// Where a mailbox stands. `owner` is empty in the shared tree, where the queues are; else the user whose personal mailbox it is.
// `name` is UTF-8 with `/` between levels; a personal INBOX is exactly "INBOX".
struct MailboxPath {
  std::string owner;
  std::string name;
  friend auto operator<=>(const MailboxPath&, const MailboxPath&) = default;
};

enum class MailboxKind { kPersonal, kQueue, kDeadLetters };

// A queue's settings, all values explicit. broker/queue gives them meaning; the store keeps them and enforces the two maxima.
struct Policy {
  Millis lease_default{60'000};
  Millis lease_min{1'000};
  Millis lease_max{24 * 3'600'000};
  std::uint32_t failures_max = 5;
  std::string dead_letters;  // Empty: `<queue>/Dead`.
  Millis backoff_base{1'000};
  std::uint32_t backoff_factor_percent = 200;
  Millis backoff_cap{300'000};
  bool release_on_disconnect = false;
  std::uint64_t messages_max = 0;  // 0: no maximum.
  std::uint64_t bytes_max = 0;
  bool enqueue_paused = false;
  bool claim_paused = false;
  friend bool operator==(const Policy&, const Policy&) = default;
};

struct Counters {
  std::uint64_t messages = 0;
  std::uint64_t unseen = 0;
  std::uint64_t deleted = 0;
  std::uint64_t size_bytes = 0;
  std::uint64_t ready = 0;      // These three stay 0 in personal mailboxes.
  std::uint64_t claimed = 0;    // By a consumer; not counting scheduled.
  std::uint64_t scheduled = 0;
  friend bool operator==(const Counters&, const Counters&) = default;
};

// A mailbox as of the last commit.
struct MailboxInfo {
  MailboxId id;
  MailboxPath path;
  MailboxKind kind = MailboxKind::kQueue;
  bool selectable = true;  // false: only a level of the hierarchy (\Noselect).
  UidValidity uid_validity;
  Uid uid_next;
  ModSeq highest_mod_seq;
  Counters counters;
  Policy policy;
  std::map<std::string, std::string> acl;  // Identifier -> rights (RFC 4314).
  std::string special_use;                 // Empty, or with its backslash: `\Junk`, `\Trash`, ...
  Timestamp created;
};

}  // namespace imapd::store

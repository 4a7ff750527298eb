#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "imapd/base/clock.h"
#include "imapd/base/ids.h"

// The keys of FORMAT.md. Integers are big-endian, so keys sort by mailbox, then by number.
namespace imapd::store {

// One column family each; kFamilyNames below has the names on disk.
enum class Family { kStore, kMailboxes, kMessages, kBodies, kChanges, kExpunged, kDue, kReady, kUsers, kSubscriptions, kDeleted, kMetadata,
                    kQuotas };
inline constexpr std::array<const char*, 13> kFamilyNames = {"default", "mailboxes", "messages", "bodies", "changes",
                                                             "expunged", "due", "ready", "users", "subscriptions",
                                                             "deleted", "metadata", "quotas"};

inline constexpr std::string_view kStoreRecordKey = "store";
inline constexpr std::string_view kGravePrefix = "grave/";
// A body is cut into pieces of this size, so that reading a part of a large one reads little.
inline constexpr std::uint64_t kBodyChunkBytes = 256 * 1024;
// Stands in the place of a chunk's number: the count of references, present from the second reference on.
inline constexpr std::uint32_t kBodyReferencesChunk = 0xffffffff;

std::string mailbox_key(MailboxId mailbox);
std::string message_key(MailboxId mailbox, Serial serial);
std::string change_key(MailboxId mailbox, ModSeq mod_seq);  // For kChanges and kExpunged.
std::string body_key(BodyId body, std::uint32_t chunk);
std::string grave_key(MailboxId mailbox);
std::string subscription_key(std::string_view user, std::string_view mailbox);
std::string metadata_key(MailboxId mailbox, std::string_view owner, std::string_view entry);

struct DueKey {
  Timestamp time;
  MailboxId mailbox;
  Serial serial;
};
std::string due_key(const DueKey& key);
DueKey parse_due_key(std::string_view key);

struct ReadyKey {
  MailboxId mailbox;
  std::uint32_t priority = 4;  // Stored as 9 - priority: the most urgent sorts first.
  Serial serial;
};
std::string ready_key(const ReadyKey& key);
ReadyKey parse_ready_key(std::string_view key);

}  // namespace imapd::store

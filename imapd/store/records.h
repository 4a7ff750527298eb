#pragma once

#include <array>
#include <string>
#include <string_view>

#include "imapd/base/error.h"
#include "imapd/store/mailbox.h"
#include "imapd/store/message.h"
#include "imapd/store/verbs.h"

// Values on disk <-> values in memory (FORMAT.md, proto/claimq/store/v1/store.proto).
namespace imapd::store {

inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::size_t kPriorities = 10;

// All that is kept of a mailbox: what others may see, and what only the store needs.
struct MailboxData {
  MailboxInfo info;
  std::uint64_t base_serial = 0;
  Serial next_serial{1};
  Serial serial_ceiling;
  ModSeq mod_seq_ceiling;
  std::array<std::uint64_t, kPriorities> ready_low_water{};
  ModSeq expunged_horizon;
  std::uint64_t expunged_count = 0;

  Uid uid_of(Serial serial) const { return Uid(static_cast<std::uint32_t>(serial.value() - base_serial)); }
  std::uint64_t uids_left() const { return 0xffffffff - (next_serial.value() - base_serial); }
  Serial serial_of(Uid uid) const { return Serial(base_serial + uid.value()); }
};

struct StoreData {
  std::uint64_t next_mailbox_id = 1;
  std::uint64_t next_body_id = 1;
  std::uint32_t last_uid_validity = 0;
};

std::string encode(const MailboxData& data);
Result<MailboxData> decode_mailbox(MailboxId id, std::string_view bytes);  // kCorruption; kFailedPrecondition: newer format.
void encode(const MessageState& message, std::string& to);
Result<MessageState> decode_message(std::string_view bytes, Serial serial, Uid uid);
std::string encode(const StoreData& data);
Result<StoreData> decode_store(std::string_view bytes);
std::string encode(const User& user);
Result<User> decode_user(std::string_view name, std::string_view bytes);
std::string encode(const UserQuota& quota);
Result<UserQuota> decode_user_quota(std::string_view bytes);

}  // namespace imapd::store

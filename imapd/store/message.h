#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "imapd/base/clock.h"
#include "imapd/base/flag.h"
#include "imapd/base/ids.h"

namespace imapd::store {

enum class Door { kImap = 1, kGrpc = 2, kSchedule = 3 };

// Who asks. `holder` is the IMAP session's id (unique across restarts) or the gRPC worker's id.
struct Actor {
  enum class Rank { kUser, kAdministrator };  // kAdministrator: has the right `a` on the mailbox.
  Door door = Door::kImap;
  std::string user;
  std::string holder;
  Rank rank = Rank::kUser;
};

// One holder, one lease (DESIGN: "The claim"). With door kSchedule it is a delay or a back-off: nobody holds the message, it is
// only not ready before `deadline`.
struct Claim {
  Door door = Door::kImap;
  std::string user;
  std::string holder;
  ModSeq token;
  Timestamp claimed_at;
  std::optional<Timestamp> deadline;  // nullopt: no lease (personal mailboxes).
  Millis lease{0};
};

struct BodyRef {
  BodyId id;
  std::string prefix;  // Stands before the stored bytes.
  std::uint64_t stored_bytes = 0;
  bool shared = false;  // Several messages refer to it, or did once.
  std::uint64_t size() const { return prefix.size() + stored_bytes; }
};

struct InternalDate {
  Timestamp time;
  int zone_minutes = 0;  // East of UTC; kept because FETCH INTERNALDATE gives back what APPEND gave.
};

struct FlagModSeq {
  std::string flag;  // As Flag::name(), keywords in lower case.
  ModSeq mod_seq;
};

// A message as of one moment.
struct MessageState {
  Serial serial;
  Uid uid;
  FlagSet flags;  // Holds kClaimed exactly when `claim` is set; a scheduled message has the keyword $Scheduled too.
  ModSeq mod_seq;
  ModSeq append_mod_seq;
  std::vector<FlagModSeq> flag_mod_seqs;  // Sparse: a flag that is not here has append_mod_seq.
  InternalDate internal_date;
  Timestamp saved;  // When it came into this mailbox.
  BodyRef body;
  std::uint64_t email_id = 0;
  std::optional<Claim> claim;
  std::uint32_t deliveries = 0;
  std::uint32_t failures = 0;
  std::uint32_t priority = 4;
  std::string key;
  std::string group;

  std::uint64_t size() const { return body.size(); }
  bool ready() const { return !claim && !flags.contains(SystemFlag::kDeleted); }
};

}  // namespace imapd::store

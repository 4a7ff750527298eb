#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "imapd/base/uid_set.h"

namespace imapd::session {

// Message numbers <-> UIDs of one client: the n-th smallest UID has the number n (RFC 3501, section 2.3.1.2).
//
// Limits       Memory grows with the runs of neighbouring UIDs and not with the messages: 1,000,000 in a row cost 12 bytes.
//              Looking up is O(log runs); removing is O(runs), however many go at once.
// Concurrency  One thread, reads included.
class SequenceMap {
 public:
  explicit SequenceMap(UidSet uids) : uids_(std::move(uids)) {}

  std::uint32_t size() const { return size_before(uids_.ranges().size()); }
  std::optional<Uid> uid_at(std::uint32_t number) const;
  std::optional<std::uint32_t> number_of(Uid uid) const;
  Uid largest() const { return uids_.empty() ? Uid(0) : uids_.ranges().back().last; }
  const UidSet& uids() const { return uids_; }

  // `uid` is larger than all that are there.
  void append(Uid uid);
  void remove(const UidSet& gone);

 private:
  std::uint32_t size_before(std::size_t range) const;

  UidSet uids_;
  mutable std::vector<std::uint32_t> before_;  // How many UIDs stand before range i. Filled as far as it was needed.
};

}  // namespace imapd::session

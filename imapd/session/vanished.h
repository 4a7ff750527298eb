#pragma once

#include <cstddef>
#include <optional>

#include "imapd/base/uid_set.h"
#include "imapd/wire/command.h"

namespace imapd::session {

class MailboxView;

// Takes up to kRangesMax ranges off the front of a set: what one VANISHED line holds stays below the 8,000 octets that clients
// are told to expect (RFC 7162, section 4).
class UidRangeChunks {
 public:
  static constexpr std::size_t kRangesMax = 256;

  // `uids` outlives it.
  explicit UidRangeChunks(const UidSet& uids) : uids_(uids) {}
  // Empty at the end.
  UidSet next() {
    UidSet chunk;
    const auto& ranges = uids_.ranges();
    for (std::size_t count = 0; count < kRangesMax && next_ < ranges.size(); ++count, ++next_) {
      chunk.add_range(ranges[next_].first, ranges[next_].last);
    }
    return chunk;
  }

 private:
  const UidSet& uids_;
  std::size_t next_ = 0;
};

// Pairs of message numbers and UIDs of a client's memory (RFC 7162, section 3.2.5.2): are they as they must be, both ascending
// and of one length? Costs their ranges, whatever they name.
bool is_sequence_match(const wire::SequenceSet& numbers, const wire::SequenceSet& uids);
// The largest UID whose pair is true of `view`: of the messages up to it none has gone without the client's knowledge. Uid(0):
// none is. Only for is_sequence_match().
Uid matched_up_to(const wire::SequenceSet& numbers, const wire::SequenceSet& uids, const MailboxView& view);

}  // namespace imapd::session

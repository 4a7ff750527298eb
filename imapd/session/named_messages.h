#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "imapd/base/uid_set.h"
#include "imapd/session/mailbox_view.h"
#include "imapd/session/reply.h"

namespace imapd::session {

// The messages that a command names, by message numbers or, for its UID form, by UIDs. nullopt: it names a message number that
// is not there; answer no_such_message().
template <class Command>
std::optional<UidSet> named_messages(const MailboxView& view, const Command& command) {
  if (command.uid) return view.resolve_uids(command.set);
  return view.resolve_numbers(command.set);
}
// Those from offset `begin` to before `end`, ascending. O(ranges).
inline UidSet part_of(const UidSet& uids, std::uint64_t begin, std::uint64_t end) {
  UidSet part;
  std::uint64_t before = 0;
  for (const UidSet::Range& range : uids.ranges()) {
    const std::uint64_t count = range.last.value() - range.first.value() + std::uint64_t{1};
    const std::uint64_t from = begin > before ? begin - before : 0;
    const std::uint64_t to = end > before ? std::min(end - before, count) : 0;
    if (from < to) {
      part.add_range(Uid(static_cast<std::uint32_t>(range.first.value() + from)),
                     Uid(static_cast<std::uint32_t>(range.first.value() + to - 1)));
    }
    before += count;
  }
  return part;
}
inline Reply no_such_message() { return bad("There is no message with such a number"); }

// Their message numbers, ascending. The client knows each of them.
inline std::vector<std::uint32_t> numbers_of(const MailboxView& view, const UidSet& uids) {
  std::vector<std::uint32_t> numbers;
  uids.for_each([&](Uid uid) {
    if (const auto number = view.number_of(uid)) numbers.push_back(*number);
  });
  return numbers;
}

// Takes up to `count_max` UIDs off the front of a set, so that a command may read in pieces and let others run in between.
class UidChunks {
 public:
  UidChunks(UidSet uids, std::size_t count_max) : uids_(std::move(uids)), count_max_(count_max) {}
  // Empty at the end.
  UidSet next() {
    UidSet chunk;
    std::size_t room = count_max_;
    while (room > 0 && range_ < uids_.ranges().size()) {
      const UidSet::Range& range = uids_.ranges()[range_];
      const std::uint64_t first = range.first.value() + taken_;
      const std::uint64_t left = range.last.value() - first + 1;
      const std::uint64_t count = left < room ? left : room;
      chunk.add_range(Uid(static_cast<std::uint32_t>(first)), Uid(static_cast<std::uint32_t>(first + count - 1)));
      room -= count;
      taken_ += count;
      if (count == left) {
        ++range_;
        taken_ = 0;
      }
    }
    return chunk;
  }

 private:
  const UidSet uids_;
  const std::size_t count_max_;
  std::size_t range_ = 0;
  std::uint64_t taken_ = 0;  // Of that range.
};

}  // namespace imapd::session

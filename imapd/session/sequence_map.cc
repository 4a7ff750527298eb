#include "imapd/session/sequence_map.h"

#include <algorithm>

namespace imapd::session {

std::uint32_t SequenceMap::size_before(std::size_t range) const {
  const auto& ranges = uids_.ranges();
  if (before_.empty()) before_.push_back(0);
  while (before_.size() <= range) {
    const UidSet::Range& last = ranges[before_.size() - 1];
    before_.push_back(before_.back() + (last.last.value() - last.first.value() + 1));
  }
  return before_[range];
}

std::optional<Uid> SequenceMap::uid_at(std::uint32_t number) const {
  const auto& ranges = uids_.ranges();
  if (number == 0 || number > size()) return std::nullopt;
  const auto end = before_.begin() + static_cast<std::ptrdiff_t>(ranges.size());
  const auto after = std::upper_bound(before_.begin(), end, number - 1);
  const auto range = static_cast<std::size_t>(after - before_.begin()) - 1;
  return Uid(ranges[range].first.value() + (number - 1 - before_[range]));
}

std::optional<std::uint32_t> SequenceMap::number_of(Uid uid) const {
  const auto& ranges = uids_.ranges();
  const auto after = std::upper_bound(ranges.begin(), ranges.end(), uid,
                                      [](Uid value, const UidSet::Range& range) { return value < range.first; });
  if (after == ranges.begin()) return std::nullopt;
  const auto range = static_cast<std::size_t>(after - ranges.begin()) - 1;
  if (uid > ranges[range].last) return std::nullopt;
  return size_before(range) + (uid.value() - ranges[range].first.value()) + 1;
}

void SequenceMap::append(Uid uid) {
  // The last range may grow, so what was counted behind it is not true any more.
  if (before_.size() > uids_.ranges().size()) before_.resize(uids_.ranges().size());
  uids_.add(uid);
}

void SequenceMap::remove(const UidSet& gone) {
  if (gone.empty()) return;
  uids_ = uids_.difference(gone);
  before_.clear();
}

}  // namespace imapd::session

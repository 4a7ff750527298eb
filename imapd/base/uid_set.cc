#include "imapd/base/uid_set.h"

#include <algorithm>

namespace imapd {

UidSet& UidSet::add_range(Uid a, Uid b) {
  Range added{std::min(a, b), std::max(a, b)};
  if (ranges_.empty() || std::uint64_t{ranges_.back().last.value()} + 1 < added.first.value()) {
    ranges_.push_back(added);
    return *this;
  }
  // The first range that overlaps or touches the new one from the left.
  auto first = std::lower_bound(ranges_.begin(), ranges_.end(), added, [](const Range& range, const Range& value) {
    return std::uint64_t{range.last.value()} + 1 < value.first.value();
  });
  auto last = first;
  while (last != ranges_.end() && last->first.value() <= std::uint64_t{added.last.value()} + 1) {
    added.first = std::min(added.first, last->first);
    added.last = std::max(added.last, last->last);
    ++last;
  }
  if (first == last) {
    ranges_.insert(first, added);
  } else {
    *first = added;
    ranges_.erase(first + 1, last);
  }
  return *this;
}

void UidSet::remove(Uid uid) {
  const auto at = std::lower_bound(ranges_.begin(), ranges_.end(), uid,
                                   [](const Range& range, Uid value) { return range.last < value; });
  if (at == ranges_.end() || uid < at->first) return;
  if (at->first == at->last) {
    ranges_.erase(at);
  } else if (uid == at->first) {
    at->first = uid.next();
  } else if (uid == at->last) {
    at->last = Uid(uid.value() - 1);
  } else {
    const Range right{uid.next(), at->last};
    at->last = Uid(uid.value() - 1);
    ranges_.insert(at + 1, right);
  }
}

bool UidSet::contains(Uid uid) const {
  const auto at = std::lower_bound(ranges_.begin(), ranges_.end(), uid,
                                   [](const Range& range, Uid value) { return range.last < value; });
  return at != ranges_.end() && at->first <= uid;
}

std::uint64_t UidSet::size() const {
  std::uint64_t total = 0;
  for (const Range& range : ranges_) total += std::uint64_t{range.last.value()} - range.first.value() + 1;
  return total;
}

UidSet UidSet::intersection(const UidSet& other) const {
  UidSet common;
  auto a = ranges_.begin();
  auto b = other.ranges_.begin();
  while (a != ranges_.end() && b != other.ranges_.end()) {
    const Uid first = std::max(a->first, b->first);
    const Uid last = std::min(a->last, b->last);
    if (first <= last) common.add_range(first, last);
    if (a->last < b->last) {
      ++a;
    } else {
      ++b;
    }
  }
  return common;
}

UidSet UidSet::difference(const UidSet& other) const {
  UidSet rest;
  auto b = other.ranges_.begin();
  for (const Range& range : ranges_) {
    std::uint64_t from = range.first.value();
    while (b != other.ranges_.end() && b->last < range.first) ++b;
    for (auto cut = b; cut != other.ranges_.end() && cut->first <= range.last; ++cut) {
      if (cut->first.value() > from) rest.add_range(Uid(static_cast<std::uint32_t>(from)), Uid(cut->first.value() - 1));
      from = std::uint64_t{cut->last.value()} + 1;
    }
    if (from <= range.last.value()) rest.add_range(Uid(static_cast<std::uint32_t>(from)), range.last);
  }
  return rest;
}

std::string UidSet::to_string() const {
  std::string text;
  for (const Range& range : ranges_) {
    if (!text.empty()) text += ',';
    text += std::to_string(range.first.value());
    if (range.first != range.last) text += ':' + std::to_string(range.last.value());
  }
  return text;
}

}  // namespace imapd

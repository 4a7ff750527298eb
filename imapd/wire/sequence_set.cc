#include "imapd/wire/sequence_set.h"

#include <algorithm>

namespace imapd::wire {

bool SequenceSet::has_star() const {
  return std::any_of(ranges_.begin(), ranges_.end(), [](const Range& r) { return r.first == kStar || r.last == kStar; });
}

std::vector<SequenceSet::Range> SequenceSet::resolve(std::uint32_t largest) const {
  std::vector<Range> sorted;
  sorted.reserve(ranges_.size());
  for (Range range : ranges_) {
    if (range.first == kStar) range.first = largest;
    if (range.last == kStar) range.last = largest;
    if (range.first == 0 || range.last == 0) continue;
    if (range.first > range.last) std::swap(range.first, range.last);
    sorted.push_back(range);
  }
  std::sort(sorted.begin(), sorted.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
  std::vector<Range> joined;
  for (const Range& range : sorted) {
    // Not last + 1 on the left side: last may be the largest number there is.
    if (!joined.empty() && range.first - 1 <= joined.back().last) {
      joined.back().last = std::max(joined.back().last, range.last);
    } else {
      joined.push_back(range);
    }
  }
  return joined;
}

UidSet SequenceSet::resolve_uids(Uid largest) const {
  UidSet uids;
  for (const Range& range : resolve(largest.value())) uids.add_range(Uid(range.first), Uid(range.last));
  return uids;
}

std::string SequenceSet::to_string() const {
  const auto append_number = [](std::string& to, std::uint32_t number) {
    if (number == kStar) {
      to += '*';
    } else {
      to += std::to_string(number);
    }
  };
  std::string text;
  for (const Range& range : ranges_) {
    if (!text.empty()) text += ',';
    append_number(text, range.first);
    if (range.last == range.first) continue;
    text += ':';
    append_number(text, range.last);
  }
  if (saved_) text += text.empty() ? "$" : ",$";
  return text;
}

}  // namespace imapd::wire

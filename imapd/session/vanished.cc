#include "imapd/session/vanished.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "imapd/session/mailbox_view.h"

namespace imapd::session {
namespace {

using Ranges = std::vector<wire::SequenceSet::Range>;

bool ascends(const Ranges& ranges) {
  std::uint64_t last = 0;
  for (const auto& range : ranges) {
    if (range.first <= last || range.last < range.first) return false;
    last = range.last;
  }
  return true;
}

std::uint64_t count_of(const Ranges& ranges) {
  std::uint64_t count = 0;
  for (const auto& range : ranges) count += std::uint64_t{range.last} - range.first + 1;
  return count;
}

// `count` pairs, each one more than the one before it.
struct Run {
  std::uint32_t number;
  std::uint32_t uid;
  std::uint32_t count;
};

std::vector<Run> runs_of(const Ranges& numbers, const Ranges& uids) {
  std::vector<Run> runs;
  std::size_t at_number = 0, at_uid = 0;
  std::uint32_t numbers_taken = 0, uids_taken = 0;
  while (at_number < numbers.size() && at_uid < uids.size()) {
    const std::uint32_t number = numbers[at_number].first + numbers_taken;
    const std::uint32_t uid = uids[at_uid].first + uids_taken;
    const std::uint32_t steps = std::min(numbers[at_number].last - number, uids[at_uid].last - uid);
    runs.push_back({number, uid, steps + 1});
    numbers_taken += steps + 1;
    uids_taken += steps + 1;
    if (number + steps == numbers[at_number].last) {
      ++at_number;
      numbers_taken = 0;
    }
    if (uid + steps == uids[at_uid].last) {
      ++at_uid;
      uids_taken = 0;
    }
  }
  return runs;
}

}  // namespace

bool is_sequence_match(const wire::SequenceSet& numbers, const wire::SequenceSet& uids) {
  if (numbers.has_saved() || uids.has_saved() || numbers.has_star() || uids.has_star()) return false;
  return ascends(numbers.ranges()) && ascends(uids.ranges()) && count_of(numbers.ranges()) == count_of(uids.ranges());
}

Uid matched_up_to(const wire::SequenceSet& numbers, const wire::SequenceSet& uids, const MailboxView& view) {
  const std::vector<Run> runs = runs_of(numbers.ranges(), uids.ranges());
  const auto matches = [&view](const Run& run, std::uint32_t step) {
    return view.uid_at(run.number + step) == Uid(run.uid + step);
  };
  // A message that has gone lowers all numbers behind it, so a pair that is true makes all before it true.
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    if (!matches(*run, 0)) continue;
    std::uint32_t matched = 0;
    std::uint32_t failed = run->count;
    while (failed - matched > 1) {
      const std::uint32_t middle = matched + (failed - matched) / 2;
      (matches(*run, middle) ? matched : failed) = middle;
    }
    return Uid(run->uid + matched);
  }
  return Uid(0);
}

}  // namespace imapd::session

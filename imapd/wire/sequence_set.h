#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "imapd/base/uid_set.h"

namespace imapd::wire {

// RFC 3501, section 9, sequence-set: message numbers or UIDs, with `*` for the largest in use. It is kept as it was sent; what
// it names is known only once the mailbox is.
class SequenceSet {
 public:
  static constexpr std::uint32_t kStar = 0;  // Stands for `*`: no message has the number 0.
  struct Range {
    std::uint32_t first;  // In any order: `4:2` is `2:4`.
    std::uint32_t last;
    friend bool operator==(const Range&, const Range&) = default;
  };

  SequenceSet() = default;
  SequenceSet(std::initializer_list<Range> ranges) : ranges_(ranges) {}
  void add(Range range) { ranges_.push_back(range); }
  const std::vector<Range>& ranges() const { return ranges_; }
  bool has_star() const;
  // `$` is in it: the messages of the last result that was saved (RFC 5182). resolve() knows nothing of them; whoever has the
  // result adds them.
  void add_saved() { saved_ = true; }
  bool has_saved() const { return saved_; }

  // The numbers named when `*` is `largest`: ascending, disjoint, each number once whatever was sent (RFC 7162, 3.1.3, note).
  // `559:*` holds `largest` even when that is below 559. With largest == 0 (nothing there) ranges with a `*` name nothing.
  std::vector<Range> resolve(std::uint32_t largest) const;
  // The same as UIDs.
  UidSet resolve_uids(Uid largest) const;
  // `1:3,7,9:*`, as sent, but `$` last.
  std::string to_string() const;
  friend bool operator==(const SequenceSet&, const SequenceSet&) = default;

 private:
  std::vector<Range> ranges_;
  bool saved_ = false;
};

}  // namespace imapd::wire

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "imapd/base/ids.h"

namespace imapd {

// A set of UIDs, kept as ascending, disjoint, non-adjacent ranges: 1,000,000 neighbours cost one range.
class UidSet {
 public:
  struct Range {
    Uid first;
    Uid last;  // Included.
    friend bool operator==(const Range&, const Range&) = default;
  };

  UidSet() = default;
  static UidSet of(Uid uid) { return UidSet().add(uid); }
  static UidSet range(Uid first, Uid last) { return UidSet().add_range(first, last); }

  UidSet& add(Uid uid) { return add_range(uid, uid); }
  // In any order of the two ends. Cheap at the upper end, O(ranges) elsewhere.
  UidSet& add_range(Uid a, Uid b);
  void remove(Uid uid);
  bool contains(Uid uid) const;
  bool empty() const { return ranges_.empty(); }
  std::uint64_t size() const;
  const std::vector<Range>& ranges() const { return ranges_; }
  UidSet intersection(const UidSet& other) const;
  UidSet difference(const UidSet& other) const;
  // Calls visit(Uid) in ascending order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Range& range : ranges_) {
      for (std::uint64_t uid = range.first.value(); uid <= range.last.value(); ++uid) visit(Uid(static_cast<std::uint32_t>(uid)));
    }
  }
  // `1:3,7`; empty string for the empty set, which has no form on the wire.
  std::string to_string() const;
  friend bool operator==(const UidSet&, const UidSet&) = default;

 private:
  std::vector<Range> ranges_;
};

}  // namespace imapd

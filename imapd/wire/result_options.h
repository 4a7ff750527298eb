#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace imapd::wire {

// RFC 9394, partial-range (RFC 5267 has the first form only): results `first` to `last` counted from 1, or, `from_end`, counted
// backwards from the last one.
struct PartialRange {
  bool from_end = false;
  std::uint32_t first = 1;  // As sent, in any order; neither is 0.
  std::uint32_t last = 1;
  // Which of `count` results, as offsets [begin, end) from the first one. begin == end: none.
  std::pair<std::size_t, std::size_t> of(std::size_t count) const;
  // `1:500`, `-1:-100`: as sent.
  std::string to_string() const;
  friend bool operator==(const PartialRange&, const PartialRange&) = default;
};

// `RETURN (...)` of SEARCH and SORT: RFC 4731, 5182, 5267, 9394. At most one of `all` and `partial`.
struct ResultOptions {
  bool min = false;
  bool max = false;
  bool all = false;
  bool count = false;
  bool save = false;
  bool context = false;  // A hint that the same will be asked again.
  bool update = false;   // The client is to be told how the result changes.
  std::optional<PartialRange> partial;

  // Nothing is said of what to return. The last two say nothing of it.
  bool empty() const { return !(min || max || all || count || save || partial); }
  // Nothing is to be returned, only to be kept.
  bool only_saves() const { return save && !(min || max || all || count || partial); }
  // Something is to be found out beyond the least and the greatest.
  bool needs_every_match() const { return update || all || count || partial || !(min || max); }
  friend bool operator==(const ResultOptions&, const ResultOptions&) = default;
};

}  // namespace imapd::wire

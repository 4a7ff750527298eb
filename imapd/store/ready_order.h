#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "imapd/base/callback.h"
#include "imapd/base/ids.h"
#include "imapd/store/records.h"

namespace imapd::store {

// The head of a queue's claiming order, kept in memory: the first serials of each priority, read ahead from the `ready` family
// kReadAhead at a time. So a claim costs the same at any depth (I8): no claim seeks, and what is behind the head is never
// walked again.
//
// Operation    added() and removed() follow every change of the `ready` family. first() reads on when the known part is used up.
// Concurrency  Committer thread only.
// Limits       kKnownMax serials a priority; beyond it the tail is forgotten and read again later.
class ReadyOrder {
 public:
  static constexpr std::size_t kReadAhead = 512;
  static constexpr std::size_t kKnownMax = 8'192;

  struct Position {
    std::uint32_t priority;
    Serial serial;
  };
  // Reads up to kReadAhead ready serials of a priority at or after `from`, as of now, ascending.
  using Read = UniqueFunction<std::vector<std::uint64_t>(std::uint32_t priority, std::uint64_t from)>;

  explicit ReadyOrder(const std::array<std::uint64_t, kPriorities>& low_water);
  void added(Position position);
  void removed(Position position);
  // The first that is not in `skip`; nullopt: nothing else is ready.
  std::optional<Position> first_after(std::optional<Position> position, Read& read);
  // No ready serial of this priority lies below; `next_serial` when none is ready.
  std::uint64_t low_water(std::uint32_t priority, std::uint64_t next_serial) const;

 private:
  struct Lane {
    std::set<std::uint64_t> known;   // Every ready serial below loaded_to.
    std::uint64_t loaded_to = 0;     // UINT64_MAX: all are known.
  };
  std::array<Lane, kPriorities> lanes_;
};

}  // namespace imapd::store

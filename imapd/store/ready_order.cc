#include "imapd/store/ready_order.h"

#include <iterator>
#include <limits>

namespace imapd::store {
namespace {
constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
}  // namespace

ReadyOrder::ReadyOrder(const std::array<std::uint64_t, kPriorities>& low_water) {
  for (std::size_t i = 0; i < kPriorities; ++i) lanes_[i].loaded_to = low_water[i];
}

void ReadyOrder::added(Position position) {
  Lane& lane = lanes_[position.priority];
  const std::uint64_t serial = position.serial.value();
  if (serial >= lane.loaded_to) return;
  lane.known.insert(serial);
  if (lane.known.size() <= kKnownMax) return;
  // Forget the youngest: it is the last that will be wanted.
  const auto last = std::prev(lane.known.end());
  lane.loaded_to = *last;
  lane.known.erase(last);
}

void ReadyOrder::removed(Position position) { lanes_[position.priority].known.erase(position.serial.value()); }

std::optional<ReadyOrder::Position> ReadyOrder::first_after(std::optional<Position> position, Read& read) {
  for (std::uint32_t step = 0; step < kPriorities; ++step) {
    const auto priority = static_cast<std::uint32_t>(kPriorities - 1 - step);
    if (position && priority > position->priority) continue;
    Lane& lane = lanes_[priority];
    const std::uint64_t from = position && priority == position->priority ? position->serial.value() + 1 : 0;
    while (true) {
      const auto at = lane.known.lower_bound(from);
      if (at != lane.known.end()) return Position{priority, Serial(*at)};
      if (lane.loaded_to == kAll) break;
      const std::vector<std::uint64_t> more = read(priority, lane.loaded_to);
      lane.known.insert(more.begin(), more.end());
      lane.loaded_to = more.size() < kReadAhead ? kAll : more.back() + 1;
    }
  }
  return std::nullopt;
}

std::uint64_t ReadyOrder::low_water(std::uint32_t priority, std::uint64_t next_serial) const {
  const Lane& lane = lanes_[priority];
  if (!lane.known.empty()) return *lane.known.begin();
  return lane.loaded_to == kAll ? next_serial : lane.loaded_to;
}

}  // namespace imapd::store

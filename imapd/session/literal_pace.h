#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "imapd/base/limits.h"

namespace imapd::session {

// How fast the literals of a command must come: until they have, the client holds room that others could use, and one that
// announces much and sends a byte now and then would hold it for ever.
class LiteralPace {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit LiteralPace(std::chrono::milliseconds grace) : grace_(grace) {}

  // A literal of the command at hand is waited for; the first time counts.
  void wait_from(Time now) {
    if (!begun_) begun_ = now;
  }
  void received(std::size_t bytes) {
    if (begun_) bytes_ += bytes;
  }
  // The command is whole, or was refused.
  void end() {
    begun_.reset();
    bytes_ = 0;
  }
  // nullopt: no literal is waited for.
  std::optional<Time> deadline() const {
    if (!begun_) return std::nullopt;
    return *begun_ + grace_ + std::chrono::milliseconds(bytes_ * 1000 / limits::kLiteralBytesPerSecondMin);
  }
  bool is_over(Time now) const { return begun_ && now >= *deadline(); }

 private:
  std::chrono::milliseconds grace_;
  std::optional<Time> begun_;
  std::uint64_t bytes_ = 0;
};

}  // namespace imapd::session

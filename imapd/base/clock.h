#pragma once

#include <chrono>

namespace imapd {

using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;
using Millis = std::chrono::milliseconds;

// Wall-clock time. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
};

// The wall clock as it was when the process started, carried on by the steady clock: setting the machine's clock moves no lease.
class SystemClock final : public Clock {
 public:
  Timestamp now() const override {
    const auto elapsed = std::chrono::steady_clock::now() - steady_start_;
    return wall_start_ + std::chrono::duration_cast<Millis>(elapsed);
  }

 private:
  const std::chrono::steady_clock::time_point steady_start_ = std::chrono::steady_clock::now();
  const Timestamp wall_start_ = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
};

}  // namespace imapd

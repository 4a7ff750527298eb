#pragma once

#include <atomic>

#include "imapd/base/clock.h"

namespace support {

// A clock that moves only when told to, or with each reading. Thread-safe.
class ManualClock final : public imapd::Clock {
 public:
  explicit ManualClock(imapd::Timestamp start = imapd::Timestamp(std::chrono::hours(24 * 365 * 55))) : now_(start) {}
  imapd::Timestamp now() const override {
    const imapd::Timestamp now = now_.load();
    if (const imapd::Millis step = step_.load(); step.count() > 0) now_.store(now + step);
    return now;
  }
  void advance(imapd::Millis by) { now_.store(now_.load() + by); }
  void set(imapd::Timestamp now) { now_.store(now); }
  // Readings in several threads at once may count as one.
  void advance_with_each_reading(imapd::Millis by) { step_.store(by); }

 private:
  mutable std::atomic<imapd::Timestamp> now_;
  std::atomic<imapd::Millis> step_{imapd::Millis(0)};
};

}  // namespace support

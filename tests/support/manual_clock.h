#pragma once

#include <atomic>

#include "imapd/base/clock.h"

namespace support {

// A clock that moves only when told to. Thread-safe.
class ManualClock final : public imapd::Clock {
 public:
  explicit ManualClock(imapd::Timestamp start = imapd::Timestamp(std::chrono::hours(24 * 365 * 55))) : now_(start) {}
  imapd::Timestamp now() const override { return now_.load(); }
  void advance(imapd::Millis by) { now_.store(now_.load() + by); }
  void set(imapd::Timestamp now) { now_.store(now); }

 private:
  std::atomic<imapd::Timestamp> now_;
};

}  // namespace support

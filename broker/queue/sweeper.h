#pragma once

#include <chrono>

#include "imapd/base/callback.h"
#include "imapd/base/clock.h"
#include "imapd/base/error.h"
#include "imapd/store/store.h"

namespace broker::queue {

struct SweepOutcome {
  std::size_t expired = 0;  // Leases that ran out.
  std::size_t became_ready = 0;
  std::size_t dead_lettered = 0;
  imapd::Timestamp wake_at;  // When to sweep again.
};

// Ends leases and delays whose time has come. Has no timer: whoever drives it (main) calls run_once() and calls it again at
// `wake_at`, and after an error too, a while later.
//
// Concurrency  One run at a time: the next is started when the one before has called back.
class Sweeper {
 public:
  // A lease or delay that is given while the driver sleeps may be due before all that it knew of: so it never sleeps longer, and
  // nothing expires later than this.
  static constexpr std::chrono::milliseconds kSleepMax{100};

  explicit Sweeper(imapd::store::Store& store) : store_(store) {}  // The store outlives it, and any run.
  void run_once(imapd::Timestamp now, imapd::Callback<imapd::Result<SweepOutcome>> done);

 private:
  void pass(imapd::Timestamp now, SweepOutcome sum, imapd::Callback<imapd::Result<SweepOutcome>> done);
  imapd::store::Store& store_;
};

}  // namespace broker::queue

#include "broker/queue/sweeper.h"

#include <algorithm>
#include <utility>

namespace broker::queue {

using imapd::Timestamp;
using imapd::store::ExpireDue;
using imapd::store::ExpireDueOutcome;

void Sweeper::run_once(Timestamp now, imapd::Callback<imapd::Result<SweepOutcome>> done) {
  pass(now, SweepOutcome{}, std::move(done));
}

// Many passes instead of one large one: between them the committer serves others.
void Sweeper::pass(Timestamp now, SweepOutcome sum, imapd::Callback<imapd::Result<SweepOutcome>> done) {
  store_.expire_due(
      ExpireDue{.now = now},
      [this, now, sum, done = std::move(done)](imapd::Result<ExpireDueOutcome> outcome) mutable {
        if (!outcome) {
          done(std::move(outcome.error()));
          return;
        }
        sum.expired += outcome->expired;
        sum.became_ready += outcome->became_ready;
        sum.dead_lettered += outcome->dead_lettered;
        const bool progress = outcome->expired + outcome->became_ready + outcome->dead_lettered > 0;
        if (progress && outcome->next_due && *outcome->next_due <= now) {
          pass(now, sum, std::move(done));
          return;
        }
        const Timestamp latest = now + kSleepMax;
        sum.wake_at = outcome->next_due ? std::clamp(*outcome->next_due, now + imapd::Millis(1), latest) : latest;
        done(sum);
      });
}

}  // namespace broker::queue

#include "broker/sweep_timer.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <exception>

#include "imapd/ops/log.h"

namespace broker {

namespace asio = boost::asio;
using imapd::Millis;

namespace {

// After a failed run. The store that refuses writes does so until it is reopened; the log need not fill up meanwhile.
constexpr Millis kRetryAfter{5'000};

}  // namespace

SweepTimer::SweepTimer(asio::io_context& context, imapd::store::Store& store, const imapd::Clock& clock)
    : sweeper_(store), clock_(clock), strand_(context.get_executor()), timer_(strand_) {}

void SweepTimer::start() {
  asio::co_spawn(strand_, loop(), [this](std::exception_ptr thrown) {
    if (thrown) imapd::ops::log_error("sweeper_failed");
    ended_.set_value();
  });
}

void SweepTimer::stop() {
  asio::post(strand_, [this] {
    stopping_ = true;
    timer_.cancel();
  });
  ended_.get_future().wait();
}

imapd::Task<void> SweepTimer::loop() {
  while (!stopping_) {
    const auto outcome = co_await imapd::async(sweeper_, &queue::Sweeper::run_once, clock_.now());
    Millis pause = kRetryAfter;
    if (outcome) {
      pause = std::clamp<Millis>(outcome->wake_at - clock_.now(), Millis(0), queue::Sweeper::kSleepMax);
      if (outcome->expired + outcome->dead_lettered > 0) {
        imapd::ops::log_debug("swept", {{"expired", outcome->expired}, {"dead_lettered", outcome->dead_lettered}});
      }
    } else {
      imapd::ops::log_warning("sweep_failed", {{"error", outcome.error().message}});
    }
    if (stopping_) break;
    timer_.expires_after(pause);
    boost::system::error_code ended;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  }
}

}  // namespace broker

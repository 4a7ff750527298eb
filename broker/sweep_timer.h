#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <future>

#include "broker/queue/sweeper.h"
#include "imapd/base/async.h"
#include "imapd/base/clock.h"
#include "imapd/store/store.h"

namespace broker {

// Drives the sweeper: ends leases and delays when their time has come.
//
// Concurrency  start() and stop() once each, from one thread, while the context runs.
// Ownership    All that it is given outlives it; stop() before it is destroyed.
class SweepTimer {
 public:
  SweepTimer(boost::asio::io_context& context, imapd::store::Store& store, const imapd::Clock& clock);
  void start();
  // Returns when no run is under way.
  void stop();

 private:
  imapd::Task<void> loop();

  queue::Sweeper sweeper_;
  const imapd::Clock& clock_;
  boost::asio::strand<boost::asio::io_context::executor_type> strand_;
  boost::asio::steady_timer timer_;
  bool stopping_ = false;  // On the strand.
  std::promise<void> ended_;
};

}  // namespace broker

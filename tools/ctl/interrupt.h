// Ctrl-C as an ordinary end.
#pragma once

#include <signal.h>

#include <functional>
#include <thread>

namespace tools::ctl {

// Operation    While it lives, SIGINT and SIGTERM call `interrupted` instead of ending the process.
// Concurrency  `interrupted` runs on a thread of its own. Make it before anything starts threads (gRPC does): they inherit the
//              signal mask, and one without it would still take the signal.
class InterruptGuard {
 public:
  explicit InterruptGuard(std::function<void()> interrupted);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  void watch(const std::function<void()>& interrupted) const;

  sigset_t mask_before_{};
  int signals_ = -1;
  int stopped_ = -1;
  std::thread watcher_;
};

}  // namespace tools::ctl

#include "tools/ctl/interrupt.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "tools/client/failure.h"

namespace tools::ctl {

InterruptGuard::InterruptGuard(std::function<void()> interrupted) {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGINT);
  sigaddset(&mask, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &mask, &mask_before_);
  signals_ = signalfd(-1, &mask, SFD_CLOEXEC);
  stopped_ = eventfd(0, EFD_CLOEXEC);
  if (signals_ < 0 || stopped_ < 0) {
    throw client::Failure("the system has no file descriptor left");
  }
  watcher_ = std::thread([this, interrupted = std::move(interrupted)] { watch(interrupted); });
}

InterruptGuard::~InterruptGuard() {
  eventfd_write(stopped_, 1);
  watcher_.join();
  close(signals_);
  close(stopped_);
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

void InterruptGuard::watch(const std::function<void()>& interrupted) const {
  std::array<pollfd, 2> watched{pollfd{signals_, POLLIN, 0}, pollfd{stopped_, POLLIN, 0}};
  while (poll(watched.data(), watched.size(), -1) >= 0 || errno == EINTR) {
    if ((watched[1].revents & POLLIN) != 0) {
      return;
    }
    if ((watched[0].revents & POLLIN) != 0) {
      signalfd_siginfo info{};
      if (read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        interrupted();
      }
    }
  }
}

}  // namespace tools::ctl

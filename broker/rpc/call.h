#pragma once

#include <mutex>
#include <string>
#include <utility>

#include "imapd/base/callback.h"
#include "imapd/base/clock.h"

namespace broker::rpc {

// Who calls, authenticated.
struct Caller {
  std::string user;
  bool is_administrator = false;
  imapd::Timestamp created;  // Another user of the same name was made later.
};

// Tells a call that its client does not wait for it any more.
//
// Concurrency  Thread-safe. A hook runs at most once, under the lock: it only posts to an executor. When clear_hook() returns,
//              the hook has run or never will.
class Cancellation {
 public:
  void cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (hook_) std::exchange(hook_, {})();
  }
  // Runs at once when the call is cancelled already.
  void set_hook(imapd::UniqueFunction<void()> hook) {
    const std::lock_guard lock(mutex_);
    if (cancelled_) {
      hook();
    } else {
      hook_ = std::move(hook);
    }
  }
  void clear_hook() {
    const std::lock_guard lock(mutex_);
    hook_ = {};
  }
  bool cancelled() const {
    const std::lock_guard lock(mutex_);
    return cancelled_;
  }

 private:
  mutable std::mutex mutex_;
  bool cancelled_ = false;  // Guarded by mutex_, as the hook.
  imapd::UniqueFunction<void()> hook_;
};

// What a handler knows of its call beside the request. Lives until the call is done.
struct Call {
  Caller caller;
  Cancellation cancellation;
  // Set by a handler whose answer hands something over: runs when the client did not get the answer.
  imapd::UniqueFunction<void()> if_undelivered;
};

}  // namespace broker::rpc

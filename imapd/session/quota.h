#pragma once

#include <cstddef>
#include <mutex>
#include <utility>

namespace imapd::session {

// So much of something (bytes, places in a queue) for all sessions together.
//
// Ownership    Outlives its shares.
// Concurrency  All members may be called from any thread; of one Share, one thread.
class Quota {
 public:
  // What one session holds of it: nothing at first. Given back at the latest when it is destroyed.
  class Share {
   public:
    explicit Share(Quota& quota) : quota_(quota) {}
    Share(const Share&) = delete;
    ~Share() { release(); }

    // Holds `amount` in all from now on, or false: there is not so much left, and what it holds is as before.
    [[nodiscard]] bool grow_to(std::size_t amount) {
      if (amount <= held_) return true;
      if (!quota_.take(amount - held_)) return false;
      held_ = amount;
      return true;
    }
    void release() { quota_.give_back(std::exchange(held_, 0)); }

   private:
    Quota& quota_;
    std::size_t held_ = 0;
  };

  explicit Quota(std::size_t amount) : left_(amount) {}
  Quota(const Quota&) = delete;

  std::size_t left() const {
    const std::lock_guard lock(mutex_);
    return left_;
  }

 private:
  bool take(std::size_t amount) {
    const std::lock_guard lock(mutex_);
    if (amount > left_) return false;
    left_ -= amount;
    return true;
  }
  void give_back(std::size_t amount) {
    if (amount == 0) return;
    const std::lock_guard lock(mutex_);
    left_ += amount;
  }

  mutable std::mutex mutex_;
  std::size_t left_;
};

}  // namespace imapd::session

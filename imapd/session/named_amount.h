#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace imapd::session {

// So much of something (bytes) at once for each name, whoever holds it under that name: all sessions of a user.
//
// Concurrency  Thread-safe; of one Share, one thread. The amount outlives its shares.
// Limits       Holds one entry for each name that holds something.
class NamedAmount {
 public:
  // What one session holds of it: nothing at first. Given back at the latest when it is destroyed.
  class Share {
   public:
    // Of nobody, without a bound.
    Share() = default;
    Share(NamedAmount& amount, std::string name) : amount_(&amount), name_(std::move(name)) {}
    Share(const Share&) = delete;
    Share& operator=(Share&& other) noexcept {
      release();
      amount_ = std::exchange(other.amount_, nullptr);
      name_ = std::move(other.name_);
      held_ = std::exchange(other.held_, 0);
      return *this;
    }
    ~Share() { release(); }

    // Holds `amount` in all from now on, or false: the name may not have so much, and what it holds is as before.
    [[nodiscard]] bool grow_to(std::size_t amount) {
      if (amount_ == nullptr || amount <= held_) return true;
      if (!amount_->take(name_, amount - held_)) return false;
      held_ = amount;
      return true;
    }
    void release() {
      if (held_ > 0) amount_->give_back(name_, std::exchange(held_, 0));
    }

   private:
    NamedAmount* amount_ = nullptr;
    std::string name_;
    std::size_t held_ = 0;
  };

  explicit NamedAmount(std::size_t each_max) : each_max_(each_max) {}
  NamedAmount(const NamedAmount&) = delete;

 private:
  bool take(const std::string& name, std::size_t amount) {
    const std::lock_guard lock(mutex_);
    const auto at = taken_.find(name);
    if (amount > each_max_ - (at == taken_.end() ? 0 : at->second)) return false;
    taken_[name] += amount;
    return true;
  }
  void give_back(const std::string& name, std::size_t amount) {
    const std::lock_guard lock(mutex_);
    const auto at = taken_.find(name);
    at->second -= amount;
    if (at->second == 0) taken_.erase(at);
  }

  const std::size_t each_max_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> taken_;  // Never more than each_max_.
};

}  // namespace imapd::session

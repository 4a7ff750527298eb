#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace imapd::session {

// So many at once for each name: connections of a user, or of an address.
//
// Concurrency  Thread-safe. Shares may be given back on any thread; the quota outlives them.
// Limits       Holds one entry for each name that has a share.
class NamedQuota {
 public:
  // One of a name's places, until it is destroyed. False when there was none left.
  class Share {
   public:
    Share() = default;
    Share(Share&& other) noexcept
        : given_(std::exchange(other.given_, false)), quota_(std::exchange(other.quota_, nullptr)), name_(std::move(other.name_)) {}
    Share& operator=(Share&& other) noexcept {
      if (this == &other) return *this;
      release();
      given_ = std::exchange(other.given_, false);
      quota_ = std::exchange(other.quota_, nullptr);
      name_ = std::move(other.name_);
      return *this;
    }
    ~Share() { release(); }
    // A place where nobody counts.
    static Share uncounted() {
      Share share;
      share.given_ = true;
      return share;
    }
    explicit operator bool() const { return given_; }
    void release() {
      given_ = false;
      if (auto* const quota = std::exchange(quota_, nullptr)) quota->give_back(name_);
    }

   private:
    friend class NamedQuota;
    Share(NamedQuota* quota, std::string name) : given_(true), quota_(quota), name_(std::move(name)) {}
    bool given_ = false;
    NamedQuota* quota_ = nullptr;
    std::string name_;
  };

  explicit NamedQuota(std::size_t each_max) : each_max_(each_max) {}
  NamedQuota(const NamedQuota&) = delete;

  Share take(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto at = taken_.find(name);
    if ((at == taken_.end() ? 0 : at->second) >= each_max_) return {};
    ++taken_[name];
    return Share(this, name);
  }

 private:
  void give_back(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto at = taken_.find(name);
    if (--at->second == 0) taken_.erase(at);
  }

  const std::size_t each_max_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> taken_;
};

}  // namespace imapd::session

#include "imapd/auth/login_throttle.h"

#include <algorithm>

#include "imapd/base/check.h"

namespace imapd::auth {
namespace {

// A user and an address may have the same text.
std::string user_key(std::string_view user) { return "u" + std::string(user); }
std::string address_key(std::string_view address) { return "a" + std::string(address); }

}  // namespace

LoginThrottle::LoginThrottle(std::size_t entries_max) : entries_max_(entries_max) { CHECK(entries_max_ >= 2); }

Millis LoginThrottle::delay(const Source& source, Timestamp now) {
  const std::lock_guard lock(mutex_);
  return std::max(delay_of(user_key(source.user), kFreeFailuresOfUser, now),
                  delay_of(address_key(source.address), kFreeFailuresOfAddress, now));
}

void LoginThrottle::failed(const Source& source, Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (!source.user.empty()) count(user_key(source.user), now);
  if (!source.address.empty()) count(address_key(source.address), now);
}

void LoginThrottle::succeeded(const Source& source) {
  const std::lock_guard lock(mutex_);
  const auto at = by_key_.find(user_key(source.user));
  if (at == by_key_.end()) return;
  entries_.erase(at->second);
  by_key_.erase(at);
}

std::size_t LoginThrottle::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

Millis LoginThrottle::delay_of(const std::string& key, unsigned free_failures, Timestamp now) const {
  const auto at = by_key_.find(key);
  if (at == by_key_.end()) return Millis(0);
  const Entry& entry = *at->second;
  if (entry.failures <= free_failures || now - entry.last_failure >= kForgetAfter) return Millis(0);
  // Stops doubling well before it overflows: kDelayMax is reached after five.
  const unsigned doublings = std::min(entry.failures - free_failures - 1, 10u);
  return std::min(kDelayMax, kDelayMin * (1 << doublings));
}

void LoginThrottle::count(std::string key, Timestamp now) {
  if (const auto at = by_key_.find(key); at != by_key_.end()) {
    Entry& entry = *at->second;
    const bool forgotten = now - entry.last_failure >= kForgetAfter;
    entry.failures = forgotten ? 1 : entry.failures + 1;
    entry.last_failure = now;
    entries_.splice(entries_.begin(), entries_, at->second);
    return;
  }
  if (entries_.size() == entries_max_) {
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
  entries_.push_front(Entry{key, 1, now});
  by_key_.emplace(std::move(key), entries_.begin());
}

}  // namespace imapd::auth

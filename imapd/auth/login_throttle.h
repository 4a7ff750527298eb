#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "imapd/base/clock.h"

namespace imapd::auth {

// How long the answer to a login is held back because of failures before it.
//
// Operation    Failures are counted for each user and for each address. The first ones are free (people mistype, many workers
//              share an address); from then on the delay starts at kDelayMin and doubles up to kDelayMax. A count is forgotten
//              kForgetAfter after its last failure; a success forgets the user's, but never the address's: otherwise an
//              attacker with one account of his own would reset it at will.
// Concurrency  All members may be called from any thread. Nobody sleeps in here.
// Limits       `entries_max` users and addresses together; the one whose last failure is oldest goes first.
class LoginThrottle {
 public:
  static constexpr Millis kDelayMin{500};
  static constexpr Millis kDelayMax{15'000};  // Well below the pre-login timeout, so that the answer still arrives.
  static constexpr unsigned kFreeFailuresOfUser = 1;
  static constexpr unsigned kFreeFailuresOfAddress = 10;
  static constexpr std::chrono::minutes kForgetAfter{10};
  // About 2 MiB when full.
  static constexpr std::size_t kEntriesMax = 16 * 1024;

  struct Source {
    std::string_view user;     // Empty: not counted (a name no user can have).
    std::string_view address;  // Without the port. Empty: not counted.
  };

  explicit LoginThrottle(std::size_t entries_max = kEntriesMax);

  Millis delay(const Source& source, Timestamp now);
  void failed(const Source& source, Timestamp now);
  void succeeded(const Source& source);
  std::size_t size() const;

 private:
  struct Entry {
    std::string key;
    unsigned failures = 0;
    Timestamp last_failure;
  };
  Millis delay_of(const std::string& key, unsigned free_failures, Timestamp now) const;
  void count(std::string key, Timestamp now);

  const std::size_t entries_max_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // Latest failure first.
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_;
};

}  // namespace imapd::auth

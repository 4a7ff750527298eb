#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace imapd::auth {

// Remembers which password was verified for a user, so that a gRPC call with Basic metadata costs one HMAC and not one argon2.
//
// Operation    An entry is HMAC-SHA256, under a key of this process, over user, stored hash and password. A changed stored hash
//              (new password) therefore misses by itself; a removed user is not found in the directory in the first place.
//              Only successes are kept: a wrong password always pays the full price.
// Concurrency  All members may be called from any thread.
// Limits       `users_max` users, one entry each; the one longest unused goes first. No password is kept, nor one in any form
//              that is of use outside this process.
class CredentialCache {
 public:
  struct Credential {
    std::string_view user;
    std::string_view stored_hash;
    std::string_view password;
  };

  // 32 bytes and a name each: half a megabyte when full.
  static constexpr std::size_t kUsersMax = 4096;

  explicit CredentialCache(std::size_t users_max = kUsersMax);

  bool contains(const Credential& credential);
  // After the password has been verified against the stored hash.
  void insert(const Credential& credential);
  std::size_t size() const;

 private:
  struct Entry {
    std::string user;
    std::string mac;
  };
  std::string mac_of(const Credential& credential) const;

  const std::string key_;
  const std::size_t users_max_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // Most recently used first.
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_user_;  // Keys point into entries_.
};

}  // namespace imapd::auth

#include "imapd/auth/credential_cache.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "imapd/auth/password.h"
#include "imapd/base/check.h"
#include "imapd/base/coding.h"

namespace imapd::auth {
namespace {

constexpr std::size_t kMacBytes = 32;

}  // namespace

CredentialCache::CredentialCache(std::size_t users_max) : key_(random_bytes(kMacBytes)), users_max_(users_max) {
  CHECK(users_max_ > 0);
}

std::string CredentialCache::mac_of(const Credential& credential) const {
  std::string message;
  // With lengths: no two credentials give one message.
  for (const std::string_view part : {credential.user, credential.stored_hash, credential.password}) {
    append_big_endian64(message, part.size());
    message += part;
  }
  std::string mac(kMacBytes, '\0');
  unsigned length = 0;
  CHECK(HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), reinterpret_cast<const unsigned char*>(message.data()),
             message.size(), reinterpret_cast<unsigned char*>(mac.data()), &length) != nullptr);
  CHECK(length == kMacBytes);
  OPENSSL_cleanse(message.data(), message.size());
  return mac;
}

bool CredentialCache::contains(const Credential& credential) {
  const std::string mac = mac_of(credential);
  const std::lock_guard lock(mutex_);
  const auto at = by_user_.find(credential.user);
  if (at == by_user_.end() || CRYPTO_memcmp(at->second->mac.data(), mac.data(), mac.size()) != 0) return false;
  entries_.splice(entries_.begin(), entries_, at->second);
  return true;
}

void CredentialCache::insert(const Credential& credential) {
  std::string mac = mac_of(credential);
  const std::lock_guard lock(mutex_);
  if (const auto at = by_user_.find(credential.user); at != by_user_.end()) {
    at->second->mac = std::move(mac);
    entries_.splice(entries_.begin(), entries_, at->second);
    return;
  }
  if (entries_.size() == users_max_) {
    by_user_.erase(entries_.back().user);
    entries_.pop_back();
  }
  entries_.push_front(Entry{std::string(credential.user), std::move(mac)});
  by_user_.emplace(entries_.front().user, entries_.begin());
}

std::size_t CredentialCache::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace imapd::auth

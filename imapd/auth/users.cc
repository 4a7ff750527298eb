#include "imapd/auth/users.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "imapd/auth/password.h"
#include "imapd/base/check.h"
#include "imapd/ops/log.h"

namespace imapd::auth {
namespace {

std::string make_dummy_hash() {
  auto hash = hash_password(generate_password());
  // Only at start-up, where a machine without 19 MiB cannot serve anyway.
  CHECK(hash.has_value());
  return std::move(*hash);
}

std::string hmac(const std::string& key, const std::string& message) {
  std::string mac(kScramKeyBytes, '\0');
  unsigned length = 0;
  CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(message.data()),
             message.size(), reinterpret_cast<unsigned char*>(mac.data()), &length) != nullptr);
  CHECK(length == mac.size());
  return mac;
}

}  // namespace

bool is_valid_user_name(std::string_view name) {
  if (name.empty() || name.size() > kUserNameBytesMax || name.front() == '-' || name == "anyone") return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '@' || c == '-';
  });
}

Authenticator::Authenticator(UserDirectory& directory, const TokenVerifier* tokens, std::string secret)
    : directory_(directory),
      tokens_(tokens),
      secret_(secret.empty() ? random_bytes(kScramKeyBytes) : std::move(secret)),
      dummy_hash_(make_dummy_hash()) {}

Result<Authenticator::Outcome> Authenticator::check(const Attempt& attempt) {
  const bool is_valid = is_valid_user_name(attempt.user);
  TRY_ASSIGN(user, find(attempt.user));
  if (auto known = find_cached(user, attempt)) return *std::move(known);

  const LoginThrottle::Source source{is_valid ? attempt.user : std::string_view(), attempt.address};
  // From the failures before this one, and for a right password too: a guesser could otherwise take an answer that does not
  // come at once for a no, and go on over another connection.
  Outcome outcome{std::nullopt, throttle_.delay(source, attempt.now)};
  TRY_ASSIGN(matches, verify(user, attempt.password));
  if (!matches) {
    throttle_.failed(source, attempt.now);
    return outcome;
  }
  throttle_.succeeded(source);
  cache_.insert({attempt.user, user->password_hash, attempt.password});
  outcome.identity = Identity{user->name, user->is_administrator};
  return outcome;
}

Result<Authenticator::Outcome> Authenticator::check_token(const TokenAttempt& attempt) {
  if (tokens_ == nullptr) return Outcome{};
  const auto name = tokens_->verify(attempt.token, attempt.now);
  TRY_ASSIGN(user, find(name ? std::string_view(*name) : std::string_view()));
  if (!user) ops::log_debug("token_refused", {{"reason", name ? "names no user" : name.error().message}});
  return admit(user, attempt.address, attempt.now);
}

Result<Authenticator::Outcome> Authenticator::check_certified(const CertifiedAttempt& attempt) {
  TRY_ASSIGN(user, find(attempt.user));
  return admit(user, attempt.address, attempt.now);
}

Authenticator::Outcome Authenticator::admit(const std::optional<UserRecord>& user, std::string_view address, Timestamp now) {
  if (user) return Outcome{Identity{user->name, user->is_administrator}, Millis(0)};
  const LoginThrottle::Source source{std::string_view(), address};
  const Outcome refused{std::nullopt, throttle_.delay(source, now)};
  throttle_.failed(source, now);
  return refused;
}

ScramKeys Authenticator::keys_of_nobody(const std::string& user) const {
  ScramKeys keys;
  keys.salt = hmac(secret_, "salt " + user).substr(0, kScramSaltBytes);
  keys.stored_key = hmac(secret_, "stored key " + user);
  keys.server_key = hmac(secret_, "server key " + user);
  return keys;
}

Result<ScramKeys> Authenticator::scram_keys(const std::string& user) {
  TRY_ASSIGN(found, find(user));
  // Made for those too who have keys, and read for those who have none: both take time.
  ScramKeys nobodys = keys_of_nobody(user);
  const std::string text = to_text(nobodys);
  auto keys = parse_scram_keys(found && !found->scram_keys.empty() ? found->scram_keys : text);
  return keys ? std::move(*keys) : std::move(nobodys);
}

Result<Authenticator::Outcome> Authenticator::finish_scram(const ScramAttempt& attempt) {
  const bool is_valid = is_valid_user_name(attempt.user);
  const LoginThrottle::Source source{is_valid ? attempt.user : std::string_view(), attempt.address};
  Outcome outcome{std::nullopt, throttle_.delay(source, attempt.now)};
  TRY_ASSIGN(user, find(attempt.user));
  if (!attempt.verified || !user || user->scram_keys.empty()) {
    throttle_.failed(source, attempt.now);
    return outcome;
  }
  throttle_.succeeded(source);
  outcome.identity = Identity{user->name, user->is_administrator};
  return outcome;
}

Result<std::optional<UserRecord>> Authenticator::find(std::string_view name) {
  if (!is_valid_user_name(name)) return std::nullopt;
  return directory_.find(name);
}

std::optional<Authenticator::Outcome> Authenticator::check_cached(const Attempt& attempt) {
  if (!is_valid_user_name(attempt.user)) return std::nullopt;
  const auto user = directory_.find(attempt.user);
  return user ? find_cached(*user, attempt) : std::nullopt;
}

std::optional<Authenticator::Outcome> Authenticator::find_cached(const std::optional<UserRecord>& user, const Attempt& attempt) {
  if (!user || !cache_.contains({attempt.user, user->password_hash, attempt.password})) return std::nullopt;
  return Outcome{Identity{user->name, user->is_administrator}, Millis(0)};
}

Result<bool> Authenticator::verify(const std::optional<UserRecord>& user, std::string_view password) const {
  const bool has_password = user && !user->password_hash.empty();
  // Too long a password costs a hash as well, though it cannot match.
  const std::string_view hashed = password.substr(0, kPasswordBytesMax);
  TRY_ASSIGN(matches, verify_password(has_password ? user->password_hash : dummy_hash_, hashed));
  return matches && has_password && password.size() <= kPasswordBytesMax;
}

}  // namespace imapd::auth

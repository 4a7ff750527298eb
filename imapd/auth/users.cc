#include "imapd/auth/users.h"

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

}  // namespace

bool is_valid_user_name(std::string_view name) {
  if (name.empty() || name.size() > kUserNameBytesMax || name.front() == '-' || name == "anyone") return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '@' || c == '-';
  });
}

Authenticator::Authenticator(UserDirectory& directory, const TokenVerifier* tokens)
    : directory_(directory), tokens_(tokens), dummy_hash_(make_dummy_hash()) {}

Result<Authenticator::Outcome> Authenticator::check(const Attempt& attempt) {
  const bool is_valid = is_valid_user_name(attempt.user);
  std::optional<UserRecord> user;
  if (is_valid) {
    TRY_ASSIGN(found, directory_.find(attempt.user));
    user = std::move(found);
  }
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
  std::optional<UserRecord> user;
  if (name && is_valid_user_name(*name)) {
    TRY_ASSIGN(found, directory_.find(*name));
    user = std::move(found);
  }
  if (user) return Outcome{Identity{user->name, user->is_administrator}, Millis(0)};

  ops::log_debug("token_refused", {{"reason", name ? "names no user" : name.error().message}});
  const LoginThrottle::Source source{std::string_view(), attempt.address};
  const Outcome refused{std::nullopt, throttle_.delay(source, attempt.now)};
  throttle_.failed(source, attempt.now);
  return refused;
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

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "imapd/auth/credential_cache.h"
#include "imapd/auth/login_throttle.h"
#include "imapd/auth/scram.h"
#include "imapd/auth/token_verifier.h"
#include "imapd/base/clock.h"
#include "imapd/base/error.h"

namespace imapd::auth {

inline constexpr std::size_t kUserNameBytesMax = 64;
// 1 to kUserNameBytesMax bytes of [A-Za-z0-9._@-], not beginning with `-` (a negative entry of an ACL), and not `anyone`.
// Names are compared byte for byte.
bool is_valid_user_name(std::string_view name);

struct UserRecord {
  std::string name;
  std::string password_hash;  // PHC string. Empty: no password opens this account.
  bool is_administrator = false;
  std::string scram_keys = {};  // to_text(ScramKeys). Empty: none, so that SCRAM does not open this account.
};

// Where users come from: the store, or a map in tests. Thread-safe; outlives the Authenticator.
class UserDirectory {
 public:
  virtual ~UserDirectory() = default;
  // nullopt: no such user. An error: nobody knows.
  virtual Result<std::optional<UserRecord>> find(std::string_view name) = 0;
};

struct Identity {
  std::string user;
  bool is_administrator = false;
  friend bool operator==(const Identity&, const Identity&) = default;
};

// Whose password, proof or token is right.
//
// Operation    check() finds the user, verifies the password and computes how long the caller is to hold back its answer,
//              whichever it is (LoginThrottle). It refuses without saying why: an unknown user, an invalid name and a wrong
//              password all cost one argon2 and give the same outcome. A password verified before in this process is known by
//              the CredentialCache: no argon2, no delay. check_token() refuses in the same way; a token cannot be guessed, so a
//              good one is not held back, and a bad one counts for its address only (it names a user at will). SCRAM takes
//              scram_keys(), then finish_scram(): one that has no keys, or is no user, gets keys that nobody's password fits and
//              that stay the same for as long as the `secret` does, so that it looks like any other.
// Concurrency  check() may be called from any thread. It blocks for one hash (some 30 ms of CPU, kArgon2MemoryKib), so callers
//              keep it off threads that must answer quickly.
// Limits       Those of the throttle and the cache.
class Authenticator {
 public:
  struct Attempt {
    std::string_view user;
    std::string_view password;
    std::string_view address;  // The peer's, without its port. May be empty.
    Timestamp now;
  };
  struct Outcome {
    std::optional<Identity> identity;  // nullopt: refused.
    Millis delay{0};                   // The caller waits this long (without blocking a thread), then answers.
  };

  struct TokenAttempt {
    std::string_view token;
    std::string_view address;  // As in Attempt.
    Timestamp now;
  };

  struct ScramAttempt {
    std::string_view user;  // As the client claims.
    bool verified = false;
    std::string_view address;  // As in Attempt.
    Timestamp now;
  };

  struct CertifiedAttempt {
    std::string_view user;     // Whom a verified certificate stands for (certificate_user.h).
    std::string_view address;  // As in Attempt.
    Timestamp now;
  };

  // Makes one hash, for those users that do not exist. `directory` and `tokens` outlive this; nullptr: no token is taken.
  // `secret`: random bytes that stay the same when the server starts again; empty: fresh ones.
  explicit Authenticator(UserDirectory& directory, const TokenVerifier* tokens = nullptr, std::string secret = {});

  // An error: nobody knows whether the password is right (the directory failed, no memory).
  Result<Outcome> check(const Attempt& attempt);
  // What check() would give for a password that the CredentialCache knows; else nullopt, and check() decides. Costs a look into
  // the directory and one HMAC, so any thread may call it.
  std::optional<Outcome> check_cached(const Attempt& attempt);

  bool takes_tokens() const { return tokens_ != nullptr; }
  std::string token_issuer() const { return tokens_ != nullptr ? tokens_->issuer() : std::string(); }
  // The identity is that of the user whom the token names. Any thread may call it. An error: the directory failed.
  Result<Outcome> check_token(const TokenAttempt& attempt);

  // As check_token().
  Result<Outcome> check_certified(const CertifiedAttempt& attempt);
  // Any thread may call these. An error: the directory failed.
  Result<ScramKeys> scram_keys(const std::string& user);
  // After the exchange has verified the client's proof, or has refused it.
  Result<Outcome> finish_scram(const ScramAttempt& attempt);

 private:
  // For evidence that cannot be guessed.
  Outcome admit(const std::optional<UserRecord>& user, std::string_view address, Timestamp now);
  ScramKeys keys_of_nobody(const std::string& user) const;
  Result<std::optional<UserRecord>> find(std::string_view name);
  std::optional<Outcome> find_cached(const std::optional<UserRecord>& user, const Attempt& attempt);
  Result<bool> verify(const std::optional<UserRecord>& user, std::string_view password) const;

  UserDirectory& directory_;
  const TokenVerifier* const tokens_;
  const std::string secret_;
  const std::string dummy_hash_;
  LoginThrottle throttle_;
  CredentialCache cache_;
};

}  // namespace imapd::auth

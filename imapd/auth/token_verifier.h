#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "imapd/auth/token_keys.h"
#include "imapd/base/clock.h"
#include "imapd/base/error.h"

namespace imapd::auth {

// What a token must be to open a user's account.
struct TokenRules {
  std::string keys;                // read_token_keys().
  std::string issuer;              // `iss`, not empty.
  std::string audience;            // Among `aud`. Empty: any, and none.
  std::string user_claim = "sub";  // A string that names the user.
};

// JSON Web Tokens (RFC 7519) signed by someone whom we trust to say who a user is.
//
// Operation    verify() takes a token whose signature is right for a configured key by an algorithm of that key's kind, whose `iss`
//              and `aud` are ours, that has `exp` and has not expired, that is no longer too early (`nbf`), and that asks for
//              nothing we do not know (`crit`). A token with `kid` is checked with the key of this id only; one without is
//              taken when there is one key. When `keys` names a file, its key is the one for every token, whatever its `kid`.
//              reload() reads the keys again; when anything is wrong with them the old ones stay.
// Concurrency  Thread-safe. verify() costs one signature (0.1 ms), so any thread may call it.
// Limits       kTokenBytesMax. `typ`, when there is one, must be JWT in any case (libjwt refuses RFC 9068's at+jwt).
class TokenVerifier {
 public:
  // Its base64 and a command fit a line before login.
  static constexpr std::size_t kTokenBytesMax = 5 * 1024;
  // Between our clock and the issuer's.
  static constexpr std::chrono::seconds kLeeway{30};

  // kInvalidArgument: the keys (read_token_keys), or a rule that is empty and must not be.
  static Result<std::unique_ptr<TokenVerifier>> open(TokenRules rules);
  Result<void> reload();
  const std::string& issuer() const { return rules_.issuer; }

  // The name in the user's claim; whether there is such a user is for the caller to find out. kPermissionDenied says what is wrong
  // for the log, and holds nothing of the token; the peer is not to be told.
  Result<std::string> verify(std::string_view token, Timestamp now) const;

 private:
  struct Keys {
    std::vector<TokenKey> keys;  // Sorted by id.
    bool by_id = false;          // A folder.
  };
  explicit TokenVerifier(TokenRules rules) : rules_(std::move(rules)) {}
  std::shared_ptr<const Keys> keys() const;

  const TokenRules rules_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Keys> keys_;
};

}  // namespace imapd::auth

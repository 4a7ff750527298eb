#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "imapd/base/error.h"

namespace imapd::auth {

// HS256 is as strong as its secret (RFC 7518, section 3.2 asks for 256 bits); RSA keys likewise (section 3.3).
inline constexpr std::size_t kTokenSecretBytesMin = 32;
inline constexpr int kTokenRsaBitsMin = 2048;
inline constexpr std::size_t kTokenKeysMax = 100;
inline constexpr std::size_t kTokenKeyFileBytesMax = 16 * 1024;

// A key that tokens are checked with. What a token may be signed by follows from the key, never from the token: a public key is no
// secret of HMAC's.
struct TokenKey {
  enum class Kind : std::uint8_t { kSecret, kRsa, kP256, kP384, kP521 };
  std::string id;     // The file's name without its ending: the `kid` of tokens.
  Kind kind;
  std::string bytes;  // The secret, or a PEM public key.
  // RS256, RS384 and RS512 for RSA; ES256, ES384 or ES512 by the curve; HS256 for a secret. As written in a token, exactly.
  bool allows(std::string_view algorithm) const;
};

// From one file, or from all files of a folder but those whose names begin with a dot: NAME.pem holds a public key, NAME.secret
// the secret of HS256, whose last line end does not count. Sorted by id. kInvalidArgument names the file and what is wrong with
// it; nothing of a key is in the message. Blocks.
Result<std::vector<TokenKey>> read_token_keys(const std::string& path);

}  // namespace imapd::auth

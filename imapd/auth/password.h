#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "imapd/base/error.h"

namespace imapd::auth {

// Argon2id as OWASP's password storage cheat sheet recommends for servers: 19 MiB and two passes in one lane, some 30 ms on one
// core. More memory would let a burst of logins of a thousand workers exhaust the machine. A stored hash carries its own
// parameters, so these may change without touching the hashes that are there.
inline constexpr std::uint32_t kArgon2MemoryKib = 19 * 1024;
inline constexpr std::uint32_t kArgon2Passes = 2;
inline constexpr std::uint32_t kArgon2Lanes = 1;
inline constexpr std::size_t kArgon2SaltBytes = 16;
inline constexpr std::size_t kArgon2HashBytes = 32;

// Longer ones are refused before they are hashed. RFC 4616 asks for at least 255.
inline constexpr std::size_t kPasswordBytesMax = 1024;

// 24 characters out of 32: 120 bits.
inline constexpr std::size_t kGeneratedPasswordBytes = 24;

// A PHC string (`$argon2id$v=19$m=19456,t=2,p=1$salt$hash`) with a fresh random salt. kInvalidArgument: the password is empty,
// longer than kPasswordBytesMax or holds a NUL, which no SASL mechanism can carry. kResourceExhausted: no memory.
// Blocks for the time of one hash and takes kArgon2MemoryKib.
Result<std::string> hash_password(std::string_view password);

// What a user's record keeps of a password.
struct StoredPassword {
  std::string hash;        // hash_password().
  std::string scram_keys;  // to_text(ScramKeys); empty when SASLprep has no form of the password: such a one works without SCRAM.
};
// Errors as hash_password(). Blocks for that and for kScramIterations.
Result<StoredPassword> store_password(std::string_view password);

// Compares in constant time; costs as much as the hash was made to cost. A string that is no argon2id hash matches nothing.
// kResourceExhausted: no memory, so nothing is known.
Result<bool> verify_password(const std::string& phc, std::string_view password);

// From the operating system's generator. Lower-case letters and digits without those that look alike (0 1 l o).
std::string generate_password();

// Fresh random bytes. Aborts when the generator fails: nothing that depends on it would be safe.
std::string random_bytes(std::size_t count);

}  // namespace imapd::auth

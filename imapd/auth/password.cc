#include "imapd/auth/password.h"

#include <argon2.h>
#include <openssl/rand.h>

#include "imapd/auth/scram.h"
#include "imapd/base/check.h"

namespace imapd::auth {
namespace {

Result<void> check_password(std::string_view password) {
  if (password.empty()) return make_error(Code::kInvalidArgument, "the password is empty");
  if (password.size() > kPasswordBytesMax) {
    return make_error(Code::kInvalidArgument, "the password is longer than " + std::to_string(kPasswordBytesMax) + " bytes");
  }
  if (password.find('\0') != std::string_view::npos) return make_error(Code::kInvalidArgument, "the password holds a NUL");
  return {};
}

}  // namespace

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) == 1);
  return bytes;
}

Result<std::string> hash_password(std::string_view password) {
  TRY(check_password(password));
  const std::string salt = random_bytes(kArgon2SaltBytes);
  // The size counts the terminating NUL.
  std::string phc(
      argon2_encodedlen(kArgon2Passes, kArgon2MemoryKib, kArgon2Lanes, kArgon2SaltBytes, kArgon2HashBytes, Argon2_id),
      '\0');
  const int code = argon2id_hash_encoded(kArgon2Passes, kArgon2MemoryKib, kArgon2Lanes, password.data(), password.size(),
                                         salt.data(), salt.size(), kArgon2HashBytes, phc.data(), phc.size());
  if (code == ARGON2_MEMORY_ALLOCATION_ERROR) return make_error(Code::kResourceExhausted, "no memory to hash a password");
  CHECK(code == ARGON2_OK);
  phc.resize(phc.find('\0'));
  return phc;
}

Result<StoredPassword> store_password(std::string_view password) {
  TRY_ASSIGN(hash, hash_password(password));
  const auto keys = make_scram_keys(password);
  return StoredPassword{std::move(hash), keys ? to_text(*keys) : std::string()};
}

Result<bool> verify_password(const std::string& phc, std::string_view password) {
  if (password.size() > kPasswordBytesMax) return false;
  const int code = argon2id_verify(phc.c_str(), password.data(), password.size());
  if (code == ARGON2_MEMORY_ALLOCATION_ERROR) return make_error(Code::kResourceExhausted, "no memory to verify a password");
  return code == ARGON2_OK;
}

std::string generate_password() {
  // 32 characters, so that each random byte gives one of them without bias.
  constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  static_assert(kAlphabet.size() == 32);
  std::string password = random_bytes(kGeneratedPasswordBytes);
  for (char& c : password) c = kAlphabet[static_cast<unsigned char>(c) % kAlphabet.size()];
  return password;
}

}  // namespace imapd::auth

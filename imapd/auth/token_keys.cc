#include "imapd/auth/token_keys.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/pem.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <system_error>

namespace imapd::auth {
namespace {

namespace fs = std::filesystem;

Error wrong(const fs::path& file, const std::string& what) { return make_error(Code::kInvalidArgument, file.string() + ": " + what); }

Result<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return wrong(path, "cannot be opened");
  std::string bytes(kTokenKeyFileBytesMax + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.bad()) return wrong(path, "cannot be read");
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.size() > kTokenKeyFileBytesMax) return wrong(path, "is longer than " + std::to_string(kTokenKeyFileBytesMax) + " bytes");
  return bytes;
}

std::optional<TokenKey::Kind> kind_of_curve(EVP_PKEY* key) {
  char name[80];
  std::size_t length = 0;
  if (EVP_PKEY_get_group_name(key, name, sizeof name, &length) != 1) return std::nullopt;
  const std::string_view curve(name, length);
  if (curve == SN_X9_62_prime256v1) return TokenKey::Kind::kP256;
  if (curve == SN_secp384r1) return TokenKey::Kind::kP384;
  if (curve == SN_secp521r1) return TokenKey::Kind::kP521;
  return std::nullopt;
}

Result<TokenKey::Kind> kind_of_public_key(const fs::path& file, const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr),
                                                                EVP_PKEY_free);
  ERR_clear_error();
  if (key == nullptr) return wrong(file, "is no PEM public key (-----BEGIN PUBLIC KEY-----)");
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_RSA:
      if (EVP_PKEY_get_bits(key.get()) < kTokenRsaBitsMin) {
        return wrong(file, "has fewer than " + std::to_string(kTokenRsaBitsMin) + " bits");
      }
      return TokenKey::Kind::kRsa;
    case EVP_PKEY_EC:
      if (const auto kind = kind_of_curve(key.get())) return *kind;
      return wrong(file, "is on a curve other than P-256, P-384 and P-521");
    default: return wrong(file, "is neither an RSA nor an EC key");
  }
}

Result<TokenKey> read_key(const fs::path& file) {
  TRY_ASSIGN(bytes, read_file(file));
  TokenKey key;
  key.id = file.stem().string();
  if (file.extension() == ".pem") {
    TRY_ASSIGN(kind, kind_of_public_key(file, bytes));
    key.kind = kind;
  } else if (file.extension() == ".secret") {
    key.kind = TokenKey::Kind::kSecret;
    if (bytes.ends_with('\n')) bytes.pop_back();
    if (bytes.ends_with('\r')) bytes.pop_back();
    // Everybody may read a public key.
    if (bytes.find("-----BEGIN") != std::string::npos) return wrong(file, "is a PEM file, no secret");
    if (bytes.size() < kTokenSecretBytesMin) {
      return wrong(file, "is shorter than " + std::to_string(kTokenSecretBytesMin) + " bytes");
    }
  } else {
    return wrong(file, "ends neither in .pem (a public key) nor in .secret (of HS256)");
  }
  key.bytes = std::move(bytes);
  return key;
}

Result<std::vector<fs::path>> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failed;
  fs::directory_iterator at(folder, failed);
  for (; !failed && at != fs::directory_iterator(); at.increment(failed)) {
    // Secrets that Kubernetes mounts lie beside `..data` and its like.
    if (at->path().filename().string().starts_with('.')) continue;
    if (files.size() == kTokenKeysMax) return wrong(folder, "holds more than " + std::to_string(kTokenKeysMax) + " keys");
    files.push_back(at->path());
  }
  if (failed) return wrong(folder, "cannot be read");
  return files;
}

}  // namespace

bool TokenKey::allows(std::string_view algorithm) const {
  switch (kind) {
    case Kind::kSecret: return algorithm == "HS256";
    case Kind::kRsa: return algorithm == "RS256" || algorithm == "RS384" || algorithm == "RS512";
    case Kind::kP256: return algorithm == "ES256";
    case Kind::kP384: return algorithm == "ES384";
    case Kind::kP521: return algorithm == "ES512";
  }
  return false;
}

Result<std::vector<TokenKey>> read_token_keys(const std::string& path) {
  std::vector<fs::path> files{path};
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    TRY_ASSIGN(found, files_of(path));
    files = std::move(found);
  }
  if (files.empty()) return wrong(path, "holds no key");
  std::vector<TokenKey> keys;
  for (const fs::path& file : files) {
    TRY_ASSIGN(key, read_key(file));
    keys.push_back(std::move(key));
  }
  std::sort(keys.begin(), keys.end(), [](const TokenKey& a, const TokenKey& b) { return a.id < b.id; });
  const auto twice = std::adjacent_find(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.id == b.id; });
  if (twice != keys.end()) return wrong(path, "has two keys named " + twice->id);
  return keys;
}

}  // namespace imapd::auth

#pragma once

#include <jwt.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <string>

#include "imapd/auth/sasl.h"
#include "imapd/base/check.h"
#include "tests/support/temp_dir.h"

namespace support {

// Base64 of RFC 7515: the URL's alphabet, no padding.
inline std::string base64url(std::string_view bytes) {
  std::string text = imapd::auth::base64_encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

// Someone who signs tokens: the keys lie in a folder as the server reads them.
class TokenIssuer {
 public:
  static constexpr char kSecret[] = "a secret of thirty-two bytes 123";

  const std::string& folder() const { return folder_.path(); }
  void write(const std::string& name, std::string_view bytes) {
    std::ofstream(folder() + "/" + name, std::ios::binary | std::ios::trunc) << bytes;
  }
  void write_secret(const std::string& id, std::string_view secret = kSecret) { write(id + ".secret", std::string(secret) + "\n"); }
  // A fresh pair: the public key to the folder, the private one stays here. `group`: a curve, or bits of RSA.
  void write_pair(const std::string& id, const std::string& group) {
    const bool is_rsa = group.find_first_not_of("0123456789") == std::string::npos;
    EVP_PKEY* const key = is_rsa ? EVP_RSA_gen(std::stoul(group)) : EVP_EC_gen(group.c_str());
    CHECK(key != nullptr);
    write(id + ".pem", pem(key, PEM_write_bio_PUBKEY));
    private_keys_[id] = pem(key, [](BIO* bio, EVP_PKEY* it) {
      return PEM_write_bio_PrivateKey(bio, it, nullptr, nullptr, 0, nullptr, nullptr);
    });
    EVP_PKEY_free(key);
  }
  std::string public_key(const std::string& id) const {
    std::ifstream file(folder() + "/" + id + ".pem", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  // `header`: more of it, as JSON members behind `alg`: `"kid":"a"`.
  static std::string sign_hs256(const std::string& claims, std::string_view key = kSecret, const std::string& header = "",
                                const std::string& algorithm = "HS256") {
    const std::string input =
        base64url("{\"alg\":\"" + algorithm + "\"" + (header.empty() ? "" : "," + header) + "}") + "." + base64url(claims);
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(input.data()),
               input.size(), mac, &length) != nullptr);
    return input + "." + base64url({reinterpret_cast<const char*>(mac), length});
  }
  // By libjwt, with the private key of `id`, which becomes the `kid`.
  std::string sign(const std::string& claims, const std::string& id, jwt_alg_t algorithm) const {
    jwt_t* jwt = nullptr;
    const std::string& key = private_keys_.at(id);
    CHECK(jwt_new(&jwt) == 0 && jwt_add_grants_json(jwt, claims.c_str()) == 0);
    CHECK(jwt_add_header(jwt, "kid", id.c_str()) == 0);
    CHECK(jwt_set_alg(jwt, algorithm, reinterpret_cast<const unsigned char*>(key.data()), static_cast<int>(key.size())) == 0);
    char* const text = jwt_encode_str(jwt);
    CHECK(text != nullptr);
    std::string token(text);
    std::free(text);
    jwt_free(jwt);
    return token;
  }

 private:
  template <class Write>
  static std::string pem(EVP_PKEY* key, Write write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    CHECK(write(bio.get(), key) == 1);
    char* text = nullptr;
    const long length = BIO_get_mem_data(bio.get(), &text);
    return std::string(text, static_cast<std::size_t>(length));
  }

  TempDir folder_;
  std::map<std::string, std::string> private_keys_;
};

}  // namespace support

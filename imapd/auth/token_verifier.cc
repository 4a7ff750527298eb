#include "imapd/auth/token_verifier.h"

#include <jwt.h>
#include <openssl/err.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

namespace imapd::auth {
namespace {

using Json = nlohmann::json;

Error refused(std::string message) { return make_error(Code::kPermissionDenied, std::move(message)); }

struct Free {
  void operator()(jwt_t* jwt) const { jwt_free(jwt); }
  void operator()(char* text) const { std::free(text); }
};
using Jwt = std::unique_ptr<jwt_t, Free>;

// Header, claims and signature. libjwt reads up to a NUL and skips what it does not know: nothing of the kind gets there.
bool is_compact(std::string_view token) {
  const auto is_base64url = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return std::count(token.begin(), token.end(), '.') == 2 &&
         std::all_of(token.begin(), token.end(), [&](char c) { return c == '.' || is_base64url(c); });
}

// Without a key the signature is not looked at.
Jwt decode(const std::string& token, const TokenKey* key) {
  jwt_t* jwt = nullptr;
  const int failed = key == nullptr ? jwt_decode(&jwt, token.c_str(), nullptr, 0)
                                    : jwt_decode(&jwt, token.c_str(), reinterpret_cast<const unsigned char*>(key->bytes.data()),
                                                 static_cast<int>(key->bytes.size()));
  // What is left in OpenSSL's queue would be taken for a failure of the next connection that this thread serves.
  ERR_clear_error();
  return Jwt(failed == 0 ? jwt : nullptr);
}

// An object, or null.
Json object_of(char* made_by_libjwt) {
  const std::unique_ptr<char, Free> text(made_by_libjwt);
  Json object = text == nullptr ? Json() : Json::parse(text.get(), nullptr, false);
  return object.is_object() ? object : Json();
}
Json header_of(const Jwt& jwt) { return object_of(jwt_get_headers_json(jwt.get(), nullptr)); }
Json claims_of(const Jwt& jwt) { return object_of(jwt_get_grants_json(jwt.get(), nullptr)); }

std::optional<std::string> text_of(const Json& object, const std::string& name) {
  const auto at = object.find(name);
  if (at == object.end() || !at->is_string()) return std::nullopt;
  return at->get<std::string>();
}

// NumericDate (RFC 7519, section 2): seconds, which may have a fraction. NaN: there is none.
double date_claim(const Json& claims, const char* name) {
  const auto at = claims.find(name);
  return at != claims.end() && at->is_number() ? at->get<double>() : std::nan("");
}

bool has_audience(const Json& claims, const std::string& wanted) {
  const auto at = claims.find("aud");
  if (at == claims.end()) return false;
  if (at->is_string()) return at->get<std::string>() == wanted;
  return at->is_array() && std::any_of(at->begin(), at->end(), [&wanted](const Json& one) {
    return one.is_string() && one.get<std::string>() == wanted;
  });
}

// Every comparison with NaN is false: a date that is none is never in time.
Result<void> check_time(const Json& claims, Timestamp now) {
  const double seconds = std::chrono::duration<double>(now.time_since_epoch()).count();
  const double leeway = std::chrono::duration<double>(TokenVerifier::kLeeway).count();
  if (!(seconds < date_claim(claims, "exp") + leeway)) return refused("expired, or without exp");
  if (claims.contains("nbf") && !(seconds >= date_claim(claims, "nbf") - leeway)) return refused("not valid yet");
  return {};
}

}  // namespace

Result<std::unique_ptr<TokenVerifier>> TokenVerifier::open(TokenRules rules) {
  if (rules.issuer.empty()) return make_error(Code::kInvalidArgument, "tokens: the issuer must be set");
  if (rules.user_claim.empty()) return make_error(Code::kInvalidArgument, "tokens: the claim that names the user must be set");
  std::unique_ptr<TokenVerifier> verifier(new TokenVerifier(std::move(rules)));
  TRY(verifier->reload());
  return verifier;
}

Result<void> TokenVerifier::reload() {
  auto loaded = std::make_shared<Keys>();
  std::error_code ignored;
  loaded->by_id = std::filesystem::is_directory(rules_.keys, ignored);
  TRY_ASSIGN(read, read_token_keys(rules_.keys));
  loaded->keys = std::move(read);
  const std::lock_guard lock(mutex_);
  keys_ = std::move(loaded);
  return {};
}

std::shared_ptr<const TokenVerifier::Keys> TokenVerifier::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

Result<std::string> TokenVerifier::verify(std::string_view token, Timestamp now) const {
  if (token.size() > kTokenBytesMax) return refused("too long");
  if (!is_compact(token)) return refused("no signed JWT");
  const std::string text(token);
  const Jwt claimed = decode(text, nullptr);
  if (claimed == nullptr) return refused("malformed");
  const Json header = header_of(claimed);
  if (header.contains("crit")) return refused("asks for an extension");
  const std::string algorithm = text_of(header, "alg").value_or("");

  const auto keys = this->keys();
  const TokenKey* key = keys->keys.size() == 1 ? &keys->keys.front() : nullptr;
  if (keys->by_id && header.contains("kid")) {
    const std::string id = text_of(header, "kid").value_or("");
    const auto at = std::lower_bound(keys->keys.begin(), keys->keys.end(), id,
                                     [](const TokenKey& one, const std::string& wanted) { return one.id < wanted; });
    key = at != keys->keys.end() && at->id == id ? &*at : nullptr;
  }
  if (key == nullptr) return refused("of a key that is not known");
  if (!key->allows(algorithm)) return refused("signed by an algorithm that is not the key's");
  const Jwt verified = decode(text, key);
  if (verified == nullptr || jwt_alg_str(jwt_get_alg(verified.get())) != algorithm) return refused("wrong signature");

  const Json claims = claims_of(verified);
  if (text_of(claims, "iss") != rules_.issuer) return refused("of another issuer");
  if (!rules_.audience.empty() && !has_audience(claims, rules_.audience)) return refused("for another audience");
  TRY(check_time(claims, now));
  auto user = text_of(claims, rules_.user_claim);
  if (!user) return refused("without the claim that names the user");
  return std::move(*user);
}

}  // namespace imapd::auth

#include "imapd/auth/scram.h"

#include <openssl/evp.h>

#include <charconv>
#include <utility>

#include "imapd/auth/password.h"
#include "imapd/auth/sasl.h"
#include "imapd/base/check.h"

namespace imapd::auth {
namespace {

constexpr std::string_view kScheme = "SCRAM-SHA-256$";

// Frees what libgsasl has made.
struct Free {
  void operator()(char* text) const { gsasl_free(text); }
};
using Owned = std::unique_ptr<char, Free>;

std::optional<std::string> saslprep(const std::string& password) {
  char* prepared = nullptr;
  const int failed = gsasl_saslprep(password.c_str(), static_cast<Gsasl_saslprep_flags>(0), &prepared, nullptr);
  const Owned owned(failed == GSASL_OK ? prepared : nullptr);
  if (owned == nullptr || *owned == '\0') return std::nullopt;
  return std::string(owned.get());
}

std::string text_property(Gsasl_session* session, Gsasl_property property) {
  const char* const value = gsasl_property_fast(session, property);
  return value != nullptr ? value : "";
}

// The piece up to `end`, which goes too.
std::optional<std::string_view> take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view piece = text.substr(0, at);
  text.remove_prefix(at + 1);
  return piece;
}

}  // namespace

std::optional<ScramKeys> make_scram_keys(std::string_view password) {
  return make_scram_keys(password, random_bytes(kScramSaltBytes), kScramIterations);
}

std::optional<ScramKeys> make_scram_keys(std::string_view password, std::string salt, unsigned iterations) {
  if (password.find('\0') != std::string_view::npos) return std::nullopt;
  const auto prepared = saslprep(std::string(password));
  if (!prepared) return std::nullopt;
  // OpenSSL's is some times as fast as libgsasl's own.
  char salted[kScramKeyBytes];
  CHECK(PKCS5_PBKDF2_HMAC(prepared->data(), static_cast<int>(prepared->size()), reinterpret_cast<const unsigned char*>(salt.data()),
                          static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha256(), sizeof salted,
                          reinterpret_cast<unsigned char*>(salted)) == 1);
  char client_key[kScramKeyBytes];
  ScramKeys keys{iterations, std::move(salt), std::string(kScramKeyBytes, '\0'), std::string(kScramKeyBytes, '\0')};
  CHECK(gsasl_scram_secrets_from_salted_password(GSASL_HASH_SHA256, salted, client_key, keys.server_key.data(),
                                                 keys.stored_key.data()) == GSASL_OK);
  return keys;
}

std::string to_text(const ScramKeys& keys) {
  return std::string(kScheme) + std::to_string(keys.iterations) + ":" + base64_encode(keys.salt) + "$" +
         base64_encode(keys.stored_key) + ":" + base64_encode(keys.server_key);
}

std::optional<ScramKeys> parse_scram_keys(std::string_view text) {
  if (!text.starts_with(kScheme)) return std::nullopt;
  text.remove_prefix(kScheme.size());
  const auto iterations = take_until(text, ':');
  const auto salt = take_until(text, '$');
  const auto stored_key = take_until(text, ':');
  if (!iterations || !salt || !stored_key) return std::nullopt;
  ScramKeys keys;
  const auto [end, error] = std::from_chars(iterations->data(), iterations->data() + iterations->size(), keys.iterations);
  if (error != std::errc() || end != iterations->data() + iterations->size() || keys.iterations == 0) return std::nullopt;
  const std::pair<std::string_view, std::string*> parts[] = {
      {*salt, &keys.salt}, {*stored_key, &keys.stored_key}, {text, &keys.server_key}};
  for (const auto& [encoded, into] : parts) {
    auto decoded = base64_decode(encoded);
    if (!decoded) return std::nullopt;
    *into = std::move(*decoded);
  }
  if (keys.salt.empty() || keys.stored_key.size() != kScramKeyBytes || keys.server_key.size() != kScramKeyBytes) return std::nullopt;
  return keys;
}

Gsasl* ScramServer::library() {
  // For good: sessions on other threads may still use it when the process ends.
  static Gsasl* const kLibrary = [] {
    Gsasl* made = nullptr;
    CHECK(gsasl_init(&made) == GSASL_OK);
    gsasl_callback_set(made, &ScramServer::on_property);
    return made;
  }();
  return kLibrary;
}

ScramServer::ScramServer(Binding binding, std::string_view exporter, Find find)
    : find_(std::move(find)), can_bind_(!exporter.empty()) {
  CHECK(can_bind_ || binding == Binding::kNone);
  Gsasl_session* session = nullptr;
  // Both are asked for the binding at once, before there is a hook.
  const char* const name = binding == Binding::kExporter ? "SCRAM-SHA-256-PLUS" : "SCRAM-SHA-256";
  CHECK(gsasl_server_start(library(), name, &session) == GSASL_OK);
  session_.reset(session);
  gsasl_session_hook_set(session, this);
  if (can_bind_) CHECK(gsasl_property_set(session, GSASL_CB_TLS_EXPORTER, base64_encode(exporter).c_str()) == GSASL_OK);
}

bool ScramServer::find_keys() {
  if (std::exchange(looked_, true)) return false;
  user_ = text_property(session_.get(), GSASL_AUTHID);
  authzid_ = text_property(session_.get(), GSASL_AUTHZID);
  auto keys = find_(user_);
  if (!keys) {
    failure_ = std::move(keys.error());
    return false;
  }
  Gsasl_session* const session = session_.get();
  return gsasl_property_set(session, GSASL_SCRAM_ITER, std::to_string(keys->iterations).c_str()) == GSASL_OK &&
         gsasl_property_set(session, GSASL_SCRAM_SALT, base64_encode(keys->salt).c_str()) == GSASL_OK &&
         gsasl_property_set(session, GSASL_SCRAM_STOREDKEY, base64_encode(keys->stored_key).c_str()) == GSASL_OK &&
         gsasl_property_set(session, GSASL_SCRAM_SERVERKEY, base64_encode(keys->server_key).c_str()) == GSASL_OK;
}

// The salt is the first thing asked for once the user is known.
int ScramServer::on_property(Gsasl*, Gsasl_session* session, Gsasl_property property) {
  auto* const self = static_cast<ScramServer*>(gsasl_session_hook_get(session));
  const bool is_of_user = property == GSASL_SCRAM_ITER || property == GSASL_SCRAM_SALT;
  if (self == nullptr || !is_of_user || !self->find_keys()) return GSASL_NO_CALLBACK;
  return GSASL_OK;
}

ScramServer::Step ScramServer::step(std::string_view message) {
  // RFC 5802, section 6: the client could bind, and thinks that the server did not offer to.
  if (std::exchange(is_first_, false) && can_bind_ && message.starts_with('y')) {
    return make_error(Code::kPermissionDenied, "the client did not see that channel binding is offered");
  }
  if (message.empty() || message.find('\0') != std::string_view::npos) {
    return make_error(Code::kInvalidArgument, "SCRAM: the message is empty or holds a NUL");
  }
  char* made = nullptr;
  std::size_t length = 0;
  const int code = gsasl_step(session_.get(), message.data(), message.size(), &made, &length);
  const Owned owned(made);
  if (failure_) return std::move(*failure_);
  switch (code) {
    case GSASL_NEEDS_MORE: return Challenge{std::string(made, length)};
    case GSASL_OK: return Verified{std::string(made, length)};
    case GSASL_AUTHENTICATION_ERROR: return make_error(Code::kPermissionDenied, "wrong proof");
    default: return make_error(Code::kInvalidArgument, "SCRAM: the message is malformed");
  }
}

}  // namespace imapd::auth

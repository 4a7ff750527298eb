#include "imapd/auth/sasl_bearer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "imapd/base/flag.h"

namespace imapd::auth {
namespace {

constexpr char kSeparator = '\x01';

Error malformed(std::string message) { return make_error(Code::kInvalidArgument, std::move(message)); }

// Up to the next separator, which goes too. nullopt: there is none.
std::optional<std::string_view> take_piece(std::string_view& rest) {
  const std::size_t end = rest.find(kSeparator);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view piece = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return piece;
}

// saslname (RFC 5801, section 4): `,` and `=` are written `=2C` and `=3D`.
std::optional<std::string> unescape(std::string_view text) {
  std::string name;
  while (!text.empty()) {
    const bool is_comma = text.starts_with("=2C");
    if (text.front() == '=' && !is_comma && !text.starts_with("=3D")) return std::nullopt;
    name += is_comma ? ',' : text.front();
    text.remove_prefix(text.front() == '=' ? 3 : 1);
  }
  return name;
}

// value = *(VCHAR / SP / HTAB / CR / LF)
bool is_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\r' || c == '\n'; });
}

bool is_key(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_letter);
}

std::string token_of(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) return {};
  authorization.remove_prefix(kScheme.size());
  while (authorization.starts_with(' ')) authorization.remove_prefix(1);
  return std::string(authorization);
}

// *kvpair kvsep, all of `rest`.
Result<std::string> token_in(std::string_view rest) {
  std::optional<std::string> token;
  while (const auto pair = take_piece(rest)) {
    if (pair->empty()) {
      if (!rest.empty()) return malformed("the message goes on behind its end");
      if (!token) return malformed("auth is missing");
      return std::move(*token);
    }
    const std::size_t equals = pair->find('=');
    if (equals == std::string_view::npos || !is_key(pair->substr(0, equals))) return malformed("no key=value");
    const std::string_view value = pair->substr(equals + 1);
    if (!is_value(value)) return malformed("a value holds what it must not");
    if (!equals_ignoring_case(pair->substr(0, equals), "auth")) continue;
    if (token) return malformed("auth is there twice");
    token = token_of(value);
  }
  return malformed("the message ends too early");
}

nlohmann::json refusal(std::string_view status, std::string_view issuer) {
  nlohmann::json json{{"status", status}};
  if (issuer.starts_with("https://")) {
    while (issuer.ends_with('/')) issuer.remove_suffix(1);
    json["openid-configuration"] = std::string(issuer) + "/.well-known/openid-configuration";
  }
  return json;
}

std::string text_of(const nlohmann::json& json) { return json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace); }

}  // namespace

Result<BearerCredentials> parse_oauthbearer(std::string_view message) {
  const auto header = take_piece(message);
  if (!header) return malformed("the GS2 header is missing");
  // gs2-header = gs2-cb-flag "," [ "a=" saslname ] ","; these mechanisms bind to no channel.
  if (!header->starts_with("n,") && !header->starts_with("y,")) return malformed("not a GS2 header without channel binding");
  std::string_view name = header->substr(2);
  if (!name.ends_with(',')) return malformed("the GS2 header does not end");
  name.remove_suffix(1);
  BearerCredentials credentials;
  if (!name.empty()) {
    auto authzid = name.starts_with("a=") && name.find(',') == std::string_view::npos ? unescape(name.substr(2)) : std::nullopt;
    if (!authzid || authzid->empty()) return malformed("the authorization identity is malformed");
    credentials.authzid = std::move(*authzid);
  }
  TRY_ASSIGN(token, token_in(message));
  credentials.token = std::move(token);
  return credentials;
}

Result<BearerCredentials> parse_xoauth2(std::string_view message) {
  constexpr std::string_view kUser = "user=";
  const auto user = take_piece(message);
  if (!user || !user->starts_with(kUser) || user->size() == kUser.size()) return malformed("user is missing");
  BearerCredentials credentials;
  credentials.authzid = std::string(user->substr(kUser.size()));
  TRY_ASSIGN(token, token_in(message));
  credentials.token = std::move(token);
  return credentials;
}

std::string oauthbearer_refusal(std::string_view issuer) { return text_of(refusal("invalid_token", issuer)); }

std::string xoauth2_refusal(std::string_view issuer) {
  nlohmann::json json = refusal("401", issuer);
  json["schemes"] = "bearer";
  return text_of(json);
}

}  // namespace imapd::auth

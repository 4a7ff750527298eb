#include "imapd/auth/sasl.h"

#include <algorithm>

#include "imapd/base/flag.h"

namespace imapd::auth {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Error malformed(std::string message) { return make_error(Code::kInvalidArgument, std::move(message)); }

// The length of the UTF-8 sequence at the start of `text`, which is not empty; 0 when it is none (RFC 3629, section 4).
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates and what lies past U+10FFFF.
  if (first == 0xe0 && byte(1) < 0xa0) return 0;
  if (first == 0xed && byte(1) > 0x9f) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;
  if (first == 0xf4 && byte(1) > 0x8f) return 0;
  return length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_text(std::string_view text) { return is_utf8(text) && text.find('\0') == std::string_view::npos; }

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i) text += i <= count ? kBase64[group >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::string_view quad = text.substr(at, 4);
    const bool is_last = at + 4 == text.size();
    while (is_last && quad.size() > 2 && quad.back() == '=') quad.remove_suffix(1);
    std::uint32_t group = 0;
    for (const char c : quad) {
      const std::size_t value = kBase64.find(c);
      if (value == std::string_view::npos) return std::nullopt;
      group = group << 6 | static_cast<std::uint32_t>(value);
    }
    // 4, 3, 2 characters carry 3, 2, 1 bytes and 0, 2, 4 bits that must be zero.
    const unsigned unused_bits = static_cast<unsigned>(4 - quad.size()) * 2;
    if ((group & ((1u << unused_bits) - 1)) != 0) return std::nullopt;
    group >>= unused_bits;
    for (std::size_t i = quad.size() - 1; i > 0; --i) bytes += static_cast<char>(group >> (8 * (i - 1)) & 0xff);
  }
  return bytes;
}

std::optional<Mechanism> parse_mechanism(std::string_view name) {
  if (equals_ignoring_case(name, "PLAIN")) return Mechanism::kPlain;
  if (equals_ignoring_case(name, "LOGIN")) return Mechanism::kLogin;
  if (equals_ignoring_case(name, "OAUTHBEARER")) return Mechanism::kOauthBearer;
  if (equals_ignoring_case(name, "XOAUTH2")) return Mechanism::kXoauth2;
  if (equals_ignoring_case(name, "SCRAM-SHA-256")) return Mechanism::kScramSha256;
  if (equals_ignoring_case(name, "SCRAM-SHA-256-PLUS")) return Mechanism::kScramSha256Plus;
  if (equals_ignoring_case(name, "EXTERNAL")) return Mechanism::kExternal;
  return std::nullopt;
}

// message = [authzid] UTF8NUL authcid UTF8NUL passwd
Result<Credentials> parse_plain(std::string_view message) {
  const std::size_t first = message.find('\0');
  const std::size_t second = first == std::string_view::npos ? first : message.find('\0', first + 1);
  if (second == std::string_view::npos) return malformed("PLAIN: two NULs are missing");
  const std::string_view authzid = message.substr(0, first);
  const std::string_view authcid = message.substr(first + 1, second - first - 1);
  const std::string_view password = message.substr(second + 1);
  if (authcid.empty()) return malformed("PLAIN: the user name is empty");
  if (password.empty()) return malformed("PLAIN: the password is empty");
  if (!is_text(authzid) || !is_text(authcid) || !is_text(password)) return malformed("PLAIN: not UTF-8 without NUL");
  return Credentials{std::string(authzid), std::string(authcid), std::string(password)};
}

SaslExchange::Step SaslExchange::start(std::optional<std::string_view> initial_response) {
  expected_ = mechanism_ == Mechanism::kLogin ? Expected::kUserName : Expected::kMessage;
  if (!initial_response) return Challenge{expected_ == Expected::kMessage ? std::string() : base64_encode("Username:")};
  if (*initial_response == "=") return accept(std::string());
  // "*" on the command line is no cancellation: that is a response to a challenge.
  if (*initial_response == "*") return malformed("the response is not base64");
  return respond(*initial_response);
}

SaslExchange::Step SaslExchange::respond(std::string_view line) {
  if (line == "*") return make_error(Code::kAborted, "cancelled");
  if (line.size() > response_bytes_max()) return malformed("the response is too long");
  auto decoded = base64_decode(line);
  if (!decoded) return malformed("the response is not base64");
  return accept(std::move(*decoded));
}

SaslExchange::Step SaslExchange::accept_message(std::string_view message) const {
  if (takes_token()) {
    auto credentials = mechanism_ == Mechanism::kXoauth2 ? parse_xoauth2(message) : parse_oauthbearer(message);
    if (!credentials) return std::move(credentials.error());
    return std::move(*credentials);
  }
  auto credentials = parse_plain(message);
  if (!credentials) return std::move(credentials.error());
  return std::move(*credentials);
}

SaslExchange::Step SaslExchange::accept(std::string decoded) {
  switch (expected_) {
    case Expected::kMessage: return accept_message(decoded);
    case Expected::kUserName:
      if (decoded.empty() || !is_text(decoded)) return malformed("LOGIN: the user name is empty or not UTF-8");
      credentials_.authcid = std::move(decoded);
      expected_ = Expected::kPassword;
      return Challenge{base64_encode("Password:")};
    case Expected::kPassword:
      if (decoded.empty() || !is_text(decoded)) return malformed("LOGIN: the password is empty or not UTF-8");
      credentials_.password = std::move(decoded);
      return std::move(credentials_);
  }
  return malformed("the exchange is over");
}

}  // namespace imapd::auth

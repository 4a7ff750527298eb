#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "imapd/auth/sasl_bearer.h"
#include "imapd/base/error.h"

// The mechanisms that carry a password or a token as it is. Pure: no sockets, no users, no clock.
namespace imapd::auth {

// Standard alphabet, padded (RFC 4648, section 4).
std::string base64_encode(std::string_view bytes);
// Strict: padding required, no white space, no other character, and the unused bits of the last character are zero, so that
// each byte string has one form. nullopt otherwise.
std::optional<std::string> base64_decode(std::string_view text);

enum class Mechanism : std::uint8_t {
  kPlain,  // RFC 4616
  kLogin,  // draft-murchison-sasl-login: what old clients speak.
  kOauthBearer,  // RFC 7628.
  kXoauth2,      // What came before it.
  kScramSha256,      // RFC 7677; by ScramServer, not by SaslExchange.
  kScramSha256Plus,  // The same, bound to the connection.
  kExternal,         // RFC 4422, appendix A: the certificate that TLS has verified.
};
// In any case.
std::optional<Mechanism> parse_mechanism(std::string_view name);

// What the client claims to be; nobody has checked it yet.
struct Credentials {
  std::string authzid;  // Whom to act as. Empty: the same as authcid. We let nobody act as another user.
  std::string authcid;  // Who logs in.
  std::string password;
  bool acts_as_itself() const { return authzid.empty() || authzid == authcid; }
};

// PLAIN's message, decoded: [authzid] NUL authcid NUL passwd, each valid UTF-8 (RFC 4616, section 2). kInvalidArgument.
Result<Credentials> parse_plain(std::string_view message);

// One AUTHENTICATE exchange of a mechanism that sends its secret.
//
// Operation    start(), then respond() for each line of the client until the step is credentials or an Error. The caller sends
//              a challenge as `+ ` and the base64 text (empty for PLAIN: `+ ` alone). When it refuses a token it sends the
//              refusal as one more challenge.
// Concurrency  None: belongs to one session.
// Limits       A response of more than response_bytes_max() characters is refused.
class SaslExchange {
 public:
  // Base64 of the longest credentials: user, user and kPasswordBytesMax, with room.
  static constexpr std::size_t kResponseBytesMax = 2048;
  // Base64 of TokenVerifier::kTokenBytesMax, a user and a host, with room; less than a line before login.
  static constexpr std::size_t kBearerResponseBytesMax = 7'680;

  struct Challenge {
    std::string base64;
  };
  // Error: kAborted when the client cancelled with `*` (answer BAD), kInvalidArgument when the response is malformed (BAD too).
  using Step = std::variant<Challenge, Credentials, BearerCredentials, Error>;

  explicit SaslExchange(Mechanism mechanism) : mechanism_(mechanism) {}

  // `initial_response` as it stands on the command line, `=` for an empty one (RFC 4959, section 3).
  Step start(std::optional<std::string_view> initial_response);
  // `line` without its line end.
  Step respond(std::string_view line);

 private:
  enum class Expected : std::uint8_t { kMessage, kUserName, kPassword };
  bool takes_token() const { return mechanism_ == Mechanism::kOauthBearer || mechanism_ == Mechanism::kXoauth2; }
  std::size_t response_bytes_max() const { return takes_token() ? kBearerResponseBytesMax : kResponseBytesMax; }
  Step accept_message(std::string_view message) const;
  Step accept(std::string decoded);

  Mechanism mechanism_;
  Expected expected_ = Expected::kMessage;
  Credentials credentials_;
};

}  // namespace imapd::auth

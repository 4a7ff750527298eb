#pragma once

#include <gsasl.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "imapd/base/error.h"

namespace imapd::auth {

// RFC 7677, section 3 asks for 4,096 at least. The client computes them at each login, the server when a password is set: some
// 30 ms of a server's core, half a second of a small device's.
inline constexpr unsigned kScramIterations = 100'000;
inline constexpr std::size_t kScramSaltBytes = 16;
inline constexpr std::size_t kScramKeyBytes = 32;

// What the server keeps of a password for SCRAM-SHA-256 (RFC 5802, section 2.2): enough to check a proof, too little to make one.
struct ScramKeys {
  unsigned iterations = kScramIterations;
  std::string salt;
  std::string stored_key;
  std::string server_key;
  friend bool operator==(const ScramKeys&, const ScramKeys&) = default;
};

// Blocks for kScramIterations. nullopt: SASLprep (RFC 4013) has no form of the password, so no client can use it with SCRAM.
std::optional<ScramKeys> make_scram_keys(std::string_view password);
std::optional<ScramKeys> make_scram_keys(std::string_view password, std::string salt, unsigned iterations);

// `SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY`, base64 but for the number (the form of RFC 5803).
std::string to_text(const ScramKeys& keys);
std::optional<ScramKeys> parse_scram_keys(std::string_view text);

// One exchange of SCRAM-SHA-256 or SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677), the server's side, by libgsasl.
//
// Operation    step() for each message of the client, decoded, until it is no Challenge. Verified holds the server's last message,
//              by which the client knows that the server knows the keys: it goes out like a challenge, and an empty response
//              comes back. Whether the user may act as authzid() is for the caller to decide.
// Concurrency  None: belongs to one session. A step costs a few HMACs and what `find` costs.
// Errors       kInvalidArgument: malformed. kPermissionDenied: the proof or the channel binding is wrong, or a client that can
//              bind was made to believe that the server cannot. What `find` failed with.
class ScramServer {
 public:
  enum class Binding { kNone, kExporter };
  struct Challenge {
    std::string message;
  };
  struct Verified {
    std::string message;
  };
  using Step = std::variant<Challenge, Verified, Error>;
  // The keys of the user with this name. Called once at most. Does not throw.
  using Find = std::function<Result<ScramKeys>(const std::string& user)>;

  // `exporter`: the connection's channel binding tls-exporter (RFC 9266); empty: there is none, so Binding::kNone.
  ScramServer(Binding binding, std::string_view exporter, Find find);
  ScramServer(const ScramServer&) = delete;

  Step step(std::string_view message);
  // As the client claims, from its first message on.
  const std::string& user() const { return user_; }
  const std::string& authzid() const { return authzid_; }

 private:
  static int on_property(Gsasl* library, Gsasl_session* session, Gsasl_property property);
  static Gsasl* library();
  bool find_keys();
  struct Finish {
    void operator()(Gsasl_session* session) const { gsasl_finish(session); }
  };

  const Find find_;
  const bool can_bind_;
  bool is_first_ = true;
  bool looked_ = false;
  std::string user_;
  std::string authzid_;
  std::optional<Error> failure_;
  std::unique_ptr<Gsasl_session, Finish> session_;
};

}  // namespace imapd::auth

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "imapd/session/features.h"

namespace imapd::session {
class Session;
}

// Every capability, its specification and where it lives. imapd/README.md says of each what tests it and what deviates.
namespace imapd::ext {

struct Extension {
  enum class When {
    kAlways,
    kBeforeLogin,
    kLoggedIn,
    kNotPrivate,      // Before login, and only where no password may be sent.
    kTlsPossible,     // Before login, and not over TLS yet.
    kUncompressed,    // Logged in, and not compressed yet.
    kAuthentication,  // Before login, and only where a password may be sent: TLS or loopback.
    kCertificate,     // Before login, and only when the client has shown a certificate that stands for a user.
    kChannelBinding,  // As kAuthentication, and only where SCRAM can bind to the connection.
    kTokens,          // As kAuthentication, and only where tokens are taken.
  };
  std::string_view name;  // As CAPABILITY calls it. APPENDLIMIT is shown with its value.
  std::string_view specification;
  std::string_view file;
  When when = When::kAlways;
  std::optional<session::Feature> enables = std::nullopt;  // What `ENABLE name` switches on.
};
// Only what works as a whole.
std::span<const Extension> extensions();

// The capability line as of now, without its `* CAPABILITY `.
std::string capabilities(session::Session& session);

}  // namespace imapd::ext

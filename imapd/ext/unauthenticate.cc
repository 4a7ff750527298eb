#include "imapd/session/commands.h"

// UNAUTHENTICATE (RFC 8437).
namespace imapd::session {

// Section 3: back to the not authenticated state with nothing enabled. TLS stays, compression too.
Task<Reply> run(Session& session, wire::Unauthenticate) {
  session.forget_user();
  session.connection().set_limits(wire::FramerLimits::before_login());
  co_return ok("Nobody is logged in");
}

}  // namespace imapd::session

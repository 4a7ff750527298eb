#pragma once

#include <optional>
#include <string>

#include "imapd/auth/sasl.h"
#include "imapd/auth/users.h"
#include "imapd/session/reply.h"
#include "imapd/session/session.h"

// What the ways to log in share.
namespace imapd::session {

// Checks a password in its turn, not on this thread, and answers when the throttle lets it; the session is logged in when it is right.
Task<Reply> log_in(Session& session, auth::Credentials credentials);
// Makes the session that of a user who has been checked.
Task<Reply> welcome(Session& session, auth::Identity identity);

// The user whom the client's certificate stands for, by which EXTERNAL logs in.
std::optional<std::string> certified_user(Session& session);
// What SCRAM can bind to, tls-exporter (RFC 9266); empty: nothing.
std::string channel_binding(Session& session);

Reply not_private();
// In the same words for all that may be wrong.
Reply wrong_credentials();
Reply acts_as_another();
// Nobody knows whether the credentials are right; the log is told why.
Reply login_unchecked(const Session& session, const Error& error);

}  // namespace imapd::session

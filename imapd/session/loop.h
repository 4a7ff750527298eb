#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "imapd/base/async.h"
#include "imapd/session/registry.h"
#include "imapd/session/services.h"
#include "imapd/session/stream.h"

namespace imapd::session {

// Implicit TLS (RFC 8314), or STARTTLS if the client wants it.
enum class TlsBegins { kAtOnce, kWhenAsked };

// Serves one client from its greeting to its end: reads a command, runs it, tells what changed, answers; one after the other, in
// the order in which they came (RFC 3501, section 5.5). Never throws. `services` and `stream` outlive it; `strand` is where it
// runs.
Task<void> serve(Services& services, Stream& stream, asio::any_io_executor strand, Registry::Number number, TlsBegins tls);

}  // namespace imapd::session

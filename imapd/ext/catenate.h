#pragma once

#include <string>
#include <variant>
#include <vector>

#include "imapd/base/async.h"
#include "imapd/session/reply.h"
#include "imapd/session/session.h"
#include "imapd/wire/command.h"

namespace imapd::session {

// The text that the parts of a CATENATE come to (RFC 4469), or the answer to parts that cannot be had: [BADURL] for the first URL
// that names nothing which the user may read, [TOOBIG] over `bytes_max`, [LIMIT] where more would have to be parsed or held than
// one command may.
Task<std::variant<std::string, Reply>> catenate(Session& session, std::vector<wire::MessagePart> parts, std::size_t bytes_max);

}  // namespace imapd::session

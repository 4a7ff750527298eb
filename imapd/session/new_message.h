#pragma once

#include <variant>

#include "imapd/auth/rights.h"
#include "imapd/base/error.h"
#include "imapd/session/reply.h"
#include "imapd/session/session.h"
#include "imapd/store/verbs.h"
#include "imapd/wire/command.h"

// What APPEND and its relatives have in common.
namespace imapd::session {

// The text and the flags that `asked` becomes for one who has `rights` on the target, or the answer to a message that cannot be
// taken. Flags that he may not set are left out (RFC 4314, section 4); NULs become base64 (mime/encode_nuls.h).
// With CATENATE it is put together here; `bytes_max` is what is left of APPENDLIMIT for it.
Task<std::variant<store::NewMessage, Reply>> new_message(Session& session, wire::AppendMessage asked, auth::Rights rights,
                                                         std::size_t bytes_max);

// The answer when the store did not append.
Reply not_appended(const Error& error);

}  // namespace imapd::session

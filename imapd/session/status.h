#pragma once

#include <span>
#include <string>

#include "imapd/base/error.h"
#include "imapd/session/session.h"
#include "imapd/wire/response.h"

// What STATUS and LIST ... RETURN (STATUS (...)) share.
namespace imapd::session {

// HIGHESTMODSEQ is asked for: a CONDSTORE-enabling command.
bool asks_for_mod_seq(std::span<const wire::StatusItem> items);
// `name`: the mailbox as the client calls it. kNotFound when it is gone.
Result<wire::StatusLine> status_line(Session& session, MailboxId mailbox, std::string name,
                                     std::span<const wire::StatusItem> items);

}  // namespace imapd::session

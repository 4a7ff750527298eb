#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "imapd/base/ids.h"
#include "imapd/base/uid_set.h"
#include "imapd/session/reply.h"
#include "imapd/session/session.h"
#include "imapd/wire/command.h"

namespace imapd::session {

// What SEARCH and SORT answer with, by `RETURN (...)` (RFC 4731, 5182, 5267, 9394) or without it.

struct FoundMessage {
  Uid uid;
  std::uint32_t number;  // The client's message number.
  ModSeq mod_seq;
};

struct ResultForm {
  enum class Kind { kSearch, kSort };
  Kind kind = Kind::kSearch;
  bool uid = false;
  bool names_mod_seq = false;  // A MODSEQ key was in the program: (MODSEQ n) is part of the answer (RFC 7162, section 3.1.5).
  std::optional<wire::ResultOptions> returns;  // nullopt: `* SEARCH` or `* SORT`.
  std::optional<wire::EsearchMailbox> mailbox = {};  // Of ESEARCH: part of the answer.
};

// Writes the line of the command with session.tag(). `found` holds all matches in the order of the answer: ascending for SEARCH,
// sorted for SORT. With only MIN, only the first one is needed; see ResultOptions::needs_every_match().
void write_result(Session& session, const ResultForm& form, std::span<const FoundMessage> found);

// Sets `$` if SAVE was asked for (RFC 5182, section 2.4; RFC 9394, section 3.2). nullopt: done. Else it was too much to keep, `$`
// is empty and the command ends with this NO [NOTSAVED].
std::optional<Reply> save_result(Session& session, const wire::ResultOptions& returns, std::span<const FoundMessage> found);

}  // namespace imapd::session

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "imapd/wire/result_options.h"
#include "imapd/wire/search_keys.h"

namespace imapd::wire {

// RFC 7377, section 2.2, by RFC 5465, section 6. Names are UTF-8, and INBOX in any case is "INBOX".
struct SearchSource {
  enum class Mailboxes : std::uint8_t { kSelected, kInboxes, kPersonal, kSubscribed, kSubtree, kSubtreeOne, kNamed };
  Mailboxes mailboxes = Mailboxes::kSelected;
  std::vector<std::string> names;  // Of the last three, at least one.
};

// ESEARCH (RFC 7377). It answers with UIDs.
struct MultiSearch {
  std::vector<SearchSource> sources;  // Empty: the selected mailbox.
  std::optional<ResultOptions> returns;
  std::optional<std::string> charset;  // As in Search.
  SearchKey program;
  bool names_mod_seq = false;  // As in Search.
};

}  // namespace imapd::wire

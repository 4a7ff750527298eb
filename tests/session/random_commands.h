#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/session/client_model.h"

namespace imapd::session {

// A command to send, and what is to be known of it when its answer comes.
struct Step {
  enum class Kind { kFetch, kStore, kSearch, kSelect, kClose, kSync, kStatus, kOther };
  std::string text;
  Kind kind = Kind::kOther;
  bool by_uid = false;
  std::string set;  // FETCH and STORE.
  bool asks_for_flags = false;   // FETCH, of each message of the set.
  bool resynchronizes = false;   // SELECT.
  std::string flag;              // SEARCH: in lower case; empty: ALL.
  // STORE:
  char mode = '+';  // '+', '-' or '='.
  bool silent = false;
  std::vector<std::string> flags;

  // FETCH, STORE or SEARCH by message numbers, which stay as they are meanwhile (RFC 3501, sections 5.5 and 7.4.1).
  bool uses_numbers() const { return !by_uid && (kind == Kind::kFetch || kind == Kind::kStore || kind == Kind::kSearch); }
  // What STORE makes of a message's flags. \Claimed is never cleared by a replacement (DESIGN, rule 4 of the claim).
  void change(FlagNames& names) const;
};

// What a client does and has.
struct Habits {
  std::string mailbox;
  std::string other;
  bool condstore = false;
  bool qresync = false;
  std::uint64_t known_mod_seq = 0;  // Of what it kept; 0: nothing.
  std::uint32_t known_uid_validity = 0;
};

Step random_step(std::mt19937_64& random, const ClientModel& model, Habits& habits);

}  // namespace imapd::session

#include "imapd/wire/grammar_mailbox.h"

#include <algorithm>
#include <array>

#include "imapd/wire/grammar_atoms.h"
#include "imapd/wire/grammar_sets.h"
#include "imapd/wire/mailbox_pattern.h"
#include "imapd/wire/utf7.h"

namespace imapd::wire {
namespace {

// "QRESYNC" SP "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")" (RFC 7162, section 7)
// seq-match-data = "(" known-sequence-set SP known-uid-set ")"
Result<QresyncParameters> parse_qresync(Cursor& cursor) {
  QresyncParameters parameters;
  TRY(cursor.expect(' ', "after QRESYNC"));
  TRY(cursor.expect('(', "after QRESYNC"));
  TRY_ASSIGN(uid_validity, parse_nz_number(cursor, "UIDVALIDITY"));
  parameters.uid_validity = UidValidity(uid_validity);
  TRY(cursor.expect(' ', "after UIDVALIDITY"));
  TRY_ASSIGN(mod_seq, parse_mod_sequence_valzer(cursor, "QRESYNC's mod-sequence"));
  if (mod_seq == ModSeq(0)) return syntax_error("QRESYNC's mod-sequence must not be 0");
  parameters.mod_seq = mod_seq;
  bool more = cursor.skip(' ');
  if (more && cursor.peek() != '(') {
    TRY_ASSIGN(known_uids, parse_known_set(cursor));
    parameters.known_uids = std::move(known_uids);
    more = cursor.skip(' ');
  }
  if (more) {
    TRY(cursor.expect('(', "before the known sequence set"));
    TRY_ASSIGN(numbers, parse_known_set(cursor));
    TRY(cursor.expect(' ', "after the known sequence set"));
    TRY_ASSIGN(uids, parse_known_set(cursor));
    TRY(cursor.expect(')', "after the known UID set"));
    parameters.sequence_match.emplace(std::move(numbers), std::move(uids));
  }
  TRY(cursor.expect(')', "after QRESYNC's parameters"));
  return parameters;
}

// select-params = SP "(" select-param *(SP select-param) ")" (RFC 4466)
// select-param =/ condstore-param / "QRESYNC" ... (RFC 7162) / "ANNOTATE" (RFC 5257)
Result<void> parse_select_params(Cursor& cursor, Select& select) {
  TRY(cursor.expect('(', "before the parameters"));
  do {
    const std::string word = parse_keyword(cursor);
    if (word == "CONDSTORE") {
      select.condstore = true;
    } else if (word == "ANNOTATE") {
      select.annotate = true;
    } else if (word == "QRESYNC") {
      if (select.qresync) return syntax_error("QRESYNC is repeated");
      TRY_ASSIGN(parameters, parse_qresync(cursor));
      select.qresync = std::move(parameters);
    } else {
      return unknown_word("parameter", word);
    }
  } while (cursor.skip(' '));
  return cursor.expect(')', "after the parameters");
}

// create-param =/ "USE" SP "(" [use-attr *(SP use-attr)] ")" (RFC 6154)
// use-attr = "\" atom
Result<std::vector<std::string>> parse_create_params(Cursor& cursor) {
  TRY(cursor.expect('(', "before the parameters"));
  const std::string word = parse_keyword(cursor);
  if (word != "USE") return unknown_word("parameter", word);
  TRY(cursor.expect(' ', "after USE"));
  TRY(cursor.expect('(', "after USE"));
  std::vector<std::string> uses;
  if (!cursor.skip(')')) {
    do {
      TRY(cursor.expect('\\', "before a special use"));
      TRY_ASSIGN(use, parse_atom(cursor, "special use"));
      uses.push_back("\\" + use);
    } while (cursor.skip(' '));
    TRY(cursor.expect(')', "after the special uses"));
  }
  TRY(cursor.expect(')', "after the parameters"));
  return uses;
}

std::optional<StatusItem> status_item(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, StatusItem>, 11> kItems = {{
      {"MESSAGES", StatusItem::kMessages},
      {"RECENT", StatusItem::kRecent},
      {"UIDNEXT", StatusItem::kUidNext},
      {"UIDVALIDITY", StatusItem::kUidValidity},
      {"UNSEEN", StatusItem::kUnseen},
      {"HIGHESTMODSEQ", StatusItem::kHighestModSeq},
      {"SIZE", StatusItem::kSize},
      {"DELETED", StatusItem::kDeleted},
      {"APPENDLIMIT", StatusItem::kAppendLimit},
      {"DELETED-STORAGE", StatusItem::kDeletedStorage},
      {"MAILBOXID", StatusItem::kMailboxId},
  }};
  for (const auto& [name, item] : kItems) {
    if (word == name) return item;
  }
  return std::nullopt;
}

}  // namespace

Result<std::string> decode_mailbox(const Cursor& cursor, std::string encoded, std::string_view what) {
  if (cursor.options().utf8) {
    const bool is_name = is_valid_utf8(encoded) && encoded.find('\0') == std::string::npos;
    if (!is_name) return syntax_error(std::string(what) + " is not UTF-8: " + printable(encoded));
    return encoded;
  }
  auto name = utf7_decode(encoded);
  if (!name) return syntax_error(std::string(what) + " is not modified UTF-7: " + printable(encoded));
  return *std::move(name);
}

// mailbox = "INBOX" / astring ; modified UTF-7 (RFC 3501, 5.1.3), or UTF-8 (RFC 6855, section 3; RFC 9051, section 5.1)
Result<std::string> parse_mailbox(Cursor& cursor) {
  TRY_ASSIGN(encoded, parse_astring(cursor, "mailbox name"));
  TRY_ASSIGN(name, decode_mailbox(cursor, std::move(encoded), "mailbox name"));
  return canonical_mailbox_name(name);
}

// select = "SELECT" SP mailbox [select-params]
Result<Select> parse_select(Cursor& cursor, OpenMode mode) {
  Select select;
  select.mode = mode;
  TRY_ASSIGN(mailbox, parse_mailbox(cursor));
  select.mailbox = std::move(mailbox);
  if (cursor.skip(' ')) TRY(parse_select_params(cursor, select));
  return select;
}

// create = "CREATE" SP mailbox [create-params]
Result<Create> parse_create(Cursor& cursor) {
  Create create;
  TRY_ASSIGN(mailbox, parse_mailbox(cursor));
  create.mailbox = std::move(mailbox);
  if (cursor.skip(' ')) {
    TRY_ASSIGN(special_use, parse_create_params(cursor));
    create.special_use = std::move(special_use);
  }
  return create;
}

// rename = "RENAME" SP mailbox SP mailbox
Result<Rename> parse_rename(Cursor& cursor) {
  TRY_ASSIGN(from, parse_mailbox(cursor));
  TRY(cursor.expect(' ', "between the two mailbox names"));
  TRY_ASSIGN(to, parse_mailbox(cursor));
  return Rename{.from = std::move(from), .to = std::move(to)};
}

// "(" status-att *(SP status-att) ")"
// status-att = "MESSAGES" / "RECENT" / "UIDNEXT" / "UIDVALIDITY" / "UNSEEN" / "HIGHESTMODSEQ" / "SIZE" / "DELETED" /
//              "APPENDLIMIT" / "MAILBOXID"
Result<std::vector<StatusItem>> parse_status_items(Cursor& cursor) {
  TRY(cursor.expect('(', "before the status items"));
  std::vector<StatusItem> items;
  do {
    const std::string word = parse_keyword(cursor);
    const auto item = status_item(word);
    if (!item) return unknown_word("status item", word);
    if (std::find(items.begin(), items.end(), *item) == items.end()) items.push_back(*item);
  } while (cursor.skip(' '));
  TRY(cursor.expect(')', "after the status items"));
  return items;
}

// status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"
Result<Status> parse_status(Cursor& cursor) {
  TRY_ASSIGN(mailbox, parse_mailbox(cursor));
  TRY(cursor.expect(' ', "after the mailbox name"));
  TRY_ASSIGN(items, parse_status_items(cursor));
  return Status{.mailbox = std::move(mailbox), .items = std::move(items)};
}

}  // namespace imapd::wire

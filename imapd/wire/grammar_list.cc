#include "imapd/wire/grammar_list.h"

#include "imapd/wire/grammar_atoms.h"
#include "imapd/wire/grammar_mailbox.h"
#include "imapd/wire/grammar_metadata.h"

namespace imapd::wire {
namespace {

// list-mailbox = 1*list-char / string
Result<std::string> parse_list_mailbox(Cursor& cursor) {
  std::string encoded;
  if (cursor.peek() == '"' || cursor.peek() == '{') {
    TRY_ASSIGN(value, parse_string(cursor, "mailbox pattern"));
    encoded = std::move(value);
  } else {
    encoded = cursor.take_while(is_list_char);
    if (encoded.empty()) return syntax_error("mailbox pattern expected");
  }
  return decode_mailbox(cursor, std::move(encoded), "mailbox pattern");
}

// The reference: a mailbox name, but not a mailbox, so `inbox` keeps its case.
Result<std::string> parse_reference(Cursor& cursor) {
  TRY_ASSIGN(encoded, parse_astring(cursor, "reference"));
  return decode_mailbox(cursor, std::move(encoded), "reference");
}

// list-select-opts = "(" [list-select-opt *(SP list-select-opt)] ")" (RFC 5258, section 6)
// list-select-opt = "SUBSCRIBED" / "REMOTE" / "RECURSIVEMATCH" / "SPECIAL-USE"
Result<void> parse_select_options(Cursor& cursor, List& list) {
  TRY(cursor.expect('(', "before the selection options"));
  if (cursor.skip(')')) return {};
  do {
    const std::string word = parse_keyword(cursor);
    if (word == "SUBSCRIBED") {
      list.select_subscribed = true;
    } else if (word == "REMOTE") {
      list.select_remote = true;
    } else if (word == "RECURSIVEMATCH") {
      list.select_recursive_match = true;
    } else if (word == "SPECIAL-USE") {
      list.select_special_use = true;
    } else {
      return unknown_word("selection option", word);
    }
  } while (cursor.skip(' '));
  TRY(cursor.expect(')', "after the selection options"));
  // RFC 5258, section 3: it changes what SUBSCRIBED selects, so alone it has no meaning.
  if (list.select_recursive_match && !list.select_subscribed) return syntax_error("RECURSIVEMATCH needs SUBSCRIBED");
  return {};
}

// list-return-opts = "RETURN" SP "(" [return-option *(SP return-option)] ")"
// return-option = "SUBSCRIBED" / "CHILDREN" / "SPECIAL-USE" / "STATUS" SP "(" status-att *(SP status-att) ")" (RFC 5819)
//                 / "METADATA" SP entries (RFC 9590) / "MYRIGHTS" (RFC 8440)
Result<void> parse_return_options(Cursor& cursor, List& list) {
  if (parse_keyword(cursor) != "RETURN") return syntax_error("RETURN expected after the patterns");
  TRY(cursor.expect(' ', "after RETURN"));
  TRY(cursor.expect('(', "after RETURN"));
  if (cursor.skip(')')) return {};
  do {
    const std::string word = parse_keyword(cursor);
    if (word == "SUBSCRIBED") {
      list.return_subscribed = true;
    } else if (word == "CHILDREN") {
      list.return_children = true;
    } else if (word == "SPECIAL-USE") {
      list.return_special_use = true;
    } else if (word == "STATUS") {
      TRY(cursor.expect(' ', "after STATUS"));
      TRY_ASSIGN(items, parse_status_items(cursor));
      list.return_status = std::move(items);
    } else if (word == "MYRIGHTS") {
      list.return_my_rights = true;
    } else if (word == "METADATA") {
      TRY(cursor.expect(' ', "after METADATA"));
      TRY_ASSIGN(entries, parse_metadata_entries(cursor));
      list.return_metadata = std::move(entries);
    } else {
      return unknown_word("RETURN option", word);
    }
  } while (cursor.skip(' '));
  return cursor.expect(')', "after the RETURN options");
}

// mbox-or-pat = list-mailbox / patterns
// patterns = "(" list-mailbox *(SP list-mailbox) ")"
Result<void> parse_patterns(Cursor& cursor, List& list) {
  if (!cursor.skip('(')) {
    TRY_ASSIGN(pattern, parse_list_mailbox(cursor));
    list.patterns.push_back(std::move(pattern));
    return {};
  }
  list.extended = true;
  do {
    TRY_ASSIGN(pattern, parse_list_mailbox(cursor));
    list.patterns.push_back(std::move(pattern));
    if (list.patterns.size() > limits::kListPatternsMax) return syntax_error("too many patterns");
  } while (cursor.skip(' '));
  return cursor.expect(')', "after the patterns");
}

}  // namespace

// list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]
Result<List> parse_list(Cursor& cursor) {
  List list;
  if (cursor.peek() == '(') {
    list.extended = true;
    TRY(parse_select_options(cursor, list));
    TRY(cursor.expect(' ', "after the selection options"));
  }
  TRY_ASSIGN(reference, parse_reference(cursor));
  list.reference = std::move(reference);
  TRY(cursor.expect(' ', "after the reference"));
  TRY(parse_patterns(cursor, list));
  if (cursor.skip(' ')) {
    list.extended = true;
    TRY(parse_return_options(cursor, list));
  }
  return list;
}

// lsub = "LSUB" SP mailbox SP list-mailbox
Result<Lsub> parse_lsub(Cursor& cursor) {
  TRY_ASSIGN(reference, parse_reference(cursor));
  TRY(cursor.expect(' ', "after the reference"));
  TRY_ASSIGN(pattern, parse_list_mailbox(cursor));
  return Lsub{.reference = std::move(reference), .pattern = std::move(pattern)};
}

}  // namespace imapd::wire

#include "imapd/wire/grammar_flags.h"

#include <string>

#include "imapd/wire/grammar_atoms.h"

namespace imapd::wire {
namespace {

Result<Flag> to_flag(std::string_view name) {
  if (equals_ignoring_case(name, "\\Recent")) return syntax_error("\\Recent cannot be set by a client");
  auto flag = Flag::parse(name);
  if (!flag) return syntax_error("unknown system flag " + printable(name));
  return *std::move(flag);
}

void add_once(FlagSet& seen, std::vector<Flag>& flags, Flag flag) {
  if (seen.contains(flag)) return;
  seen.add(flag);
  flags.push_back(std::move(flag));
}

}  // namespace

// flag = "\Answered" / "\Flagged" / "\Deleted" / "\Seen" / "\Draft" / flag-keyword / flag-extension
// flag-extension = "\" atom
// flag-keyword = atom
Result<Flag> parse_flag(Cursor& cursor) {
  std::string name = cursor.skip('\\') ? "\\" : "";
  TRY_ASSIGN(atom, parse_atom(cursor, "flag"));
  return to_flag(name + atom);
}

// flag-list = "(" [flag *(SP flag)] ")"
Result<std::vector<Flag>> parse_flag_list(Cursor& cursor) {
  TRY(cursor.expect('(', "to begin the flags"));
  std::vector<Flag> flags;
  if (cursor.skip(')')) return flags;
  FlagSet seen;
  do {
    TRY_ASSIGN(flag, parse_flag(cursor));
    add_once(seen, flags, std::move(flag));
  } while (cursor.skip(' '));
  TRY(cursor.expect(')', "after the flags"));
  return flags;
}

// store-att-flags = ... (flag-list / (flag *(SP flag)))
Result<std::vector<Flag>> parse_store_flags(Cursor& cursor) {
  if (cursor.peek() == '(') return parse_flag_list(cursor);
  std::vector<Flag> flags;
  FlagSet seen;
  do {
    TRY_ASSIGN(flag, parse_flag(cursor));
    add_once(seen, flags, std::move(flag));
  } while (cursor.skip(' '));
  return flags;
}

// flag-keyword = atom
Result<Flag> parse_flag_keyword(Cursor& cursor) {
  TRY_ASSIGN(flag, parse_flag(cursor));
  if (flag.is_system() && flag.system() != SystemFlag::kClaimed) return syntax_error("keyword expected, not " + flag.name());
  return flag;
}

// entry-name = DQUOTE "/flags/" attr-flag DQUOTE
// attr-flag = "\\Answered" / "\\Flagged" / "\\Deleted" / "\\Seen" / "\\Draft" / attr-flag-keyword / attr-flag-extension
Result<Flag> parse_flag_entry_name(std::string_view entry_name) {
  constexpr std::string_view kPrefix = "/flags/";
  if (!equals_ignoring_case(entry_name.substr(0, kPrefix.size()), kPrefix)) {
    return syntax_error("metadata entry must begin with /flags/");
  }
  Cursor cursor(entry_name.substr(kPrefix.size()));
  TRY_ASSIGN(flag, parse_flag(cursor));
  if (!cursor.rest().empty()) return syntax_error("metadata entry names no flag: " + printable(entry_name));
  return flag;
}

}  // namespace imapd::wire

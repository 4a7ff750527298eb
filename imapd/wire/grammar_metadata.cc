#include "imapd/wire/grammar_metadata.h"

#include <algorithm>

#include "imapd/base/limits.h"
#include "imapd/wire/grammar_atoms.h"
#include "imapd/wire/grammar_mailbox.h"

namespace imapd::wire {
namespace {

// RFC 5464, section 3.2. Shorter names than can be set are good to ask for with DEPTH.
Result<void> check_entry(std::string_view entry) {
  if (entry.size() > limits::kMetadataEntryBytesMax) return syntax_error("entry name is too long");
  const bool scoped = entry == "/private" || entry == "/shared" || entry.starts_with("/private/") || entry.starts_with("/shared/");
  if (!scoped) return syntax_error("entry name must begin with /private/ or /shared/");
  if (entry.back() == '/' || entry.find("//") != std::string_view::npos) return syntax_error("entry name has an empty component");
  const bool bad = std::any_of(entry.begin(), entry.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte >= 0x7f || c == '*' || c == '%';
  });
  if (bad) return syntax_error("entry name holds a character that it may not");
  return {};
}

// entry = astring
Result<std::string> parse_entry(Cursor& cursor) {
  TRY_ASSIGN(entry, parse_astring(cursor, "entry name"));
  for (char& c : entry) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  TRY(check_entry(entry));
  return entry;
}

// Two components at least; four in the vendors' part.
Result<void> check_settable(std::string_view entry) {
  const auto components = std::count(entry.begin(), entry.end(), '/');
  const std::string_view rest = entry.substr(entry.find('/', 1) == std::string_view::npos ? entry.size() : entry.find('/', 1));
  const bool vendor = rest == "/vendor" || rest.starts_with("/vendor/");
  if (components < (vendor ? 4 : 2)) return syntax_error("entry name has too few components");
  return {};
}

// value = nstring / literal8
Result<std::optional<std::string>> parse_value(Cursor& cursor) {
  if (cursor.peek() == '~') {
    TRY_ASSIGN(value, parse_message_literal(cursor));
    return std::optional<std::string>(std::move(value));
  }
  return parse_nstring(cursor, "value");
}

// An option list and an entry list both stand in parentheses; an entry begins with a slash.
bool at_options(Cursor cursor) {
  return cursor.skip('(') && cursor.peek() != '/' && cursor.peek() != '"' && cursor.peek() != '{';
}

// getmetadata-options = "(" getmetadata-option *(SP getmetadata-option) ")"
// maxsize-opt = "MAXSIZE" SP number; scope-opt = "DEPTH" SP ("0" / "1" / "infinity")
Result<void> parse_options(Cursor& cursor, GetMetadata& command) {
  TRY(cursor.expect('(', "before the options"));
  do {
    const std::string word = parse_keyword(cursor);
    if (word != "MAXSIZE" && word != "DEPTH") return unknown_word("option", word);
    TRY(cursor.expect(' ', "after the option"));
    if (word == "MAXSIZE") {
      TRY_ASSIGN(size, parse_number(cursor, "MAXSIZE"));
      command.size_max = size;
      continue;
    }
    const std::string depth = parse_keyword(cursor);
    if (depth == "0") {
      command.depth = GetMetadata::Depth::kSelf;
    } else if (depth == "1") {
      command.depth = GetMetadata::Depth::kChildren;
    } else if (depth == "INFINITY") {
      command.depth = GetMetadata::Depth::kAll;
    } else {
      return unknown_word("DEPTH", depth);
    }
  } while (cursor.skip(' '));
  return cursor.expect(')', "after the options");
}

Result<void> add_entry(std::vector<std::string>& entries, std::string entry) {
  if (std::find(entries.begin(), entries.end(), entry) != entries.end()) return {};
  if (entries.size() >= limits::kMetadataEntriesPerCommandMax) return syntax_error("too many entries");
  entries.push_back(std::move(entry));
  return {};
}

}  // namespace

// entries = entry / "(" entry *(SP entry) ")"
Result<std::vector<std::string>> parse_metadata_entries(Cursor& cursor) {
  std::vector<std::string> entries;
  const bool list = cursor.skip('(');
  do {
    TRY_ASSIGN(entry, parse_entry(cursor));
    TRY(add_entry(entries, std::move(entry)));
  } while (list && cursor.skip(' '));
  if (list) TRY(cursor.expect(')', "after the entries"));
  return entries;
}

// getmetadata = "GETMETADATA" [SP getmetadata-options] SP mailbox SP entries
// The examples of RFC 5464 have the options behind the mailbox, and in section 4.4.1 entries without their parentheses: both are
// taken.
Result<GetMetadata> parse_get_metadata(Cursor& cursor) {
  GetMetadata command;
  if (cursor.peek() == '(') {
    TRY(parse_options(cursor, command));
    TRY(cursor.expect(' ', "after the options"));
  }
  TRY_ASSIGN(mailbox, parse_mailbox(cursor));
  command.mailbox = std::move(mailbox);
  TRY(cursor.expect(' ', "after the mailbox name"));
  if (at_options(cursor)) {
    TRY(parse_options(cursor, command));
    TRY(cursor.expect(' ', "after the options"));
  }
  TRY_ASSIGN(entries, parse_metadata_entries(cursor));
  command.entries = std::move(entries);
  while (cursor.skip(' ')) {
    TRY_ASSIGN(entry, parse_entry(cursor));
    TRY(add_entry(command.entries, std::move(entry)));
  }
  return command;
}

// setmetadata = "SETMETADATA" SP mailbox SP entry-values
// entry-values = "(" entry-value *(SP entry-value) ")"; entry-value = entry SP value
Result<SetMetadata> parse_set_metadata(Cursor& cursor) {
  SetMetadata command;
  TRY_ASSIGN(mailbox, parse_mailbox(cursor));
  command.mailbox = std::move(mailbox);
  TRY(cursor.expect(' ', "after the mailbox name"));
  TRY(cursor.expect('(', "before the entries"));
  do {
    TRY_ASSIGN(entry, parse_entry(cursor));
    TRY(check_settable(entry));
    TRY(cursor.expect(' ', "after the entry name"));
    TRY_ASSIGN(value, parse_value(cursor));
    if (command.entries.size() >= limits::kMetadataEntriesPerCommandMax) return syntax_error("too many entries");
    command.entries.emplace_back(std::move(entry), std::move(value));
  } while (cursor.skip(' '));
  TRY(cursor.expect(')', "after the entries"));
  return command;
}

}  // namespace imapd::wire

#include "imapd/wire/grammar_atoms.h"

#include <algorithm>

#include "imapd/base/flag.h"
#include "imapd/wire/utf7.h"

namespace imapd::wire {
namespace {

constexpr std::size_t kPrintableBytesMax = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string message(std::string_view what, std::string_view wrong) { return std::string(what) + ' ' + std::string(wrong); }

// At most `max`; leading zeros do not matter.
Result<std::uint64_t> parse_digits(Cursor& cursor, std::string_view what, std::uint64_t max) {
  const std::string_view digits = cursor.take_while(is_digit);
  if (digits.empty()) return syntax_error(message(what, "must be a number"));
  std::uint64_t value = 0;
  for (const char c : digits) {
    const std::uint64_t digit = static_cast<std::uint64_t>(c - '0');
    if (value > (max - digit) / 10) return syntax_error(message(what, "is too large a number"));
    value = value * 10 + digit;
  }
  return value;
}

// "{" number ["+"] "}" CRLF *CHAR8
Result<std::string_view> parse_literal_bytes(Cursor& cursor, std::string_view what) {
  TRY(cursor.expect('{', "to begin a literal"));
  TRY_ASSIGN(size, parse_digits(cursor, "literal size", UINT64_MAX));
  cursor.skip('+');
  TRY(cursor.expect('}', "after the size of a literal"));
  cursor.skip('\r');
  if (!cursor.skip('\n')) return syntax_error("line end expected after the size of a literal");
  if (size > cursor.rest().size()) return syntax_error(message(what, "ends before its literal does"));
  return cursor.take(static_cast<std::size_t>(size));
}

}  // namespace

// ATOM-CHAR = <any CHAR except atom-specials>
// atom-specials = "(" / ")" / "{" / SP / CTL / list-wildcards / quoted-specials / resp-specials
bool is_atom_char(char c) {
  return c > 0x20 && c < 0x7f && std::string_view("(){%*\"\\]").find(c) == std::string_view::npos;
}

// ASTRING-CHAR = ATOM-CHAR / resp-specials
bool is_astring_char(char c) { return is_atom_char(c) || c == ']'; }

// list-char = ATOM-CHAR / list-wildcards / resp-specials
bool is_list_char(char c) { return is_astring_char(c) || c == '*' || c == '%'; }

// tag = 1*<any ASTRING-CHAR except "+">
bool is_tag_char(char c) { return is_astring_char(c) && c != '+'; }

std::string to_upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return upper;
}

std::string printable_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) c = c >= 0x20 && c < 0x7f ? c : '?';
  return line;
}

std::string printable(std::string_view text) {
  std::string clipped = printable_line(text.substr(0, kPrintableBytesMax));
  if (text.size() > kPrintableBytesMax) clipped += "...";
  return clipped;
}

Error unknown_word(std::string_view what, std::string_view word) {
  if (word.empty()) return syntax_error(message(what, "expected"));
  return syntax_error("unknown " + message(what, printable(word)));
}

// atom = 1*ATOM-CHAR
Result<std::string> parse_atom(Cursor& cursor, std::string_view what) {
  const std::string_view atom = cursor.take_while(is_atom_char);
  if (atom.empty()) return syntax_error(message(what, "expected"));
  return std::string(atom);
}

std::string parse_keyword(Cursor& cursor) {
  return to_upper(cursor.take_while([](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || is_digit(c) || c == '.' || c == '-' || c == '_';
  }));
}

// quoted = DQUOTE *QUOTED-CHAR DQUOTE
// QUOTED-CHAR = <any TEXT-CHAR except quoted-specials> / "\" quoted-specials
// quoted =/ DQUOTE *uQUOTED-CHAR DQUOTE; uQUOTED-CHAR = QUOTED-CHAR / UTF8-2 / UTF8-3 / UTF8-4 (RFC 6855, section 3)
Result<std::string> parse_quoted(Cursor& cursor, std::string_view what, Quoted8Bit quoted_8bit) {
  TRY(cursor.expect('"', "to begin a quoted string"));
  const bool utf8 = cursor.options().utf8;
  std::string value;
  while (!cursor.rest().empty()) {
    char c = cursor.take(1).front();
    if (c == '"') {
      if (utf8 && !is_valid_utf8(value)) return syntax_error(message(what, "is not UTF-8"));
      return value;
    }
    if (c == '\\') {
      c = cursor.peek();
      if (c != '"' && c != '\\') return syntax_error(message(what, "has a backslash before a character that needs none"));
      cursor.take(1);
    }
    if (c == '\r' || c == '\n') break;
    if (c == '\0') return syntax_error(message(what, "holds a NUL"));
    if (static_cast<unsigned char>(c) >= 0x80 && !utf8 && quoted_8bit == Quoted8Bit::kRefused) {
      return syntax_error(message(what, "holds an 8-bit character in quotes"));
    }
    value.push_back(c);
  }
  return syntax_error(message(what, "lacks its closing quote"));
}

// literal = "{" number ["+"] "}" CRLF *CHAR8
// CHAR8 = %x01-ff
Result<std::string> parse_literal(Cursor& cursor, std::string_view what) {
  TRY_ASSIGN(bytes, parse_literal_bytes(cursor, what));
  if (bytes.find('\0') != bytes.npos) return syntax_error(message(what, "holds a NUL"));
  return std::string(bytes);
}

// literal8 = "~{" number ["+"] "}" CRLF *OCTET (RFC 3516, section 7)
Result<std::string> parse_message_literal(Cursor& cursor) {
  constexpr std::string_view kWhat = "message";
  if (cursor.skip('~')) {
    TRY_ASSIGN(bytes, parse_literal_bytes(cursor, kWhat));
    return std::string(bytes);
  }
  if (cursor.peek() != '{') return syntax_error("message must be a literal");
  return parse_literal(cursor, kWhat);
}

// string = quoted / literal
Result<std::string> parse_string(Cursor& cursor, std::string_view what, Quoted8Bit quoted_8bit) {
  if (cursor.peek() == '"') return parse_quoted(cursor, what, quoted_8bit);
  if (cursor.peek() == '{') return parse_literal(cursor, what);
  return syntax_error(message(what, "must be a string"));
}

// astring = 1*ASTRING-CHAR / string
Result<std::string> parse_astring(Cursor& cursor, std::string_view what, Quoted8Bit quoted_8bit) {
  if (cursor.peek() == '"' || cursor.peek() == '{') return parse_string(cursor, what, quoted_8bit);
  const std::string_view atom = cursor.take_while(is_astring_char);
  if (atom.empty()) return syntax_error(message(what, "expected"));
  return std::string(atom);
}

// nstring = string / nil
Result<std::optional<std::string>> parse_nstring(Cursor& cursor, std::string_view what) {
  if (cursor.peek() == '"' || cursor.peek() == '{') {
    TRY_ASSIGN(value, parse_string(cursor, what));
    return std::optional<std::string>(std::move(value));
  }
  const std::string_view atom = cursor.take_while(is_atom_char);
  if (!equals_ignoring_case(atom, "NIL")) return syntax_error(message(what, "must be a string or NIL"));
  return std::optional<std::string>();
}

// number = 1*DIGIT ; 0 <= n < 4,294,967,296
Result<std::uint32_t> parse_number(Cursor& cursor, std::string_view what) {
  TRY_ASSIGN(value, parse_digits(cursor, what, UINT32_MAX));
  return static_cast<std::uint32_t>(value);
}

// number64 = 1*DIGIT ; 0 <= n <= 9,223,372,036,854,775,807 (RFC 9051)
Result<std::uint64_t> parse_number64(Cursor& cursor, std::string_view what) { return parse_digits(cursor, what, INT64_MAX); }

// nz-number = digit-nz *DIGIT
Result<std::uint32_t> parse_nz_number(Cursor& cursor, std::string_view what) {
  if (cursor.peek() == '0') return syntax_error(message(what, "must not begin with 0"));
  return parse_number(cursor, what);
}

// mod-sequence-valzer = "0" / mod-sequence-value ; at most 2^63 - 1 (RFC 7162, section 7)
Result<ModSeq> parse_mod_sequence_valzer(Cursor& cursor, std::string_view what) {
  TRY_ASSIGN(value, parse_digits(cursor, what, INT64_MAX));
  return ModSeq(value);
}

// date = date-text / DQUOTE date-text DQUOTE
Result<std::chrono::year_month_day> parse_date_argument(Cursor& cursor) {
  const bool quoted = cursor.skip('"');
  const std::string_view text = cursor.take_while(is_atom_char);
  if (quoted && !cursor.skip('"')) return syntax_error("date lacks its closing quote");
  const auto date = parse_date(text);
  if (!date) return syntax_error("no such date: " + printable(text));
  return *date;
}

// date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
Result<DateTime> parse_date_time_argument(Cursor& cursor) {
  TRY_ASSIGN(text, parse_quoted(cursor, "date-time", Quoted8Bit::kRefused));
  const auto date_time = parse_date_time(text);
  if (!date_time) return syntax_error("no such date-time: " + printable(text));
  return *date_time;
}

}  // namespace imapd::wire

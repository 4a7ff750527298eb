#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "imapd/base/ids.h"
#include "imapd/wire/date_time.h"
#include "imapd/wire/grammar_cursor.h"

// The rules that all others are made of (RFC 3501, section 9). `what` names the argument in the error's text.
namespace imapd::wire {

bool is_atom_char(char c);
bool is_astring_char(char c);
bool is_list_char(char c);
bool is_tag_char(char c);

std::string to_upper(std::string_view text);
// For a text that goes back to the client: printable ASCII, clipped.
std::string printable(std::string_view text);
// The same, whole.
std::string printable_line(std::string_view text);

// Whether bytes >= 0x80 may stand in quotes of a client that has not enabled UTF-8. In literals they always may. Of one that has
// it is valid UTF-8 or a syntax error (RFC 6855, section 3).
enum class Quoted8Bit { kRefused, kAccepted };

// "unknown <what> FOO", or "<what> expected" when there was no word.
Error unknown_word(std::string_view what, std::string_view word);

Result<std::string> parse_atom(Cursor& cursor, std::string_view what);
// A word of letters, digits, '.', '-' and '_', in capitals; empty when there is none.
std::string parse_keyword(Cursor& cursor);
Result<std::string> parse_quoted(Cursor& cursor, std::string_view what, Quoted8Bit quoted_8bit);
Result<std::string> parse_literal(Cursor& cursor, std::string_view what);
// A literal, or a literal8, which may hold NUL.
Result<std::string> parse_message_literal(Cursor& cursor);
Result<std::string> parse_string(Cursor& cursor, std::string_view what, Quoted8Bit quoted_8bit = Quoted8Bit::kRefused);
Result<std::string> parse_astring(Cursor& cursor, std::string_view what, Quoted8Bit quoted_8bit = Quoted8Bit::kRefused);
Result<std::optional<std::string>> parse_nstring(Cursor& cursor, std::string_view what);

Result<std::uint32_t> parse_number(Cursor& cursor, std::string_view what);
// 0 to 2^63 - 1 (RFC 9051, section 9).
Result<std::uint64_t> parse_number64(Cursor& cursor, std::string_view what);
Result<std::uint32_t> parse_nz_number(Cursor& cursor, std::string_view what);
// 0 to 2^63 - 1.
Result<ModSeq> parse_mod_sequence_valzer(Cursor& cursor, std::string_view what);

Result<std::chrono::year_month_day> parse_date_argument(Cursor& cursor);
Result<DateTime> parse_date_time_argument(Cursor& cursor);

}  // namespace imapd::wire

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "imapd/mime/message_tree.h"

namespace imapd::mime {

// What SEARCH and SORT read in a message. All results are valid UTF-8 unless said otherwise. Thread-safe.

// The value of the first field of this name, unfolded, spaces at its ends cut, not decoded. nullopt when
// there is none.
std::optional<std::string> header_field(std::string_view header, std::string_view name);
// The values of all fields of this name.
std::vector<std::string> header_values(std::string_view header, std::string_view name);
// RFC 2047 decoded; raw UTF-8 (RFC 6532) stays.
std::string decode_header(std::string_view raw);

// A string to look for, folded once.
class Needle {
 public:
  explicit Needle(std::string_view utf8);
  // `utf8` need not be folded. The empty needle is in everything.
  bool is_in(std::string_view utf8) const;

 private:
  std::string folded_;
};
// i;unicode-casemap (RFC 5051), the collation of SEARCH, SORT and THREAD (RFC 5255, section 4): strings are equal, or in order, when
// these are, byte by byte.
std::string fold_case(std::string_view utf8);
// Unicode's form NFC, which Net-Unicode is in (RFC 5198, section 2). `utf8` is valid and holds no NUL.
std::string to_nfc(std::string_view utf8);

// Is it in the decoded value of a field of this name? With the empty needle: is there such a field (RFC 3501,
// section 6.4.4)?
bool header_contains(std::string_view header, std::string_view name, const Needle& needle);
// SEARCH BODY: in the decoded text of a part that holds text (text/*, JSON, XML, untyped UTF-8), or in the
// header of a message inside.
bool body_contains(const MessageTree& tree, std::string_view bytes, const Needle& needle);
// SEARCH TEXT: in the header or, as above, in the body.
bool text_contains(const MessageTree& tree, std::string_view bytes, const Needle& needle);

// The body without its transfer encoding (base64, quoted-printable, uuencode): any bytes.
std::string decode_body(const Part& part, std::string_view bytes);
// The same in UTF-8, by the charset parameter of the part.
std::string decode_text(const Part& part, std::string_view bytes);

// The Date field, without regard to time and zone for SENTON (RFC 3501), with them for SORT DATE (RFC 5256,
// section 2.2).
struct SentDate {
  std::chrono::year_month_day date;  // As written, in the zone of the sender.
  std::chrono::seconds time_of_day{0};
  std::chrono::minutes zone{0};
  std::chrono::sys_seconds instant() const { return std::chrono::sys_days(date) + time_of_day - zone; }
};
std::optional<SentDate> sent_date(std::string_view header);

}  // namespace imapd::mime

#pragma once

#include <string>
#include <string_view>

namespace imapd::search {

// RFC 5256, section 2.1.
struct BaseSubject {
  std::string text;
  bool reply_or_forward = false;  // Something was removed that says so (section 3, REFERENCES).
};

// `subject` is decoded (RFC 2047); its letters keep their case. Linear in its size.
BaseSubject base_subject(std::string_view subject);

}  // namespace imapd::search

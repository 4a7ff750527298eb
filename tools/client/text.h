// Text that came from elsewhere, for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace tools::client {

// RFC 3629, without overlong forms and surrogates.
bool is_utf8(std::string_view text);

// Columns that text takes on a terminal: East Asian wide characters take two, combining ones none.
std::size_t display_width(std::string_view text);

// Text that is safe to show: control characters (and with them escape sequences that a message may carry) and bytes that are
// not UTF-8 become U+FFFD. Line breaks and tabs stay only with `keep_lines`.
enum class Lines { kKeep, kReplace };
std::string printable(std::string_view text, Lines lines);

// At most `width_max` columns, the last one an ellipsis when something was cut.
std::string shortened(std::string_view text, std::size_t width_max);

}  // namespace tools::client

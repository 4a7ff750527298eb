#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace imapd::mime {

struct Field {
  std::string_view name;   // Empty when the line has no colon.
  std::string_view value;  // What follows the colon, folds and line end included.
  std::string_view whole;  // The field as it stands, line end included.
};

// Reads the fields of a header one after another. A line may end in CRLF or LF; an empty line ends the
// header.
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view bytes) : bytes_(bytes) {}
  std::optional<Field> next();
  // How many bytes were read: after the last field, the size of the header, with the empty line that ends it.
  std::size_t position() const { return at_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

// Line ends before a blank are dropped (RFC 5322, section 2.2.3); any other CR, LF or NUL becomes a space.
// Blanks at the ends are cut.
std::string unfold(std::string_view value);

// The bytes from the start of a message to where its body begins.
std::string_view header_of(std::string_view message);

}  // namespace imapd::mime

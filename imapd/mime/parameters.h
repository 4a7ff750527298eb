#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "imapd/mime/message_tree.h"

namespace imapd::mime {

// A value with parameters (RFC 2045, section 5.1), read as leniently as mail clients write it. `value` is
// unfolded.
struct ParameterizedValue {
  std::string value;  // What stands before the first `;`, without comments.
  std::vector<Parameter> parameters;
};
ParameterizedValue parse_parameterized(std::string_view value);

// The parameter of this name with its pieces joined and decoded by RFC 2231. Bytes as they were when its
// charset is UTF-8, else converted to UTF-8.
std::optional<std::string> decode_parameter(const std::vector<Parameter>& parameters, std::string_view name);

// Appends `; name=value` so that decode_parameter() gives back these bytes, whatever they are: as a quoted
// string where it is printable ASCII, else by RFC 2231, folded into short lines.
void append_parameter(std::string& to, std::string_view name, std::string_view value);

}  // namespace imapd::mime

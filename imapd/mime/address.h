#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imapd::mime {

// One member of an address list as ENVELOPE shows it (RFC 3501, section 7.4.2). A group begins with an
// address that has a mailbox (the name of the group) but no host, and ends with one that has neither. Quoted
// strings are unquoted, nothing is decoded.
struct Address {
  std::optional<std::string> name;
  std::optional<std::string> route;
  std::optional<std::string> mailbox;
  std::optional<std::string> host;
};

// `value` is unfolded. Total and linear.
std::vector<Address> parse_addresses(std::string_view value);

}  // namespace imapd::mime

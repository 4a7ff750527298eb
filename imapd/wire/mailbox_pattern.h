#pragma once

#include <string>
#include <string_view>

namespace imapd::wire {

inline constexpr char kDelimiter = '/';

// LIST's patterns (RFC 3501, 6.3.8): `*` is any run of characters, `%` any run without the delimiter. The first level is compared
// without case when it is INBOX. Takes at most O(name x pattern) steps.
bool matches_mailbox_pattern(std::string_view pattern, std::string_view name);
// The pattern that LIST means by a reference and a pattern: joined, as an interpretation is ours to choose.
std::string join_reference(std::string_view reference, std::string_view pattern);
// "INBOX" for INBOX in any case, else the name itself (RFC 3501, 5.1).
std::string canonical_mailbox_name(std::string_view name);

}  // namespace imapd::wire

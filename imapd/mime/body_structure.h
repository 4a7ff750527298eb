#pragma once

#include <string>
#include <string_view>

#include "imapd/mime/message_tree.h"

namespace imapd::mime {

enum class Extended { kNo, kYes };  // BODY or BODYSTRUCTURE.

// The `body` of RFC 3501, section 9, from `(` to `)`, as it goes to the wire. `bytes` are those that the tree
// was parsed from.
std::string body_structure(const MessageTree& tree, std::string_view bytes, Extended extended);

}  // namespace imapd::mime

#pragma once

#include <string>
#include <string_view>

#include "imapd/mime/message_tree.h"

namespace imapd::mime {

// The first words of a message, for a list of messages (RFC 8970): of the first part shown inline that holds text, HTML without
// its markup, runs of spaces and line ends as one space, at most 200 characters of valid UTF-8 without controls. "" when there
// is nothing to show. Reads only the beginning of each part.
std::string preview(const MessageTree& tree, std::string_view bytes);

// The text of an HTML document, for a preview: without tags, comments, styles and scripts, common character references
// resolved. Total: any bytes give something. Linear in the size.
std::string strip_html(std::string_view html);

}  // namespace imapd::mime

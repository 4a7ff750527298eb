#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "imapd/base/ids.h"

// The object identifiers of RFC 8474: a letter that tells the kinds apart, and a number of the store that is never used twice.
namespace imapd::wire {

std::string email_object_id(std::uint64_t email_id);
// nullopt: none that email_object_id() makes.
std::optional<std::uint64_t> parse_email_object_id(std::string_view object_id);
std::string mailbox_object_id(MailboxId mailbox);

// objectid = 1*255(ALPHA / DIGIT / "_" / "-")
bool is_object_id(std::string_view text);

}  // namespace imapd::wire

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "imapd/search/base_subject.h"
#include "imapd/store/message.h"

// What SORT and THREAD read in a header.
namespace imapd::search {

// RFC 5256, section 2.2: the sent date in UTC, or INTERNALDATE where there is none.
std::chrono::sys_seconds sent_or_arrived(const store::MessageState& message, std::string_view header);
BaseSubject base_subject_of(std::string_view header);
// The msg-ids (RFC 5322, section 3.6.4) in a value that is unfolded, without their brackets and quotes; the first `count_max` of
// them. Linear.
std::vector<std::string> message_ids(std::string_view value, std::size_t count_max);

}  // namespace imapd::search

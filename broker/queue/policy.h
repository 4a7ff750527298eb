#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "imapd/base/error.h"
#include "imapd/store/mailbox.h"

// What a queue may be called and what its settings may say. Pure functions.
namespace broker::queue {

// 1 to 512 bytes of UTF-8, `/` between at most 16 levels none of which is empty, no control character, no wildcard of LIST (`*`,
// `%`); the first level is neither INBOX (in any case) nor Work, which the IMAP side keeps. kInvalidArgument says which.
imapd::Result<void> validate_queue_name(std::string_view name);

// Where the dead letters of `queue` go.
std::string dead_letters_name(const std::string& queue, const imapd::store::Policy& policy);

// The policy of the queue of that name; nullopt: there is none, or it is a mailbox of dead letters, where nothing dies again.
using PolicyLookup = std::function<std::optional<imapd::store::Policy>(const std::string& queue)>;

// kInvalidArgument names the first setting that is out of its bounds, with the bounds. Follows dead_letters through `lookup`: a
// message that fails for ever must come to rest, so a way back to `queue` is refused.
imapd::Result<void> validate_policy(const imapd::store::Policy& policy, const std::string& queue, const PolicyLookup& lookup);

// What a worker asks for: kInvalidArgument outside the bounds of the policy or of base/limits.h.
imapd::Result<void> validate_lease(const imapd::store::Policy& policy, imapd::Millis asked);
imapd::Result<void> validate_delay(imapd::Millis asked);

// The wait before a message that has failed `failures` times (1 and up) may be claimed again:
// base * factor^(failures - 1), at most the cap.
imapd::Millis back_off(const imapd::store::Policy& policy, std::uint32_t failures);

}  // namespace broker::queue

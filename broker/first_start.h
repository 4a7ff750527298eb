#pragma once

#include <string>

#include "imapd/base/callback.h"
#include "imapd/base/clock.h"
#include "imapd/base/error.h"
#include "imapd/store/store.h"

namespace broker {

// Makes the user `admin` when there is none. Its password is the first line of `password_file`, or generated when that is empty;
// one that was generated is given to `show` before it is stored: a process that is killed in between makes another at its next
// start, and never leaves a password that nobody has seen. Blocks. kInvalidArgument: the file cannot be used.
imapd::Result<void> ensure_admin(imapd::store::Store& store, const imapd::Clock& clock, const std::string& password_file,
                                 imapd::UniqueFunction<void(const std::string& password)> show);

}  // namespace broker

#pragma once

#include <optional>
#include <string>

#include "imapd/base/clock.h"
#include "imapd/base/error.h"
#include "imapd/store/store.h"

namespace broker {

// Makes the user `admin` when there is none. Its password is the first line of `password_file`, or generated when that is empty;
// one that was generated is returned, to be shown once. Blocks. kInvalidArgument: the file cannot be used.
imapd::Result<std::optional<std::string>> ensure_admin(imapd::store::Store& store, const imapd::Clock& clock,
                                                       const std::string& password_file);

}  // namespace broker

#pragma once

#include <string>

#include "imapd/base/error.h"

namespace broker {

// Random bytes of this data directory, from its file `login.secret`, which is made when it is not there and which only its owner may
// read. They make logins of users who do not exist look the same after a restart. Losing them is no harm; kIo.
imapd::Result<std::string> login_secret(const std::string& data_dir);

}  // namespace broker

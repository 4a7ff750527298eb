#pragma once

#include "imapd/auth/rights.h"
#include "imapd/store/verbs.h"

namespace imapd::session {

// RFC 4314, section 4: the flags that a user with these rights may set and clear.
inline store::FlagKinds changeable_flags(auth::Rights rights) {
  using auth::Right;
  return {rights.has(Right::kSeen), rights.has(Right::kDeleteMessages), rights.has(Right::kWrite)};
}

}  // namespace imapd::session

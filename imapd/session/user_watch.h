#pragma once

#include "imapd/session/registry.h"
#include "imapd/store/store.h"

namespace imapd::session {

// Ends the sessions of a user who is removed, and those of an administrator who is none any more: `* BYE`. What rank a user has is
// asked once, when he logs in, so the second could not go on as what he is now; somebody who becomes an administrator is one from his
// next login on. A changed password ends nothing: who is connected has shown the old one while it was good.
//
// Concurrency  Needs no calls.
class UserWatch {
 public:
  // Both outlive it.
  UserWatch(store::Store& store, Registry& sessions);

 private:
  store::ChangeFeed::Subscription subscription_;
};

}  // namespace imapd::session

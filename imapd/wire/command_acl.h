#pragma once

#include <string>

// SETACL, DELETEACL, GETACL, LISTRIGHTS and MYRIGHTS (RFC 4314). Identifiers and rights are as sent: which of them there are is
// for the session to say.
namespace imapd::wire {

struct SetAcl {
  enum class Mode { kReplace, kAdd, kRemove };
  std::string mailbox;
  std::string identifier;
  Mode mode = Mode::kReplace;
  std::string rights;  // Without the sign.
};
struct DeleteAcl {
  std::string mailbox;
  std::string identifier;
};
struct GetAcl {
  std::string mailbox;
};
struct ListRights {
  std::string mailbox;
  std::string identifier;
};
struct MyRights {
  std::string mailbox;
};

}  // namespace imapd::wire

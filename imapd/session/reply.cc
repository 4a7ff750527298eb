#include "imapd/session/reply.h"

namespace imapd::session {

Reply refused(const Error& error) {
  using namespace wire::code;
  switch (error.code) {
    case Code::kInvalidArgument:
      return no(error.message, kCannot);
    case Code::kNotFound:
      return no(error.message, kNonExistent);
    case Code::kAlreadyExists:
      return no(error.message, kAlreadyExists);
    case Code::kPermissionDenied:
      return no(error.message, kNoPerm);
    case Code::kFailedPrecondition:
      return no(error.message, kCannot);
    case Code::kResourceExhausted:
      return no(error.message, kOverQuota);
    case Code::kAborted:
      return no(error.message, kInUse);
    case Code::kUnavailable:
      return no(error.message, kUnavailable);
    case Code::kCorruption:
      return no(error.message, kCorruption);
    case Code::kIo:
      return no(error.message, kContactAdmin);
  }
  return no(error.message, kServerBug);
}

}  // namespace imapd::session

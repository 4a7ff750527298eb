#include "imapd/store/decide.h"

namespace imapd::store {

Result<void> decide_put_user(Pending& pending, PutUser& request) {
  const bool exists = pending.user(request.user.name).has_value();
  if (exists && request.mode == PutUser::Mode::kCreate) return make_error(Code::kAlreadyExists, "the user exists already");
  if (!exists && request.mode == PutUser::Mode::kReplace) return make_error(Code::kNotFound, "no such user");
  pending.put_user(request.user);
  if (exists) pending.tell_of_user(TreeEvent::Kind::kUserChanged, request.user.name);
  return {};
}

Result<void> decide_remove_user(Pending& pending, RemoveUser& request) {
  if (!pending.user(request.name)) return make_error(Code::kNotFound, "no such user");
  pending.remove_user(request.name);
  pending.tell_of_user(TreeEvent::Kind::kUserRemoved, request.name);
  return {};
}

}  // namespace imapd::store

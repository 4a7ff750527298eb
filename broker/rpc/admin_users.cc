#include <algorithm>

#include "broker/rpc/admin_calls.h"
#include "broker/rpc/convert.h"
#include "imapd/auth/password.h"
#include "imapd/auth/users.h"
#include "imapd/ops/health.h"

namespace broker::rpc {

namespace store = imapd::store;
namespace v1 = claimq::v1;
using imapd::Task;
using None = AdminCalls::None;

namespace {

constexpr Reasons kUserReasons{.not_found = "USER_NOT_FOUND", .already_exists = "USER_EXISTS"};

void check_user_name(FieldChecks& checks, const std::string& name) {
  if (!imapd::auth::is_valid_user_name(name)) checks.violation("name", "is not 1 to 64 bytes of [A-Za-z0-9._@-], - not first");
}

// Costs one argon2, and SCRAM's iterations, on this thread of ours.
std::optional<imapd::auth::StoredPassword> stored(FieldChecks& checks, const std::string& password) {
  auto made = imapd::auth::store_password(password);
  if (made) return std::move(*made);
  checks.violation("password", made.error().message);
  return std::nullopt;
}

Failure administrators_only() { return no_right("manage users"); }

}  // namespace

AdminCalls::AdminCalls(const Services& services, const ServerInfo& info, boost::asio::any_io_executor executor)
    : services_(services), info_(info), started_(services.clock.now()), turn_(std::move(executor)) {}

Task<None> AdminCalls::create_user(Call& call, const v1::CreateUserRequest& request, v1::CreateUserResponse& response) {
  if (!call.caller.is_administrator) co_return administrators_only();
  FieldChecks checks;
  check_user_name(checks, request.name());
  if (!checks.ok()) co_return std::move(checks).failure();
  auto password = stored(checks, request.password());
  if (!password) co_return std::move(checks).failure();
  store::PutUser put;
  put.user.name = request.name();
  put.user.password_hash = std::move(password->hash);
  put.user.scram_keys = std::move(password->scram_keys);
  put.user.administrator = request.administrator();
  put.user.created = services_.clock.now();
  const imapd::Timestamp created = put.user.created;
  auto outcome = co_await imapd::async(services_.store, &store::Store::put_user, std::move(put));
  if (!outcome) co_return failure_of(outcome.error(), kUserReasons);
  response.mutable_user()->set_name(request.name());
  response.mutable_user()->set_administrator(request.administrator());
  set_timestamp(*response.mutable_user()->mutable_create_time(), created);
  co_return None();
}

Task<None> AdminCalls::set_password(Call& call, const v1::SetPasswordRequest& request, v1::SetPasswordResponse&) {
  FieldChecks checks;
  check_user_name(checks, request.name());
  if (!checks.ok()) co_return std::move(checks).failure();
  if (!call.caller.is_administrator && call.caller.user != request.name()) co_return administrators_only();
  auto password = stored(checks, request.password());
  if (!password) co_return std::move(checks).failure();
  co_await turn_.take();
  const EditTurn::Held held(turn_);
  auto user = services_.store.user(request.name());
  if (!user) co_return failure_of(user.error(), kUserReasons);
  if (!*user) co_return Failure{StatusCode::kNotFound, "USER_NOT_FOUND", "there is no such user", {}};
  store::PutUser put;
  put.user = std::move(**user);
  put.user.password_hash = std::move(password->hash);
  put.user.scram_keys = std::move(password->scram_keys);
  put.mode = store::PutUser::Mode::kReplace;
  auto outcome = co_await imapd::async(services_.store, &store::Store::put_user, std::move(put));
  if (!outcome) co_return failure_of(outcome.error(), kUserReasons);
  co_return None();
}

Task<None> AdminCalls::list_users(Call& call, const v1::ListUsersRequest&, v1::ListUsersResponse& response) {
  if (!call.caller.is_administrator) co_return administrators_only();
  auto users = services_.store.users();
  if (!users) co_return failure_of(users.error(), kUserReasons);
  for (const store::User& user : *users) {
    v1::User& to = *response.add_users();
    to.set_name(user.name);
    to.set_administrator(user.administrator);
    set_timestamp(*to.mutable_create_time(), user.created);
  }
  co_return None();
}

Task<None> AdminCalls::delete_user(Call& call, const v1::DeleteUserRequest& request, v1::DeleteUserResponse&) {
  if (!call.caller.is_administrator) co_return administrators_only();
  FieldChecks checks;
  check_user_name(checks, request.name());
  if (!checks.ok()) co_return std::move(checks).failure();
  co_await turn_.take();
  const EditTurn::Held held(turn_);
  auto users = services_.store.users();
  if (!users) co_return failure_of(users.error(), kUserReasons);
  const bool other_administrator = std::any_of(users->begin(), users->end(), [&request](const store::User& user) {
    return user.administrator && user.name != request.name();
  });
  if (!other_administrator) {
    co_return Failure{StatusCode::kFailedPrecondition, "LAST_ADMINISTRATOR", "no administrator would be left", {}};
  }
  store::RemoveUser remove;
  remove.name = request.name();
  auto outcome = co_await imapd::async(services_.store, &store::Store::remove_user, std::move(remove));
  if (!outcome) co_return failure_of(outcome.error(), kUserReasons);
  co_return None();
}

Task<None> AdminCalls::get_server_info(Call&, const v1::GetServerInfoRequest&, v1::GetServerInfoResponse& response) {
  response.set_version(info_.version);
  response.set_durability(info_.durability);
  response.set_imap_address(info_.imap_address);
  response.set_writable(services_.health.serving());
  set_timestamp(*response.mutable_start_time(), started_);
  co_return None();
}

}  // namespace broker::rpc

#include "broker/first_start.h"

#include <fstream>
#include <future>
#include <utility>

#include "imapd/auth/password.h"

namespace broker {

namespace auth = imapd::auth;
namespace store = imapd::store;
using imapd::Code;
using imapd::make_error;
using imapd::Result;

namespace {

Result<std::string> first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line)) return make_error(Code::kInvalidArgument, "admin_password_file: cannot read " + path);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

}  // namespace

Result<void> ensure_admin(store::Store& store, const imapd::Clock& clock, const std::string& password_file,
                          imapd::UniqueFunction<void(const std::string& password)> show) {
  TRY_ASSIGN(existing, store.user("admin"));
  if (existing) return {};
  std::string password = auth::generate_password();
  if (!password_file.empty()) {
    TRY_ASSIGN(given, first_line(password_file));
    password = std::move(given);
  }
  auto stored = auth::store_password(password);
  if (!stored) return make_error(stored.error().code, "admin_password_file: " + stored.error().message);

  store::PutUser put;
  put.user.name = "admin";
  put.user.password_hash = std::move(stored->hash);
  put.user.scram_keys = std::move(stored->scram_keys);
  put.user.administrator = true;
  put.user.created = clock.now();
  if (password_file.empty()) show(password);
  std::promise<Result<void>> made;
  auto outcome = made.get_future();
  store.put_user(std::move(put), [made = std::move(made)](Result<void> result) mutable { made.set_value(std::move(result)); });
  return outcome.get();
}

}  // namespace broker

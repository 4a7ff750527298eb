#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "imapd/auth/users.h"
#include "imapd/store/store.h"

namespace broker {

// The store's users as the authenticator sees them. Thread-safe; the store outlives it.
class StoreUsers final : public imapd::auth::UserDirectory {
 public:
  explicit StoreUsers(imapd::store::Store& store) : store_(store) {}

  imapd::Result<std::optional<imapd::auth::UserRecord>> find(std::string_view name) override {
    auto user = store_.user(std::string(name));
    if (!user) return std::move(user.error());
    if (!*user) return std::optional<imapd::auth::UserRecord>();
    imapd::auth::UserRecord record;
    record.name = (*user)->name;
    record.password_hash = (*user)->password_hash;
    record.is_administrator = (*user)->administrator;
    record.scram_keys = (*user)->scram_keys;
    return std::optional(std::move(record));
  }

 private:
  imapd::store::Store& store_;
};

}  // namespace broker

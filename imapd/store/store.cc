#include "imapd/store/store.h"

#include "imapd/base/limits.h"
#include "imapd/store/decide.h"
#include "imapd/store/engine.h"
#include "imapd/store/pending.h"

namespace imapd::store {
namespace {

template <class Request, class Outcome>
void submit(Engine& engine, Result<Outcome> (*decide)(Pending&, Request&), Request request, Callback<Result<Outcome>> done) {
  engine.submit(std::make_unique<VerbOperation<Request, Outcome>>(decide, std::move(request), std::move(done)));
}

// Much is given back piece by piece, so that nobody waits behind it for long. While the store closes, submit() refuses the rest.
void release_holder(Engine& engine, ReleaseHolder request) {
  ReleaseHolder rest = request;
  submit<ReleaseHolder, ReleaseHolderOutcome>(
      engine, decide_release_holder, std::move(request), [&engine, rest = std::move(rest)](Result<ReleaseHolderOutcome> outcome) {
        if (outcome && outcome->more) release_holder(engine, rest);
      });
}

Result<void> check_sizes(const Append& request) {
  for (const NewMessage& message : request.messages) {
    if (message.body.size() <= limits::kMessageBytesMax) continue;
    return make_error(Code::kResourceExhausted,
                      "a message has at most " + std::to_string(limits::kMessageBytesMax) + " bytes");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(StoreOptions options, const Clock& clock, ClaimRules& rules, ops::Health& health) {
  TRY_ASSIGN(engine, Engine::open(std::move(options), clock, rules, health));
  return std::unique_ptr<Store>(new Store(std::move(engine)));
}

Store::Store(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Store::~Store() = default;

void Store::create_mailbox(CreateMailbox request, Callback<Result<MailboxInfo>> done) {
  submit(*engine_, decide_create_mailbox, std::move(request), std::move(done));
}
void Store::delete_mailbox(DeleteMailbox request, Callback<Result<void>> done) {
  submit(*engine_, decide_delete_mailbox, std::move(request), std::move(done));
}
void Store::rename_mailbox(RenameMailbox request, Callback<Result<void>> done) {
  submit(*engine_, decide_rename_mailbox, std::move(request), std::move(done));
}
void Store::update_mailbox(UpdateMailbox request, Callback<Result<MailboxInfo>> done) {
  submit(*engine_, decide_update_mailbox, std::move(request), std::move(done));
}
void Store::subscribe(Subscribe request, Callback<Result<void>> done) {
  submit(*engine_, decide_subscribe, std::move(request), std::move(done));
}
void Store::put_user(PutUser request, Callback<Result<void>> done) {
  submit(*engine_, decide_put_user, std::move(request), std::move(done));
}
void Store::remove_user(RemoveUser request, Callback<Result<void>> done) {
  submit(*engine_, decide_remove_user, std::move(request), std::move(done));
}

void Store::set_metadata(SetMetadata request, Callback<Result<void>> done) {
  submit(*engine_, decide_set_metadata, std::move(request), std::move(done));
}
void Store::set_user_quota(SetUserQuota request, Callback<Result<void>> done) {
  submit(*engine_, decide_set_user_quota, std::move(request), std::move(done));
}

void Store::append(Append request, Callback<Result<AppendOutcome>> done) {
  if (auto fit = check_sizes(request); !fit) return done(std::move(fit.error()));
  submit(*engine_, decide_append, std::move(request), std::move(done));
}
void Store::store_flags(StoreFlags request, Callback<Result<StoreFlagsOutcome>> done) {
  submit(*engine_, decide_store_flags, std::move(request), std::move(done));
}
void Store::claim_ready(ClaimReady request, Callback<Result<ClaimReadyOutcome>> done) {
  submit(*engine_, decide_claim_ready, std::move(request), std::move(done));
}
void Store::settle(Settle request, Callback<Result<SettleOutcome>> done) {
  submit(*engine_, decide_settle, std::move(request), std::move(done));
}

void Store::complete(Complete request, Callback<Result<CompleteOutcome>> done) {
  submit(*engine_, decide_complete, std::move(request), std::move(done));
}
void Store::expunge(Expunge request, Callback<Result<ExpungeOutcome>> done) {
  submit(*engine_, decide_expunge, std::move(request), std::move(done));
}
void Store::copy_messages(CopyMessages request, Callback<Result<CopyOutcome>> done) {
  submit(*engine_, decide_copy, std::move(request), std::move(done));
}
void Store::replace(Replace request, Callback<Result<ReplaceOutcome>> done) {
  if (auto fit = check_sizes(request.append); !fit) return done(std::move(fit.error()));
  submit(*engine_, decide_replace, std::move(request), std::move(done));
}
void Store::expire_due(ExpireDue request, Callback<Result<ExpireDueOutcome>> done) {
  submit(*engine_, decide_expire_due, std::move(request), std::move(done));
}

Snapshot Store::snapshot() { return Snapshot(*engine_); }

std::optional<MailboxInfo> Store::find_mailbox(const MailboxPath& path) const { return engine_->find_mailbox(path); }
std::optional<MailboxInfo> Store::mailbox(MailboxId mailbox) const { return engine_->mailbox(mailbox); }
std::vector<MailboxInfo> Store::mailboxes() const { return engine_->mailboxes(); }

std::vector<std::string> Store::subscriptions(const std::string& user) const {
  std::vector<std::string> names;
  const std::string prefix = subscription_key(user, "");
  const std::unique_ptr<rocksdb::Iterator> it(
      engine_->db().NewIterator(rocksdb::ReadOptions(), engine_->family(Family::kSubscriptions)));
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    names.emplace_back(it->key().ToStringView().substr(prefix.size()));
  }
  return names;
}

Result<std::optional<User>> Store::user(const std::string& name) const {
  std::string bytes;
  const rocksdb::Status status = engine_->db().Get(rocksdb::ReadOptions(), engine_->family(Family::kUsers), name, &bytes);
  if (status.IsNotFound()) return std::optional<User>();
  if (!status.ok()) return make_error(Code::kIo, "read failed: " + status.ToString());
  TRY_ASSIGN(user, decode_user(name, bytes));
  return std::optional<User>(std::move(user));
}

Result<std::vector<User>> Store::users() const {
  std::vector<User> all;
  const std::unique_ptr<rocksdb::Iterator> it(
      engine_->db().NewIterator(rocksdb::ReadOptions(), engine_->family(Family::kUsers)));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    TRY_ASSIGN(user, decode_user(it->key().ToStringView(), it->value().ToStringView()));
    all.push_back(std::move(user));
  }
  if (!it->status().ok()) return make_error(Code::kIo, "read failed: " + it->status().ToString());
  return all;
}

ChangeFeed& Store::change_feed() { return engine_->change_feed(); }
Serial Store::recent_from(MailboxId mailbox, Recent mode) { return engine_->recent_from(mailbox, mode); }
void Store::holder_opened(const std::string& holder) { engine_->set_holder_alive(holder); }
void Store::holder_closed(const std::string& holder) {
  engine_->set_holder_gone(holder);
  ReleaseHolder request;
  request.holder = holder;
  release_holder(*engine_, std::move(request));
}
std::uint64_t Store::sync_count() const { return engine_->sync_count(); }

}  // namespace imapd::store

#pragma once

#include <rocksdb/db.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "imapd/store/keys.h"
#include "imapd/store/records.h"
#include "imapd/store/store.h"

namespace imapd::store {

class Pending;

// One queued write. decide() and complete() run on the committer thread.
class Operation {
 public:
  virtual ~Operation() = default;
  virtual void decide(Pending& pending) = 0;
  // After the group's write: `failure` is nullptr, or why nothing of the group may be believed.
  virtual void complete(const Error* failure) = 0;
};

// A verb as an operation: `decide` is a pure function of the pending state and the request.
template <class Request, class Outcome>
class VerbOperation final : public Operation {
 public:
  using Decide = Result<Outcome> (*)(Pending&, Request&);
  VerbOperation(Decide verb, Request request, Callback<Result<Outcome>> done)
      : decide_(verb), request_(std::move(request)), done_(std::move(done)) {}
  void decide(Pending& pending) override { outcome_.emplace(decide_(pending, request_)); }
  void complete(const Error* failure) override {
    if (failure != nullptr) {
      done_(Result<Outcome>(*failure));
    } else {
      done_(std::move(*outcome_));
    }
  }

 private:
  const Decide decide_;
  Request request_;
  Callback<Result<Outcome>> done_;
  std::optional<Result<Outcome>> outcome_;
};

// What stands behind Store and Snapshot: the database, the committer and the published state.
//
// Operation    submit() queues; the committer thread takes all that is queued, lets each operation decide against Pending, writes
//              one batch with one sync, publishes, completes in order.
// Durability   kSync: sync with every group. kRelaxed: a flusher syncs every kRelaxedSyncInterval; a group that crosses a
//              mailbox's reserved ceiling is synced at once, so that numbers given out are never given out again (I3).
// Concurrency  submit() and the read members are thread-safe. Pending belongs to the committer thread.
class Engine {
 public:
  static Result<std::unique_ptr<Engine>> open(StoreOptions options, const Clock& clock, ClaimRules& rules, ops::Health& health);
  ~Engine();

  void submit(std::unique_ptr<Operation> operation);

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* family(Family family) const { return handles_[static_cast<std::size_t>(family)]; }
  const Clock& clock() const { return clock_; }
  ClaimRules& rules() const { return rules_; }
  ChangeFeed& change_feed() { return change_feed_; }
  Durability durability() const { return options_.durability; }
  std::uint64_t sync_count() const { return sync_count_.load(); }

  std::optional<MailboxInfo> find_mailbox(const MailboxPath& path) const;
  std::optional<MailboxInfo> mailbox(MailboxId mailbox) const;
  std::vector<MailboxInfo> mailboxes() const;

  Serial recent_from(MailboxId mailbox, Store::Recent mode);
  void set_holder_alive(const std::string& holder);
  void set_holder_gone(const std::string& holder);
  bool holder_alive(const std::string& holder) const;

  // For the committer's decisions: the change of one group, published after its write.
  struct Publication {
    std::vector<MailboxInfo> changed;
    std::vector<MailboxInfo> settings_changed;  // New, renamed or with new settings.
    std::vector<MailboxId> removed;
    std::vector<MailboxEvent> events;
    std::vector<TreeEvent> tree_events;
    bool empty() const { return changed.empty() && settings_changed.empty() && removed.empty(); }
  };

 private:
  friend class BuryOperation;
  Engine(StoreOptions options, const Clock& clock, ClaimRules& rules, ops::Health& health);
  Result<void> open_database();
  Result<void> recover();  // recovery.cc
  Result<void> recover_mailboxes();
  Result<void> recover_leases();
  void run_committer();
  void run_flusher();
  void commit(std::vector<std::unique_ptr<Operation>>& group);
  void publish(Publication publication);
  void fail(const std::string& what);
  void bury_if_needed();

  const StoreOptions options_;
  const Clock& clock_;
  ClaimRules& rules_;
  ops::Health& health_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilyNames.size()> handles_{};
  ChangeFeed change_feed_;
  std::unique_ptr<Pending> pending_;  // Committer thread only, once it runs.
  bool burying_ = false;              // Committer thread only: one burial is queued.
  bool opened_ = false;
  std::atomic<std::uint64_t> sync_count_{0};

  std::mutex queue_mutex_;
  std::condition_variable queue_filled_;
  std::deque<std::unique_ptr<Operation>> queue_;  // Guarded by queue_mutex_, as the next two.
  bool stopping_ = false;
  std::optional<Error> failed_;  // Set once: no write succeeds any more (I7).

  mutable std::shared_mutex published_mutex_;
  std::map<MailboxPath, MailboxId> paths_;  // Guarded by published_mutex_, as the next two.
  std::unordered_map<MailboxId, MailboxInfo> mailboxes_;
  std::unordered_map<MailboxId, Serial> recent_from_;

  mutable std::mutex holders_mutex_;
  std::unordered_set<std::string> holders_;  // Guarded by holders_mutex_.

  std::mutex flush_mutex_;
  std::condition_variable flush_wanted_;
  bool unsynced_ = false;       // Guarded by flush_mutex_, as the next.
  bool flusher_stops_ = false;
  std::thread committer_;
  std::thread flusher_;
};

}  // namespace imapd::store

#include "imapd/store/engine.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>

#include "imapd/base/check.h"
#include "imapd/ops/log.h"
#include "imapd/store/decide.h"
#include "imapd/store/pending.h"

namespace imapd::store {
namespace {

// One group: what is queued, up to these. A group that grows past the second is written; the rest waits one write longer.
constexpr std::size_t kGroupOperationsMax = 4'096;
constexpr std::size_t kGroupBytesMax = 8 * 1024 * 1024;
constexpr std::chrono::milliseconds kRelaxedSyncInterval{50};
constexpr std::size_t kBuriedAtATime = 1'000;
constexpr char kHealthCause[] = "store";

}  // namespace

// Removes the messages of deleted mailboxes a little at a time, so that no consumer waits for a large one.
class BuryOperation final : public Operation {
 public:
  explicit BuryOperation(Engine& engine) : engine_(engine) {}
  void decide(Pending& pending) override {
    if (const auto grave = pending.next_grave()) pending.bury(*grave, kBuriedAtATime);
  }
  void complete(const Error*) override { engine_.burying_ = false; }

 private:
  Engine& engine_;
};

namespace {

// RocksDB's warnings, in our log. Its own log file would end the process on a full disk: the writer asserts when it is used after
// a failed write.
class RocksDbLog final : public rocksdb::Logger {
 public:
  RocksDbLog() : Logger(rocksdb::WARN_LEVEL) {}
  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    std::array<char, 512> text;
    const int size = std::vsnprintf(text.data(), text.size(), format, arguments);
    if (size > 0) ops::log_warning("rocksdb", {{"text", std::string(text.data())}});
  }
};

rocksdb::ColumnFamilyOptions family_options(Family family, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  // Point reads of `messages` and `bodies` mostly hit; of `users` and the rest there are few.
  if (family == Family::kMessages || family == Family::kBodies) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = rocksdb::kLZ4Compression;
  options.write_buffer_size = 16 * 1024 * 1024;
  if (family == Family::kBodies) {
    options.write_buffer_size = 64 * 1024 * 1024;
    options.enable_blob_files = true;
    options.min_blob_size = 8 * 1024;
    options.blob_compression_type = rocksdb::kLZ4Compression;
    options.enable_blob_garbage_collection = true;
  }
  if (family == Family::kMessages) options.write_buffer_size = 32 * 1024 * 1024;
  return options;
}

}  // namespace

Engine::Engine(StoreOptions options, const Clock& clock, ClaimRules& rules, ops::Health& health)
    : options_(std::move(options)), clock_(clock), rules_(rules), health_(health) {}

Result<std::unique_ptr<Engine>> Engine::open(StoreOptions options, const Clock& clock, ClaimRules& rules, ops::Health& health) {
  std::unique_ptr<Engine> engine(new Engine(std::move(options), clock, rules, health));
  TRY(engine->open_database());
  engine->pending_ = std::make_unique<Pending>(*engine);
  TRY(engine->recover());
  engine->committer_ = std::thread([&self = *engine] { self.run_committer(); });
  if (engine->options_.durability == Durability::kRelaxed) {
    engine->flusher_ = std::thread([&self = *engine] { self.run_flusher(); });
  }
  engine->opened_ = true;
  return engine;
}

Result<void> Engine::open_database() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  if (options_.file_system) {
    env_ = rocksdb::NewCompositeEnv(options_.file_system);
    options.env = env_.get();
  }
  options.info_log = std::make_shared<RocksDbLog>();
  options.max_background_jobs = 2;
  options.max_total_wal_size = 256 * 1024 * 1024;
  options.bytes_per_sync = 1024 * 1024;
  // A torn tail of the log is what a crash leaves and was never acknowledged; everything before it counts.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // One writer thread: nothing to gain from taking turns in the memtable.
  options.allow_concurrent_memtable_write = false;

  const auto cache = rocksdb::NewLRUCache(64 * 1024 * 1024);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (std::size_t i = 0; i < kFamilyNames.size(); ++i) {
    families.emplace_back(kFamilyNames[i], family_options(static_cast<Family>(i), cache));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, options_.directory, families, &handles, &db);
  if (!status.ok()) {
    const std::string text = status.ToString();
    if (status.IsIOError() && (text.find("lock hold by") != std::string::npos || text.find("While lock file") != std::string::npos)) {
      return make_error(Code::kFailedPrecondition, "the directory is in use by another process: " + options_.directory);
    }
    return make_error(status.IsCorruption() ? Code::kCorruption : Code::kIo, "cannot open the store: " + text);
  }
  db_.reset(db);
  std::copy(handles.begin(), handles.end(), handles_.begin());
  return {};
}

Engine::~Engine() {
  CHECK(committer_.get_id() != std::this_thread::get_id());  // A callback must not destroy the store.
  if (committer_.joinable()) {
    {
      const std::lock_guard lock(queue_mutex_);
      stopping_ = true;
    }
    queue_filled_.notify_one();
    committer_.join();
  }
  if (flusher_.joinable()) {
    {
      const std::lock_guard lock(flush_mutex_);
      flusher_stops_ = true;
    }
    flush_wanted_.notify_one();
    flusher_.join();
  }
  if (!db_) return;
  if (opened_ && !failed_) {
    pending_->release_ceilings();
    rocksdb::WriteOptions write;
    write.sync = true;
    // A failure here loses nothing: the ceilings stay, and numbering goes on from them.
    (void)db_->Write(write, &pending_->batch());
  }
  pending_.reset();
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle != nullptr) db_->DestroyColumnFamilyHandle(handle);
  }
  db_->Close();
}

void Engine::submit(std::unique_ptr<Operation> operation) {
  std::optional<Error> refused;
  {
    const std::lock_guard lock(queue_mutex_);
    if (failed_) {
      refused = failed_;
    } else if (stopping_) {
      refused = make_error(Code::kUnavailable, "the store is closing");
    } else {
      queue_.push_back(std::move(operation));
    }
  }
  if (refused) {
    operation->complete(&*refused);
  } else {
    queue_filled_.notify_one();
  }
}

void Engine::run_committer() {
  bury_if_needed();  // What an earlier run left.
  std::vector<std::unique_ptr<Operation>> group;
  while (true) {
    {
      std::unique_lock lock(queue_mutex_);
      queue_filled_.wait(lock, [&] { return !queue_.empty() || stopping_; });
      if (queue_.empty()) return;
      const std::size_t count = std::min(queue_.size(), kGroupOperationsMax);
      for (std::size_t i = 0; i < count; ++i) {
        group.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    commit(group);
    group.clear();
  }
}

void Engine::commit(std::vector<std::unique_ptr<Operation>>& group) {
  std::optional<Error> failure;
  {
    const std::lock_guard lock(queue_mutex_);
    failure = failed_;
  }
  std::size_t decided = 0;
  if (!failure) {
    while (decided < group.size() && pending_->batch().GetDataSize() < kGroupBytesMax) group[decided++]->decide(*pending_);
    if (decided < group.size()) {
      const std::lock_guard lock(queue_mutex_);
      for (std::size_t i = group.size(); i > decided; --i) queue_.push_front(std::move(group[i - 1]));
    }
    group.resize(decided);
  }

  // First, because the records of mailboxes may be all that there is to write.
  if (!failure) pending_->seal();
  if (!failure && pending_->broken()) {
    fail("read failed: " + pending_->broken_because());
  } else if (!failure && !pending_->batch_empty()) {
    rocksdb::WriteOptions write;
    write.sync = options_.durability == Durability::kSync || pending_->needs_sync();
    const rocksdb::Status status = db_->Write(write, &pending_->batch());
    if (write.sync) sync_count_.fetch_add(1);
    if (!status.ok()) fail("write failed: " + status.ToString());
    if (status.ok() && !write.sync) {
      {
        const std::lock_guard lock(flush_mutex_);
        unsynced_ = true;
      }
      flush_wanted_.notify_one();
    }
  }
  if (!failure) {
    const std::lock_guard lock(queue_mutex_);
    failure = failed_;
  }
  if (!failure) {
    Publication publication = pending_->take_publication();
    publish(std::move(publication));
    pending_->end_group();
  }
  for (const std::unique_ptr<Operation>& operation : group) operation->complete(failure ? &*failure : nullptr);
  if (!failure) bury_if_needed();
}

// One burial at a time: two in one group would both see the same messages and release their bodies twice.
void Engine::bury_if_needed() {
  if (burying_ || !pending_->next_grave()) return;
  burying_ = true;
  submit(std::make_unique<BuryOperation>(*this));
}

void Engine::publish(Publication publication) {
  if (!publication.empty()) {
    const std::unique_lock lock(published_mutex_);
    for (const MailboxId id : publication.removed) {
      const auto at = mailboxes_.find(id);
      if (at == mailboxes_.end()) continue;
      // The path may belong to a successor already, of this very group.
      if (const auto path = paths_.find(at->second.path); path != paths_.end() && path->second == id) paths_.erase(path);
      mailboxes_.erase(at);
      recent_from_.erase(id);
    }
    for (const MailboxInfo& info : publication.settings_changed) {
      const auto at = mailboxes_.find(info.id);
      if (at != mailboxes_.end() && at->second.path != info.path) {
        if (const auto path = paths_.find(at->second.path); path != paths_.end() && path->second == info.id) paths_.erase(path);
      }
    }
    for (MailboxInfo& info : publication.settings_changed) {
      paths_[info.path] = info.id;
      recent_from_.try_emplace(info.id, Serial(1));
      mailboxes_.insert_or_assign(info.id, std::move(info));
    }
    for (const MailboxInfo& info : publication.changed) {
      MailboxInfo& known = mailboxes_.at(info.id);
      known.uid_next = info.uid_next;
      known.highest_mod_seq = info.highest_mod_seq;
      known.counters = info.counters;
    }
  }
  change_feed_.publish(publication.tree_events);
  change_feed_.publish(publication.events);
}

void Engine::fail(const std::string& what) {
  {
    const std::lock_guard lock(queue_mutex_);
    if (failed_) return;
    // Whether the group is on disk cannot be known: nothing that follows may build on it (I7).
    failed_ = make_error(Code::kUnavailable, "the store takes no writes until it is reopened: " + what);
  }
  health_.fail(kHealthCause, what);
}

void Engine::run_flusher() {
  while (true) {
    {
      std::unique_lock lock(flush_mutex_);
      flush_wanted_.wait(lock, [&] { return unsynced_ || flusher_stops_; });
      if (!unsynced_) return;
      // What arrives within the interval rides with the same sync.
      flush_wanted_.wait_for(lock, kRelaxedSyncInterval, [&] { return flusher_stops_; });
      unsynced_ = false;
    }
    const rocksdb::Status status = db_->SyncWAL();
    sync_count_.fetch_add(1);
    if (!status.ok()) fail("sync failed: " + status.ToString());
  }
}

std::optional<MailboxInfo> Engine::find_mailbox(const MailboxPath& path) const {
  const std::shared_lock lock(published_mutex_);
  const auto at = paths_.find(path);
  return at == paths_.end() ? std::nullopt : std::optional(mailboxes_.at(at->second));
}

std::optional<MailboxInfo> Engine::mailbox(MailboxId mailbox) const {
  const std::shared_lock lock(published_mutex_);
  const auto at = mailboxes_.find(mailbox);
  return at == mailboxes_.end() ? std::nullopt : std::optional(at->second);
}

std::vector<MailboxInfo> Engine::mailboxes() const {
  const std::shared_lock lock(published_mutex_);
  std::vector<MailboxInfo> all;
  all.reserve(paths_.size());
  for (const auto& [path, id] : paths_) all.push_back(mailboxes_.at(id));
  return all;
}

Serial Engine::recent_from(MailboxId mailbox, Store::Recent mode) {
  const std::unique_lock lock(published_mutex_);
  const auto info = mailboxes_.find(mailbox);
  if (info == mailboxes_.end()) return Serial(1);
  Serial& from = recent_from_[mailbox];
  const Serial answer = from;
  // Serial numbers and UIDs differ by a base that only a rollover changes; `uid_next` is of the same moment as the view.
  if (mode == Store::Recent::kTake) from = Serial(info->second.uid_next.value());
  return answer;
}

void Engine::set_holder_alive(const std::string& holder) {
  const std::lock_guard lock(holders_mutex_);
  holders_.insert(holder);
}

void Engine::set_holder_gone(const std::string& holder) {
  const std::lock_guard lock(holders_mutex_);
  holders_.erase(holder);
}

bool Engine::holder_alive(const std::string& holder) const {
  const std::lock_guard lock(holders_mutex_);
  return holders_.contains(holder);
}

}  // namespace imapd::store

#include <algorithm>

#include "imapd/base/coding.h"
#include "imapd/store/pending.h"

// What happens at open, before the first verb: the mailboxes are read (not their messages), numbers that a power loss may have
// swallowed are skipped, and running leases are given time.
namespace imapd::store {
namespace {

// Time in which no server ran does not count (DESIGN, claim rule 7).
constexpr Millis kGraceMax{30'000};
// More than can be appended between two syncs of the log.
constexpr std::uint64_t kBodyIdsSkipped = 10'000'000;

}  // namespace

Result<void> Engine::recover() {
  std::string bytes;
  const rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), family(Family::kStore), std::string(kStoreRecordKey), &bytes);
  if (status.ok()) {
    TRY_ASSIGN(data, decode_store(bytes));
    pending_->store_data() = data;
  } else if (!status.IsNotFound()) {
    return make_error(Code::kIo, "cannot read the store: " + status.ToString());
  }
  TRY(recover_mailboxes());
  TRY(recover_leases());

  pending_->seal();
  if (pending_->broken()) return make_error(Code::kCorruption, pending_->broken_because());
  rocksdb::WriteOptions write;
  write.sync = true;
  const rocksdb::Status written = db_->Write(write, &pending_->batch());
  if (!written.ok()) return make_error(Code::kIo, "cannot write the store: " + written.ToString());
  (void)pending_->take_publication();
  pending_->end_group();
  return {};
}

Result<void> Engine::recover_mailboxes() {
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions(), family(Family::kMailboxes)));
  std::vector<MailboxId> ids;
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const MailboxId id(read_big_endian64(it->key().ToStringView()));
    TRY_ASSIGN(data, decode_mailbox(id, it->value().ToStringView()));
    pending_->adopt(std::move(data));
    ids.push_back(id);
  }
  if (!it->status().ok()) return make_error(Code::kCorruption, "cannot read mailboxes: " + it->status().ToString());
  bool body_ids_skipped = false;
  for (const MailboxId id : ids) {
    Pending::Mailbox& mailbox = *pending_->mailbox(id);
    // After a power loss bodies too may have been numbered beyond what is on disk; EMAILID must not name two contents.
    if (mailbox.mod_seq_ceiling.value() != 0 && !body_ids_skipped) {
      pending_->store_data().next_body_id += kBodyIdsSkipped;
      body_ids_skipped = true;
    }
    pending_->skip_to_ceilings(mailbox);
    paths_[mailbox.info.path] = id;
    recent_from_[id] = mailbox.next_serial;
    mailboxes_[id] = mailbox.info;
  }
  it.reset(db_->NewIterator(rocksdb::ReadOptions(), family(Family::kStore)));
  for (it->Seek(rocksdb::Slice(kGravePrefix.data(), kGravePrefix.size())); it->Valid(); it->Next()) {
    const std::string_view key = it->key().ToStringView();
    if (!key.starts_with(kGravePrefix)) break;
    pending_->note_grave(MailboxId(read_big_endian64(key.substr(kGravePrefix.size()))));
  }
  return {};
}

// Reads what is due within the grace, which is at most what consumers held when the server stopped.
Result<void> Engine::recover_leases() {
  const Timestamp now = clock_.now();
  for (const DueKey& key : pending_->due(now + kGraceMax, SIZE_MAX)) {
    Pending::Mailbox* mailbox = pending_->mailbox(key.mailbox);
    const MessageState* message = mailbox != nullptr ? pending_->message(*mailbox, key.serial) : nullptr;
    if (message == nullptr || !message->claim || message->claim->door == Door::kSchedule) continue;
    MessageState after = *message;
    const Timestamp earliest = now + std::min(after.claim->lease, kGraceMax);
    if (after.claim->deadline >= earliest) continue;
    // Neither flag nor token changes, so neither does the mod-sequence.
    after.claim->deadline = earliest;
    pending_->change(*mailbox, std::move(after));
  }
  return {};
}

}  // namespace imapd::store

#include "imapd/store/snapshot.h"

#include <rocksdb/snapshot.h>

#include <algorithm>

#include "imapd/base/coding.h"
#include "imapd/store/engine.h"

namespace imapd::store {
namespace {

Error failed(const rocksdb::Status& status) {
  return make_error(status.IsCorruption() ? Code::kCorruption : Code::kIo, "read failed: " + status.ToString());
}

}  // namespace

struct Snapshot::State {
  explicit State(Engine& owner) : engine(owner), snapshot(owner.db().GetSnapshot()) {}
  ~State() { engine.db().ReleaseSnapshot(snapshot); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  rocksdb::ReadOptions options() const {
    rocksdb::ReadOptions read;
    read.snapshot = snapshot;
    return read;
  }

  Result<MailboxData> mailbox(MailboxId id) const {
    std::string bytes;
    const rocksdb::Status status = engine.db().Get(options(), engine.family(Family::kMailboxes), mailbox_key(id), &bytes);
    if (status.IsNotFound()) return make_error(Code::kNotFound, "no such mailbox");
    if (!status.ok()) return failed(status);
    return decode_mailbox(id, bytes);
  }

  Result<std::optional<MessageState>> message(const MailboxData& mailbox, Serial serial) const {
    rocksdb::PinnableSlice bytes;
    const rocksdb::Status status =
        engine.db().Get(options(), engine.family(Family::kMessages), message_key(mailbox.info.id, serial), &bytes);
    if (status.IsNotFound()) return std::optional<MessageState>();
    if (!status.ok()) return failed(status);
    TRY_ASSIGN(decoded, decode_message(bytes.ToStringView(), serial, mailbox.uid_of(serial)));
    return std::optional<MessageState>(std::move(decoded));
  }

  struct Entry {
    ModSeq mod_seq;
    Serial serial;
  };
  // The first entries of `changes` or `expunged` after `since`, ascending.
  Result<std::vector<Entry>> entries_after(Family family, MailboxId mailbox, ModSeq since, std::size_t count_max) const {
    const std::string upper = mailbox_key(MailboxId(mailbox.value() + 1));
    const rocksdb::Slice upper_slice(upper);
    rocksdb::ReadOptions read = options();
    read.iterate_upper_bound = &upper_slice;
    const std::unique_ptr<rocksdb::Iterator> it(engine.db().NewIterator(read, engine.family(family)));
    std::vector<Entry> entries;
    for (it->Seek(change_key(mailbox, since.next())); it->Valid() && entries.size() < count_max; it->Next()) {
      entries.push_back({ModSeq(read_big_endian64(it->key().ToStringView().substr(8))),
                         Serial(read_big_endian64(it->value().ToStringView()))});
    }
    if (!it->status().ok()) return failed(it->status());
    return entries;
  }

  static UidSet uids_of(const MailboxData& mailbox, const std::vector<Entry>& entries) {
    std::vector<Uid> ascending;
    ascending.reserve(entries.size());
    for (const Entry& entry : entries) ascending.push_back(mailbox.uid_of(entry.serial));
    // So that each costs nothing to add.
    std::sort(ascending.begin(), ascending.end());
    UidSet uids;
    for (const Uid uid : ascending) uids.add(uid);
    return uids;
  }

  Engine& engine;
  const rocksdb::Snapshot* snapshot;
};

Snapshot::Snapshot(Engine& engine) : state_(std::make_unique<State>(engine)) {}
Snapshot::Snapshot(Snapshot&&) noexcept = default;
Snapshot& Snapshot::operator=(Snapshot&&) noexcept = default;
Snapshot::~Snapshot() = default;

Result<MailboxInfo> Snapshot::mailbox(MailboxId mailbox) const {
  TRY_ASSIGN(data, state_->mailbox(mailbox));
  return std::move(data.info);
}

Result<std::optional<MessageState>> Snapshot::message(MailboxId mailbox, Uid uid) const {
  TRY_ASSIGN(data, state_->mailbox(mailbox));
  return state_->message(data, data.serial_of(uid));
}

Result<std::optional<MessageState>> Snapshot::message(MailboxId mailbox, Serial serial) const {
  TRY_ASSIGN(data, state_->mailbox(mailbox));
  return state_->message(data, serial);
}

Result<void> Snapshot::for_each(MailboxId mailbox, const UidSet& uids, UniqueFunction<bool(const MessageState&)> visit) const {
  TRY_ASSIGN(data, state_->mailbox(mailbox));
  std::unique_ptr<rocksdb::Iterator> it;
  const std::string upper = mailbox_key(MailboxId(mailbox.value() + 1));
  const rocksdb::Slice upper_slice(upper);
  for (const UidSet::Range& range : uids.ranges()) {
    if (range.first >= data.info.uid_next) break;
    if (range.first == range.last) {
      TRY_ASSIGN(message, state_->message(data, data.serial_of(range.first)));
      if (message && !visit(*message)) return {};
      continue;
    }
    if (!it) {
      rocksdb::ReadOptions options = state_->options();
      options.iterate_upper_bound = &upper_slice;
      it.reset(state_->engine.db().NewIterator(options, state_->engine.family(Family::kMessages)));
    }
    const std::uint64_t last = data.serial_of(range.last).value();
    for (it->Seek(message_key(mailbox, data.serial_of(range.first))); it->Valid(); it->Next()) {
      const Serial serial(read_big_endian64(it->key().ToStringView().substr(8)));
      if (serial.value() > last) break;
      TRY_ASSIGN(message, decode_message(it->value().ToStringView(), serial, data.uid_of(serial)));
      if (!visit(message)) return {};
    }
    if (!it->status().ok()) return failed(it->status());
  }
  return {};
}

Result<UidSet> Snapshot::uids(MailboxId mailbox) const {
  TRY_ASSIGN(data, state_->mailbox(mailbox));
  UidSet found;
  const std::string upper = mailbox_key(MailboxId(mailbox.value() + 1));
  const rocksdb::Slice upper_slice(upper);
  rocksdb::ReadOptions options = state_->options();
  options.iterate_upper_bound = &upper_slice;
  const std::unique_ptr<rocksdb::Iterator> it(
      state_->engine.db().NewIterator(options, state_->engine.family(Family::kMessages)));
  for (it->Seek(mailbox_key(mailbox)); it->Valid(); it->Next()) {
    found.add(data.uid_of(Serial(read_big_endian64(it->key().ToStringView().substr(8)))));
  }
  if (!it->status().ok()) return failed(it->status());
  return found;
}

Result<std::optional<UidSet>> Snapshot::maybe_unclaimed(MailboxId mailbox, std::size_t count_max) const {
  TRY_ASSIGN(data, state_->mailbox(mailbox));
  const Counters& counters = data.info.counters;
  if (data.info.kind == MailboxKind::kPersonal || counters.ready + counters.deleted > count_max) return std::optional<UidSet>();
  const std::string upper = mailbox_key(MailboxId(mailbox.value() + 1));
  const rocksdb::Slice upper_slice(upper);
  rocksdb::ReadOptions options = state_->options();
  options.iterate_upper_bound = &upper_slice;
  const auto iterate = [&](Family family) {
    return std::unique_ptr<rocksdb::Iterator>(state_->engine.db().NewIterator(options, state_->engine.family(family)));
  };
  std::vector<Uid> uids;
  const auto deleted = iterate(Family::kDeleted);
  for (deleted->Seek(mailbox_key(mailbox)); deleted->Valid(); deleted->Next()) {
    uids.push_back(data.uid_of(Serial(read_big_endian64(deleted->key().ToStringView().substr(8)))));
  }
  if (!deleted->status().ok()) return failed(deleted->status());
  const auto ready = iterate(Family::kReady);
  for (std::uint32_t step = 0; step < kPriorities; ++step) {
    const auto priority = static_cast<std::uint32_t>(kPriorities - 1 - step);
    // What was taken from the front is stepped over and not through (invariant 7).
    for (ready->Seek(ready_key({mailbox, priority, Serial(data.ready_low_water[priority])})); ready->Valid(); ready->Next()) {
      const ReadyKey key = parse_ready_key(ready->key().ToStringView());
      if (key.priority != priority) break;
      uids.push_back(data.uid_of(key.serial));
    }
    if (!ready->status().ok()) return failed(ready->status());
  }
  std::ranges::sort(uids);  // So that each costs nothing to add.
  UidSet found;
  for (const Uid uid : uids) found.add(uid);
  return std::optional<UidSet>(std::move(found));
}

Result<std::uint64_t> Snapshot::deleted_bytes(MailboxId mailbox) const {
  TRY_ASSIGN(data, state_->mailbox(mailbox));
  std::uint64_t bytes = 0;
  const std::string upper = mailbox_key(MailboxId(mailbox.value() + 1));
  const rocksdb::Slice upper_slice(upper);
  rocksdb::ReadOptions options = state_->options();
  options.iterate_upper_bound = &upper_slice;
  const std::unique_ptr<rocksdb::Iterator> it(
      state_->engine.db().NewIterator(options, state_->engine.family(Family::kDeleted)));
  for (it->Seek(mailbox_key(mailbox)); it->Valid(); it->Next()) {
    TRY_ASSIGN(message, state_->message(data, Serial(read_big_endian64(it->key().ToStringView().substr(8)))));
    if (message) bytes += message->size();
  }
  if (!it->status().ok()) return failed(it->status());
  return bytes;
}

Result<Changes> Snapshot::changes_since(MailboxId mailbox, ModSeq since, std::size_t count_max) const {
  TRY_ASSIGN(data, state_->mailbox(mailbox));
  Changes changes;
  changes.highest_mod_seq = data.info.highest_mod_seq;
  changes.uid_next = data.info.uid_next;
  if (since >= data.info.highest_mod_seq) return changes;

  TRY_ASSIGN(changed, state_->entries_after(Family::kChanges, mailbox, since, count_max));
  TRY_ASSIGN(expunged, state_->entries_after(Family::kExpunged, mailbox, since, count_max));
  // What is told must be all there is up to some mod-sequence: the shorter of two cut lists says which.
  for (const auto* entries : {&changed, &expunged}) {
    if (entries->size() < count_max || count_max == 0) continue;
    changes.highest_mod_seq = std::min(changes.highest_mod_seq, entries->back().mod_seq);
  }
  changes.more = changes.highest_mod_seq < data.info.highest_mod_seq;
  for (const State::Entry& entry : changed) {
    if (entry.mod_seq > changes.highest_mod_seq) break;
    TRY_ASSIGN(message, state_->message(data, entry.serial));
    if (!message) return make_error(Code::kCorruption, "a change names a message that is not there");
    changes.changed.push_back(std::move(*message));
  }

  if (since < data.expunged_horizon) {
    // What vanished that long ago is forgotten: all that is not there may have been (RFC 7162, section 3.2.5.2 allows more).
    TRY_ASSIGN(vanished, vanished_since(mailbox, since));
    changes.completeness = vanished.completeness;
    changes.vanished = std::move(vanished.uids);
    return changes;
  }
  std::erase_if(expunged, [&](const State::Entry& entry) { return entry.mod_seq > changes.highest_mod_seq; });
  changes.vanished = state_->uids_of(data, expunged);
  return changes;
}

Result<Vanished> Snapshot::vanished_since(MailboxId mailbox, ModSeq since) const {
  TRY_ASSIGN(data, state_->mailbox(mailbox));
  Vanished vanished;
  if (since < data.expunged_horizon) {
    vanished.completeness = Changes::Completeness::kBehindHorizon;
    TRY_ASSIGN(present, uids(mailbox));
    if (data.info.uid_next.value() > 1) {
      vanished.uids = UidSet::range(Uid(1), Uid(data.info.uid_next.value() - 1)).difference(present);
    }
    return vanished;
  }
  // No more than are remembered.
  TRY_ASSIGN(expunged, state_->entries_after(Family::kExpunged, mailbox, since, SIZE_MAX));
  vanished.uids = state_->uids_of(data, expunged);
  return vanished;
}

Result<std::string> Snapshot::body(const BodyRef& body, std::uint64_t offset, std::uint64_t count) const {
  std::string bytes;
  if (offset >= body.size()) return bytes;
  std::uint64_t left = std::min(count, body.size() - offset);
  bytes.reserve(left);
  if (offset < body.prefix.size()) {
    bytes = body.prefix.substr(offset, left);
    left -= bytes.size();
    offset = body.prefix.size();
  }
  std::uint64_t at = offset - body.prefix.size();
  while (left > 0) {
    rocksdb::PinnableSlice chunk;
    const rocksdb::Status status =
        state_->engine.db().Get(state_->options(), state_->engine.family(Family::kBodies),
                                body_key(body.id, static_cast<std::uint32_t>(at / kBodyChunkBytes)), &chunk);
    if (status.IsNotFound() && at < kBodyChunkBytes) return make_error(Code::kNotFound, "the message is gone");
    if (status.IsNotFound()) return make_error(Code::kCorruption, "a piece of a message is missing");
    if (!status.ok()) return failed(status);
    const std::uint64_t skip = at % kBodyChunkBytes;
    if (skip >= chunk.size()) return make_error(Code::kCorruption, "a piece of a message is too short");
    const std::uint64_t take = std::min<std::uint64_t>(left, chunk.size() - skip);
    bytes.append(chunk.data() + skip, take);
    at += take;
    left -= take;
  }
  return bytes;
}

Result<std::vector<MessageState>> Snapshot::ready(MailboxId mailbox, std::size_t count_max) const {
  TRY_ASSIGN(data, state_->mailbox(mailbox));
  std::vector<MessageState> messages;
  for (std::uint32_t step = 0; step < kPriorities && messages.size() < count_max; ++step) {
    const auto priority = static_cast<std::uint32_t>(kPriorities - 1 - step);
    std::string upper = mailbox_key(mailbox);
    upper.push_back(static_cast<char>(9 - priority + 1));
    const rocksdb::Slice upper_slice(upper);
    rocksdb::ReadOptions options = state_->options();
    options.iterate_upper_bound = &upper_slice;
    const std::unique_ptr<rocksdb::Iterator> it(
        state_->engine.db().NewIterator(options, state_->engine.family(Family::kReady)));
    for (it->Seek(ready_key({mailbox, priority, Serial(data.ready_low_water[priority])})); it->Valid(); it->Next()) {
      if (messages.size() >= count_max) break;
      TRY_ASSIGN(message, state_->message(data, parse_ready_key(it->key().ToStringView()).serial));
      if (message) messages.push_back(std::move(*message));
    }
    if (!it->status().ok()) return failed(it->status());
  }
  return messages;
}

}  // namespace imapd::store

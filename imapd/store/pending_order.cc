#include <algorithm>

#include "imapd/store/pending.h"

// The two orders in which messages come up: to be claimed (`ready`), and to be ended (`due`).
namespace imapd::store {

void Pending::set_ready(Mailbox& mailbox, ReadyOrder::Position position, bool present) {
  const ReadyKey key{mailbox.info.id, position.priority, position.serial};
  if (present) {
    put(Family::kReady, ready_key(key), "");
    std::uint64_t& low_water = mailbox.ready_low_water[position.priority];
    low_water = std::min(low_water, position.serial.value());
    if (mailbox.order) mailbox.order->added(position);
  } else {
    erase(Family::kReady, ready_key(key));
    ++mailbox.taken_unread;
    if (mailbox.order) mailbox.order->removed(position);
  }
  ready_changes_.push_back({key, present});
}

ReadyOrder& Pending::order(Mailbox& mailbox) {
  if (!mailbox.order) mailbox.order = std::make_unique<ReadyOrder>(mailbox.ready_low_water);
  return *mailbox.order;
}

std::optional<ReadyOrder::Position> Pending::first_ready_after(Mailbox& mailbox, std::optional<ReadyOrder::Position> position) {
  mailbox.taken_unread = 0;
  ReadyOrder::Read read = [this, id = mailbox.info.id](std::uint32_t priority, std::uint64_t from) {
    return read_ready(id, priority, from);
  };
  return order(mailbox).first_after(position, read);
}

std::vector<std::uint64_t> Pending::read_ready(MailboxId mailbox, std::uint32_t priority, std::uint64_t from) {
  std::set<std::uint64_t> found;
  const std::string lower = ready_key({mailbox, priority, Serial(from)});
  std::string upper = mailbox_key(mailbox);
  upper.push_back(static_cast<char>(9 - priority + 1));
  const rocksdb::Slice upper_slice(upper);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_slice;
  const std::unique_ptr<rocksdb::Iterator> it(engine_.db().NewIterator(options, engine_.family(Family::kReady)));
  std::uint64_t read_to = UINT64_MAX;
  // More than is asked for, since this group may have taken some of them.
  const std::size_t wanted = ReadyOrder::kReadAhead + ready_changes_.size();
  for (it->Seek(lower); it->Valid(); it->Next()) {
    const std::uint64_t serial = parse_ready_key(it->key().ToStringView()).serial.value();
    found.insert(serial);
    if (found.size() >= wanted) {
      read_to = serial;
      break;
    }
  }
  check(it->status());
  for (const ReadyChange& change : ready_changes_) {
    const std::uint64_t serial = change.key.serial.value();
    if (change.key.mailbox != mailbox || change.key.priority != priority || serial < from || serial > read_to) continue;
    if (change.present) {
      found.insert(serial);
    } else {
      found.erase(serial);
    }
  }
  std::vector<std::uint64_t> serials(found.begin(), found.end());
  if (serials.size() > ReadyOrder::kReadAhead) serials.resize(ReadyOrder::kReadAhead);
  return serials;
}

std::vector<DueKey> Pending::due(Timestamp now, std::size_t count_max) {
  std::vector<DueKey> keys;
  const std::string upper = due_key({now + Millis(1), MailboxId(0), Serial(0)});
  const rocksdb::Slice upper_slice(upper);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_slice;
  const std::unique_ptr<rocksdb::Iterator> it(engine_.db().NewIterator(options, engine_.family(Family::kDue)));
  for (it->Seek(due_key({due_low_water_, MailboxId(0), Serial(0)})); it->Valid() && keys.size() < count_max; it->Next()) {
    keys.push_back(parse_due_key(it->key().ToStringView()));
  }
  check(it->status());
  return keys;
}

void Pending::index_holder(MailboxId mailbox, const MessageState* before, const MessageState* after) {
  const auto holder_of = [](const MessageState* message) -> const std::string* {
    return message != nullptr && message->claim && message->claim->door == Door::kImap ? &message->claim->holder : nullptr;
  };
  const std::string* was = holder_of(before);
  const std::string* is = holder_of(after);
  if (was != nullptr && is != nullptr && *was == *is) return;
  if (was != nullptr) {
    if (const auto at = held_.find(*was); at != held_.end()) {
      at->second.erase({mailbox, before->serial});
      if (at->second.empty()) held_.erase(at);
    }
  }
  if (is != nullptr) held_[*is].insert({mailbox, after->serial});
}

std::vector<Pending::Held> Pending::take_held(const std::string& holder, std::size_t count_max) {
  std::vector<Held> taken;
  const auto at = held_.find(holder);
  if (at == held_.end()) return taken;
  while (taken.size() < count_max && !at->second.empty()) taken.push_back(at->second.extract(at->second.begin()).value());
  if (at->second.empty()) held_.erase(at);
  return taken;
}

void Pending::forget_due(const DueKey& key) { erase(Family::kDue, due_key(key)); }

std::optional<Timestamp> Pending::next_due() {
  // Keys that this group erased are still in the database; they only make the sweeper look once more than it had to.
  const std::unique_ptr<rocksdb::Iterator> it(
      engine_.db().NewIterator(rocksdb::ReadOptions(), engine_.family(Family::kDue)));
  it->Seek(due_key({due_low_water_, MailboxId(0), Serial(0)}));
  check(it->status());
  std::optional<Timestamp> first = earliest_new_due_;
  if (it->Valid()) {
    const Timestamp stored = parse_due_key(it->key().ToStringView()).time;
    first = std::min(first.value_or(stored), stored);
  }
  // The field of tombstones below what is there is not walked again; what comes later and is due earlier lowers the mark.
  due_low_water_ = std::max(due_low_water_, std::min(first.value_or(now()), now()));
  return first;
}

}  // namespace imapd::store

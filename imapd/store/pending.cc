#include "imapd/store/pending.h"

#include <algorithm>

#include "imapd/base/check.h"
#include "imapd/base/coding.h"

namespace imapd::store {
namespace {

// Entries of the message cache; a few hundred bytes each.
constexpr std::size_t kCachedMessagesMax = 16'384;
// Numbers reserved ahead in `relaxed`: one synced group for so many changes of a mailbox.
constexpr std::uint64_t kCeilingStep = 100'000;
// Expunges remembered for CHANGEDSINCE, QRESYNC and Watch, and how many are forgotten at a time.
constexpr std::uint64_t kExpungesKept = 200'000;
constexpr std::uint64_t kExpungesForgotten = 2'048;
// After so many claims by IMAP alone the head is read again, so that the low-water mark follows.
constexpr std::uint32_t kTakenUnreadMax = 4'096;

bool waits(const MessageState& message) { return message.claim && message.claim->deadline; }

}  // namespace

void Pending::check(const rocksdb::Status& status) {
  if (!status.ok() && !broken_) broken_ = status.ToString();
}

void Pending::put(Family family, const std::string& key, const std::string& value) {
  check(batch_.Put(engine_.family(family), key, value));
}

void Pending::erase(Family family, const std::string& key) { check(batch_.Delete(engine_.family(family), key)); }

std::optional<std::string> Pending::get(Family family, const std::string& key) {
  std::string value;
  const rocksdb::Status status = engine_.db().Get(rocksdb::ReadOptions(), engine_.family(family), key, &value);
  if (status.IsNotFound()) return std::nullopt;
  check(status);
  return status.ok() ? std::optional(std::move(value)) : std::nullopt;
}

// --- mailboxes -------------------------------------------------------------------------------------

Pending::Mailbox* Pending::mailbox(MailboxId id) {
  const auto at = mailboxes_.find(id);
  return at == mailboxes_.end() ? nullptr : at->second.get();
}

Pending::Mailbox* Pending::find(const MailboxPath& path) {
  const auto at = paths_.find(path);
  return at == paths_.end() ? nullptr : mailbox(at->second);
}

void Pending::touch(Mailbox& mailbox) {
  if (mailbox.dirty) return;
  mailbox.dirty = true;
  dirty_.push_back(&mailbox);
}

void Pending::settings_changed(Mailbox& mailbox) {
  touch(mailbox);
  mailbox.settings_dirty = true;
}

Pending::Mailbox& Pending::create(const CreateMailbox& request) {
  auto made = std::make_unique<Mailbox>();
  Mailbox& mailbox = *made;
  mailbox.info.id = MailboxId(store_.next_mailbox_id++);
  mailbox.info.path = request.path;
  mailbox.info.kind = request.kind;
  mailbox.info.policy = request.policy;
  mailbox.info.acl = request.acl;
  mailbox.info.special_use = request.special_use;
  mailbox.info.created = now();
  // Larger than any before, so that a mailbox made again under an old name is not taken for the old one (RFC 3501, 2.3.1.1).
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(mailbox.info.created.time_since_epoch()).count();
  store_.last_uid_validity = std::max(store_.last_uid_validity + 1, static_cast<std::uint32_t>(seconds));
  mailbox.info.uid_validity = UidValidity(store_.last_uid_validity);
  mailbox.info.highest_mod_seq = ModSeq(1);
  mailbox.info.uid_next = Uid(1);
  store_dirty_ = true;
  paths_[request.path] = mailbox.info.id;
  mailboxes_[mailbox.info.id] = std::move(made);
  settings_changed(mailbox);
  tell(TreeEvent::Kind::kCreated, mailbox.info);
  return mailbox;
}

void Pending::create_levels_above(const CreateMailbox& request) {
  for (std::size_t slash = request.path.name.find('/'); slash != std::string::npos; slash = request.path.name.find('/', slash + 1)) {
    CreateMailbox parent;
    parent.path = {request.path.owner, request.path.name.substr(0, slash)};
    parent.kind = request.kind == MailboxKind::kPersonal ? MailboxKind::kPersonal : MailboxKind::kQueue;
    parent.acl = request.acl;
    if (find(parent.path) == nullptr) create(parent).info.selectable = false;
  }
}

void Pending::adopt(MailboxData data) {
  auto made = std::make_unique<Mailbox>();
  static_cast<MailboxData&>(*made) = std::move(data);
  paths_[made->info.path] = made->info.id;
  mailboxes_[made->info.id] = std::move(made);
}

void Pending::rename(Mailbox& mailbox, MailboxPath to) {
  paths_.erase(mailbox.info.path);
  MailboxInfo before = mailbox.info;
  mailbox.info.path = std::move(to);
  paths_[mailbox.info.path] = mailbox.info.id;
  settings_changed(mailbox);
  tell(TreeEvent::Kind::kRenamed, mailbox.info, std::move(before));
  events_.push_back({MailboxEvent::Kind::kRenamed, mailbox.info.id, mailbox.info.highest_mod_seq, mailbox.info.counters.ready});
}

void Pending::drop(Mailbox& mailbox) {
  const MailboxId id = mailbox.info.id;
  erase(Family::kMailboxes, mailbox_key(id));
  drop_metadata(id);
  tell(TreeEvent::Kind::kDeleted, mailbox.info);
  put(Family::kStore, grave_key(id), "");
  new_graves_.push_back(id);
  paths_.erase(mailbox.info.path);
  std::erase(dirty_, &mailbox);
  removed_.push_back(id);
  events_.push_back({MailboxEvent::Kind::kDeleted, id, mailbox.info.highest_mod_seq, 0});
  // What this group already wrote for the mailbox is in the batch and will be found by bury().
  std::erase_if(messages_, [id](const auto& entry) { return entry.first.mailbox == id; });
  std::erase_if(touched_, [id](const Key& key) { return key.mailbox == id; });
  mailboxes_.erase(id);
}

// --- messages --------------------------------------------------------------------------------------

const MessageState* Pending::message(Mailbox& mailbox, Serial serial) {
  const Key key{mailbox.info.id, serial};
  const auto at = messages_.find(key);
  if (at != messages_.end()) return at->second ? &*at->second : nullptr;
  const std::optional<std::string> bytes = get(Family::kMessages, message_key(key.mailbox, serial));
  if (!bytes) return nullptr;
  Result<MessageState> decoded = decode_message(*bytes, serial, mailbox.uid_of(serial));
  if (!decoded) {
    broken_ = decoded.error().message;
    return nullptr;
  }
  return &*messages_.emplace(key, std::move(*decoded)).first->second;
}

Error Pending::corrupt(const std::string& what) {
  if (!broken_) broken_ = what;
  return make_error(Code::kCorruption, what);
}

Result<const MessageState*> Pending::present(Mailbox& mailbox, Serial serial) {
  const MessageState* found = message(mailbox, serial);
  if (found == nullptr) return corrupt("a message that an index names cannot be read");
  return found;
}

std::vector<Serial> Pending::deleted(Mailbox& mailbox) {
  std::set<Serial> found;
  const std::string lower = mailbox_key(mailbox.info.id);
  const std::string upper = mailbox_key(MailboxId(mailbox.info.id.value() + 1));
  const rocksdb::Slice upper_slice(upper);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_slice;
  const std::unique_ptr<rocksdb::Iterator> it(engine_.db().NewIterator(options, engine_.family(Family::kDeleted)));
  for (it->Seek(lower); it->Valid(); it->Next()) found.emplace(read_big_endian64(it->key().ToStringView().substr(8)));
  check(it->status());
  // The database does not know of this group yet.
  for (const Key& key : touched_) {
    if (key.mailbox != mailbox.info.id) continue;
    const MessageState* now = message(mailbox, key.serial);
    if (now != nullptr && now->flags.contains(SystemFlag::kDeleted)) {
      found.insert(key.serial);
    } else {
      found.erase(key.serial);
    }
  }
  return {found.begin(), found.end()};
}

std::vector<Serial> Pending::serials(Mailbox& mailbox, const UidSet& uids) {
  std::vector<Serial> found;
  for (const UidSet::Range& range : uids.ranges()) {
    if (range.first >= mailbox.info.uid_next) break;
    const Serial first = mailbox.serial_of(range.first);
    const Serial last = mailbox.serial_of(std::min(range.last, Uid(mailbox.info.uid_next.value() - 1)));
    if (last.value() - first.value() < 16) {
      for (Serial serial = first; serial <= last; serial = serial.next()) {
        if (message(mailbox, serial) != nullptr) found.push_back(serial);
      }
      continue;
    }
    const std::size_t start = found.size();
    const std::string lower = message_key(mailbox.info.id, first);
    const std::string upper = message_key(mailbox.info.id, last.next());
    const rocksdb::Slice upper_slice(upper);
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &upper_slice;
    const std::unique_ptr<rocksdb::Iterator> it(engine_.db().NewIterator(options, engine_.family(Family::kMessages)));
    for (it->Seek(lower); it->Valid(); it->Next()) {
      found.emplace_back(read_big_endian64(it->key().ToStringView().substr(8)));
    }
    check(it->status());
    // The database does not know of this group yet.
    for (const Key& key : touched_) {
      if (key.mailbox != mailbox.info.id || key.serial < first || key.serial > last) continue;
      const auto begin = found.begin() + static_cast<std::ptrdiff_t>(start);
      const auto at = std::lower_bound(begin, found.end(), key.serial);
      const bool listed = at != found.end() && *at == key.serial;
      const bool exists = message(mailbox, key.serial) != nullptr;
      if (exists && !listed) found.insert(at, key.serial);
      if (!exists && listed) found.erase(at);
    }
  }
  return found;
}

ModSeq Pending::next_mod_seq(Mailbox& mailbox) {
  mailbox.info.highest_mod_seq = mailbox.info.highest_mod_seq.next();
  return mailbox.info.highest_mod_seq;
}

Serial Pending::next_serial(Mailbox& mailbox) {
  const Serial serial = mailbox.next_serial;
  mailbox.next_serial = serial.next();
  mailbox.info.uid_next = mailbox.uid_of(mailbox.next_serial);
  return serial;
}

void Pending::insert(Mailbox& mailbox, MessageState message) {
  const Key key{mailbox.info.id, message.serial};
  std::optional<MessageState>& slot = messages_[key];
  CHECK(!slot);
  slot.emplace(std::move(message));
  touched_.push_back(key);
  index(mailbox, nullptr, &*slot);
}

void Pending::change(Mailbox& mailbox, MessageState after) {
  const Key key{mailbox.info.id, after.serial};
  std::optional<MessageState>& slot = messages_.at(key);
  index(mailbox, &*slot, &after);
  slot = std::move(after);
  touched_.push_back(key);
}

void Pending::remove(Mailbox& mailbox, Serial serial, BodyFate fate) {
  const Key key{mailbox.info.id, serial};
  std::optional<MessageState>& slot = messages_.at(key);
  if (fate == BodyFate::kRelease) release_body(slot->body);
  index(mailbox, &*slot, nullptr);
  slot.reset();
  touched_.push_back(key);
}

// Keeps every family and counter in step with one message's change. The caller has set after->mod_seq.
void Pending::index(Mailbox& mailbox, const MessageState* before, const MessageState* after) {
  const MailboxId id = mailbox.info.id;
  const Serial serial = after != nullptr ? after->serial : before->serial;
  const bool is_queue = mailbox.info.kind != MailboxKind::kPersonal;
  touch(mailbox);

  Counters& counters = mailbox.info.counters;
  const auto count = [&](const MessageState& message, std::uint64_t one) {
    counters.messages += one;
    if (!message.flags.contains(SystemFlag::kSeen)) counters.unseen += one;
    if (message.flags.contains(SystemFlag::kDeleted)) counters.deleted += one;
    counters.size_bytes += one * message.size();
    if (!is_queue) return;
    if (message.ready()) counters.ready += one;
    if (message.claim) (message.claim->door == Door::kSchedule ? counters.scheduled : counters.claimed) += one;
  };
  if (before != nullptr) count(*before, ~std::uint64_t{0});
  if (after != nullptr) count(*after, 1);

  if (after != nullptr) {
    encode(*after, scratch_);
    put(Family::kMessages, message_key(id, serial), scratch_);
  } else {
    erase(Family::kMessages, message_key(id, serial));
  }

  if (before != nullptr) erase(Family::kChanges, change_key(id, before->mod_seq));
  std::string serial_bytes;
  append_big_endian64(serial_bytes, serial.value());
  if (after != nullptr) {
    put(Family::kChanges, change_key(id, after->mod_seq), serial_bytes);
  } else {
    put(Family::kExpunged, change_key(id, next_mod_seq(mailbox)), serial_bytes);
    ++mailbox.expunged_count;
  }

  const bool was_deleted = before != nullptr && before->flags.contains(SystemFlag::kDeleted);
  const bool is_deleted = after != nullptr && after->flags.contains(SystemFlag::kDeleted);
  if (was_deleted && !is_deleted) erase(Family::kDeleted, message_key(id, serial));
  if (!was_deleted && is_deleted) put(Family::kDeleted, message_key(id, serial), "");

  if (is_queue) {
    const bool was_ready = before != nullptr && before->ready();
    const bool is_ready = after != nullptr && after->ready();
    if (was_ready && !is_ready) set_ready(mailbox, {before->priority, serial}, false);
    if (!was_ready && is_ready) set_ready(mailbox, {after->priority, serial}, true);
  }

  index_holder(id, before, after);

  const std::optional<Timestamp> was_due = before != nullptr && waits(*before) ? before->claim->deadline : std::nullopt;
  const std::optional<Timestamp> is_due = after != nullptr && waits(*after) ? after->claim->deadline : std::nullopt;
  if (was_due != is_due) {
    if (was_due) erase(Family::kDue, due_key({*was_due, id, serial}));
    if (is_due) {
      put(Family::kDue, due_key({*is_due, id, serial}), "");
      due_low_water_ = std::min(due_low_water_, *is_due);
      earliest_new_due_ = std::min(earliest_new_due_.value_or(*is_due), *is_due);
    }
  }
}

void Pending::forget_old_expunges(Mailbox& mailbox) {
  const std::string lower = change_key(mailbox.info.id, mailbox.expunged_horizon.next());
  const std::string upper = mailbox_key(MailboxId(mailbox.info.id.value() + 1));
  const rocksdb::Slice upper_slice(upper);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_slice;
  const std::unique_ptr<rocksdb::Iterator> it(engine_.db().NewIterator(options, engine_.family(Family::kExpunged)));
  std::uint64_t forgotten = 0;
  const std::uint64_t too_many = mailbox.expunged_count - kExpungesKept;
  for (it->Seek(lower); it->Valid() && forgotten < too_many; it->Next()) {
    check(batch_.Delete(engine_.family(Family::kExpunged), it->key()));
    mailbox.expunged_horizon = ModSeq(read_big_endian64(it->key().ToStringView().substr(8)));
    ++forgotten;
  }
  check(it->status());
  mailbox.expunged_count -= forgotten;
}

// --- users -----------------------------------------------------------------------------------------

std::optional<User> Pending::user(const std::string& name) {
  if (const auto at = users_.find(name); at != users_.end()) return at->second;
  const std::optional<std::string> bytes = get(Family::kUsers, name);
  if (!bytes) return std::nullopt;
  Result<User> user = decode_user(name, *bytes);
  if (!user) {
    broken_ = user.error().message;
    return std::nullopt;
  }
  return *user;
}

void Pending::put_user(const User& user) {
  put(Family::kUsers, user.name, encode(user));
  users_[user.name] = user;
}

void Pending::remove_user(const std::string& name) {
  erase(Family::kUsers, name);
  users_[name] = std::nullopt;
}

void Pending::set_subscription(const Subscribe& request) {
  const std::string key = subscription_key(request.user, request.name);
  if (request.change == Subscribe::Change::kAdd) {
    put(Family::kSubscriptions, key, "");
  } else {
    erase(Family::kSubscriptions, key);
  }
  TreeEvent event;
  event.kind = request.change == Subscribe::Change::kAdd ? TreeEvent::Kind::kSubscribed : TreeEvent::Kind::kUnsubscribed;
  event.user = request.user;
  event.name = request.name;
  tell(std::move(event));
}

// --- the group -------------------------------------------------------------------------------------

void Pending::skip_to_ceilings(Mailbox& mailbox) {
  if (mailbox.mod_seq_ceiling > mailbox.info.highest_mod_seq) {
    mailbox.info.highest_mod_seq = mailbox.mod_seq_ceiling;
    touch(mailbox);
  }
  if (mailbox.serial_ceiling > mailbox.next_serial) {
    mailbox.next_serial = mailbox.serial_ceiling;
    mailbox.info.uid_next = mailbox.uid_of(mailbox.next_serial);
    touch(mailbox);
  }
}

void Pending::release_ceilings() {
  for (auto& [id, mailbox] : mailboxes_) {
    if (mailbox->mod_seq_ceiling.value() == 0 && mailbox->serial_ceiling.value() == 0) continue;
    mailbox->mod_seq_ceiling = ModSeq(0);
    mailbox->serial_ceiling = Serial(0);
    put(Family::kMailboxes, mailbox_key(id), encode(*mailbox));
  }
  needs_sync_ = true;
}

void Pending::seal() {
  const bool relaxed = engine_.durability() == Durability::kRelaxed;
  for (Mailbox* mailbox : dirty_) {
    if (mailbox->expunged_count >= kExpungesKept + kExpungesForgotten) forget_old_expunges(*mailbox);
    if (mailbox->taken_unread >= kTakenUnreadMax) (void)first_ready_after(*mailbox, std::nullopt);
    if (mailbox->order) {
      for (std::uint32_t priority = 0; priority < kPriorities; ++priority) {
        mailbox->ready_low_water[priority] = mailbox->order->low_water(priority, mailbox->next_serial.value());
      }
    }
    if (relaxed && (mailbox->info.highest_mod_seq >= mailbox->mod_seq_ceiling || mailbox->next_serial >= mailbox->serial_ceiling)) {
      mailbox->mod_seq_ceiling = ModSeq(mailbox->info.highest_mod_seq.value() + kCeilingStep);
      mailbox->serial_ceiling = Serial(mailbox->next_serial.value() + kCeilingStep);
      needs_sync_ = true;
    }
    put(Family::kMailboxes, mailbox_key(mailbox->info.id), encode(*mailbox));
  }
  if (store_dirty_) put(Family::kStore, std::string(kStoreRecordKey), encode(store_));
}

Engine::Publication Pending::take_publication() {
  Engine::Publication publication;
  publication.events = std::move(events_);
  publication.tree_events = std::move(tree_events_);
  for (TreeEvent& event : publication.tree_events) {
    if (!event.mailbox || event.kind == TreeEvent::Kind::kDeleted) continue;
    if (const Mailbox* mailbox = this->mailbox(event.mailbox->id)) event.mailbox = mailbox->info;
  }
  for (Mailbox* mailbox : dirty_) {
    publication.events.push_back({MailboxEvent::Kind::kChanged, mailbox->info.id, mailbox->info.highest_mod_seq,
                                  mailbox->info.counters.ready});
    (mailbox->settings_dirty ? publication.settings_changed : publication.changed).push_back(mailbox->info);
    mailbox->dirty = false;
    mailbox->settings_dirty = false;
  }
  publication.removed = std::move(removed_);
  return publication;
}

void Pending::end_group() {
  batch_.Clear();
  touched_.clear();
  ready_changes_.clear();
  references_.clear();
  users_.clear();
  dirty_.clear();
  removed_.clear();
  for (const MailboxId grave : new_graves_) note_grave(grave);
  new_graves_.clear();
  earliest_new_due_.reset();
  events_.clear();
  tree_events_.clear();
  metadata_.clear();
  if (quotas_.size() > kCachedMessagesMax) quotas_.clear();
  store_dirty_ = false;
  needs_sync_ = false;
  if (messages_.size() > kCachedMessagesMax) messages_.clear();
}

}  // namespace imapd::store

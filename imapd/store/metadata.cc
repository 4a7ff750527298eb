#include "imapd/store/metadata.h"

#include <algorithm>

#include "imapd/base/limits.h"
#include "imapd/store/decide.h"
#include "imapd/store/engine.h"

namespace imapd::store {
namespace {

// Of the mailbox and owner; the entry's name follows.
std::string metadata_prefix(MailboxId mailbox, const std::string& owner) { return metadata_key(mailbox, owner, ""); }

}  // namespace

// --- the committer's side --------------------------------------------------------------------------

std::size_t Pending::count_metadata(MailboxId mailbox, const std::string& owner) {
  const std::string prefix = metadata_prefix(mailbox, owner);
  std::set<std::string> keys;
  const std::unique_ptr<rocksdb::Iterator> it(
      engine_.db().NewIterator(rocksdb::ReadOptions(), engine_.family(Family::kMetadata)));
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) keys.insert(it->key().ToString());
  check(it->status());
  // The database does not know of this group yet.
  for (auto at = metadata_.lower_bound(prefix); at != metadata_.end() && at->first.starts_with(prefix); ++at) {
    if (at->second) {
      keys.insert(at->first);
    } else {
      keys.erase(at->first);
    }
  }
  return keys.size();
}

bool Pending::has_metadata(MailboxId mailbox, const MetadataChange& entry) {
  const std::string key = metadata_key(mailbox, entry.owner, entry.entry);
  if (const auto at = metadata_.find(key); at != metadata_.end()) return at->second;
  return get(Family::kMetadata, key).has_value();
}

void Pending::set_metadata(MailboxId mailbox, const MetadataChange& change) {
  const std::string key = metadata_key(mailbox, change.owner, change.entry);
  if (change.value) {
    put(Family::kMetadata, key, *change.value);
  } else {
    erase(Family::kMetadata, key);
  }
  metadata_[key] = change.value.has_value();
}

void Pending::drop_metadata(MailboxId mailbox) {
  const std::string lower = mailbox_key(mailbox);
  const std::string upper = mailbox_key(MailboxId(mailbox.value() + 1));
  check(batch_.DeleteRange(engine_.family(Family::kMetadata), lower, upper));
  metadata_.erase(metadata_.lower_bound(lower), metadata_.lower_bound(upper));
}

void Pending::copy_metadata(MailboxId from, MailboxId to) {
  const std::string prefix = mailbox_key(from);
  const auto target = [&](std::string_view key) { return mailbox_key(to) + std::string(key.substr(prefix.size())); };
  const std::unique_ptr<rocksdb::Iterator> it(
      engine_.db().NewIterator(rocksdb::ReadOptions(), engine_.family(Family::kMetadata)));
  // What this very group sets on `from` is not copied: it counts as set after the renaming.
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    const std::string key = target(it->key().ToStringView());
    put(Family::kMetadata, key, it->value().ToString());
    metadata_[key] = true;
  }
  check(it->status());
}

UserQuota Pending::user_quota(const std::string& user) {
  if (const auto at = quotas_.find(user); at != quotas_.end()) return at->second;
  const std::optional<std::string> bytes = get(Family::kQuotas, user);
  UserQuota quota;
  if (bytes) {
    const Result<UserQuota> decoded = decode_user_quota(*bytes);
    if (decoded) {
      quota = *decoded;
    } else {
      (void)corrupt(decoded.error().message);
    }
  }
  quotas_[user] = quota;
  return quota;
}

void Pending::set_user_quota(const std::string& user, const UserQuota& quota) {
  if (quota == UserQuota()) {
    erase(Family::kQuotas, user);
  } else {
    put(Family::kQuotas, user, encode(quota));
  }
  quotas_[user] = quota;
}

Result<void> Pending::check_user_quota(const std::string& owner, const UserUsage& more) {
  if (owner.empty()) return {};
  const UserQuota quota = user_quota(owner);
  if (quota == UserQuota()) return {};
  UserUsage used = more;
  for (auto at = paths_.lower_bound({owner, ""}); at != paths_.end() && at->first.owner == owner; ++at) {
    const MailboxInfo& info = mailbox(at->second)->info;
    used.mailboxes += info.selectable ? 1 : 0;
    used.messages += info.counters.messages;
    used.bytes += info.counters.size_bytes;
  }
  const auto over = [](std::uint64_t amount, std::uint64_t max) { return max != 0 && amount > max; };
  if (more.messages > 0 && over(used.messages, quota.messages_max)) {
    return make_error(Code::kResourceExhausted, "the quota allows " + std::to_string(quota.messages_max) + " messages");
  }
  if (more.bytes > 0 && over(used.bytes, quota.bytes_max)) {
    return make_error(Code::kResourceExhausted, "the quota allows " + std::to_string(quota.bytes_max) + " bytes");
  }
  if (more.mailboxes > 0 && over(used.mailboxes, quota.mailboxes_max)) {
    return make_error(Code::kResourceExhausted, "the quota allows " + std::to_string(quota.mailboxes_max) + " mailboxes");
  }
  return {};
}

Result<void> decide_set_metadata(Pending& pending, SetMetadata& request) {
  Pending::Mailbox* mailbox = nullptr;
  if (request.mailbox != kServerMetadata) {
    mailbox = pending.mailbox(request.mailbox);
    if (mailbox == nullptr) return make_error(Code::kNotFound, "no such mailbox");
  }
  // The last change of an entry counts.
  std::map<std::pair<std::string, std::string>, const MetadataChange*> last;
  for (const MetadataChange& change : request.changes) {
    if (change.value && change.value->size() > limits::kMetadataValueBytesMax) {
      return make_error(Code::kInvalidArgument,
                        "an annotation has at most " + std::to_string(limits::kMetadataValueBytesMax) + " bytes");
    }
    last[{change.owner, change.entry}] = &change;
  }
  std::map<std::string, std::ptrdiff_t> growth;  // By owner.
  for (const auto& [key, change] : last) {
    const bool present = pending.has_metadata(request.mailbox, *change);
    growth[change->owner] += (change->value ? 1 : 0) - (present ? 1 : 0);
  }
  for (const auto& [owner, more] : growth) {
    if (more <= 0) continue;
    if (pending.count_metadata(request.mailbox, owner) + static_cast<std::size_t>(more) > limits::kMetadataEntriesMax) {
      return make_error(Code::kResourceExhausted,
                        "there are at most " + std::to_string(limits::kMetadataEntriesMax) + " annotations");
    }
  }
  std::map<std::string, TreeEvent> events;  // By owner: each is told to those who may read it.
  for (const auto& [key, change] : last) {
    pending.set_metadata(request.mailbox, *change);
    TreeEvent& event = events[change->owner];
    event.kind = TreeEvent::Kind::kMetadata;
    if (mailbox != nullptr) event.mailbox = mailbox->info;
    event.user = change->owner;
    event.by = request.by;
    event.entries.push_back(change->entry);
  }
  for (auto& [owner, event] : events) pending.tell(std::move(event));
  return {};
}

Result<void> decide_set_user_quota(Pending& pending, SetUserQuota& request) {
  pending.set_user_quota(request.user, request.quota);
  return {};
}

// --- the readers' side -----------------------------------------------------------------------------

Result<std::optional<std::string>> Store::metadata(MailboxId mailbox, const std::string& owner, const std::string& entry) const {
  std::string value;
  const rocksdb::Status status = engine_->db().Get(rocksdb::ReadOptions(), engine_->family(Family::kMetadata),
                                                   metadata_key(mailbox, owner, entry), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return make_error(Code::kIo, "read failed: " + status.ToString());
  return std::optional<std::string>(std::move(value));
}

Result<std::vector<MetadataEntry>> Store::metadata_under(MailboxId mailbox, const std::string& owner,
                                                         const std::string& entry) const {
  std::vector<MetadataEntry> found;
  const std::string prefix = metadata_prefix(mailbox, owner);
  const std::string start = prefix + entry;
  const std::unique_ptr<rocksdb::Iterator> it(
      engine_->db().NewIterator(rocksdb::ReadOptions(), engine_->family(Family::kMetadata)));
  for (it->Seek(start); it->Valid() && it->key().starts_with(start); it->Next()) {
    const std::string_view name = it->key().ToStringView().substr(prefix.size());
    // `/a/bc` is not below `/a/b`.
    if (name.size() > entry.size() && name[entry.size()] != '/') continue;
    found.emplace_back(std::string(name), it->value().ToString());
  }
  if (!it->status().ok()) return make_error(Code::kIo, "read failed: " + it->status().ToString());
  return found;
}

Result<UserQuota> Store::user_quota(const std::string& user) const {
  std::string bytes;
  const rocksdb::Status status =
      engine_->db().Get(rocksdb::ReadOptions(), engine_->family(Family::kQuotas), user, &bytes);
  if (status.IsNotFound()) return UserQuota();
  if (!status.ok()) return make_error(Code::kIo, "read failed: " + status.ToString());
  return decode_user_quota(bytes);
}

}  // namespace imapd::store

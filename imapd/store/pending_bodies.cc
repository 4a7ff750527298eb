#include <algorithm>

#include "imapd/base/check.h"
#include "imapd/base/coding.h"
#include "imapd/store/pending.h"

// Bodies: stored once, referred to by messages, removed with the last reference; and the graves of deleted mailboxes, whose bodies
// are released bit by bit.
namespace imapd::store {

std::uint64_t Pending::allocate_body_id() {
  store_dirty_ = true;
  return store_.next_body_id++;
}

BodyId Pending::put_body(const std::string& bytes) {
  const BodyId id(allocate_body_id());
  for (std::uint64_t offset = 0; offset < bytes.size(); offset += kBodyChunkBytes) {
    const std::size_t size = std::min<std::size_t>(kBodyChunkBytes, bytes.size() - offset);
    check(batch_.Put(engine_.family(Family::kBodies), body_key(id, static_cast<std::uint32_t>(offset / kBodyChunkBytes)),
                     rocksdb::Slice(bytes.data() + offset, size)));
  }
  return id;
}

void Pending::add_reference(Mailbox& mailbox, Serial serial) {
  const Key key{mailbox.info.id, serial};
  MessageState& message = *messages_.at(key);
  const BodyId body = message.body.id;
  std::uint64_t count = 1;
  if (const auto at = references_.find(body); at != references_.end()) {
    count = at->second;
  } else if (message.body.shared) {
    const std::optional<std::string> bytes = get(Family::kBodies, body_key(body, kBodyReferencesChunk));
    if (bytes && bytes->size() == 8) count = read_big_endian64(*bytes);
  }
  references_[body] = ++count;
  std::string value;
  append_big_endian64(value, count);
  put(Family::kBodies, body_key(body, kBodyReferencesChunk), value);
  if (message.body.shared) return;
  // Not a change that anybody sees: no new mod-sequence (PITFALLS: bookkeeping must not wake clients).
  message.body.shared = true;
  touched_.push_back(key);
  encode(message, scratch_);
  put(Family::kMessages, message_key(mailbox.info.id, serial), scratch_);
}

void Pending::release_body(const BodyRef& body) {
  if (body.shared) {
    std::uint64_t count = 1;
    if (const auto at = references_.find(body.id); at != references_.end()) {
      count = at->second;
    } else if (const auto bytes = get(Family::kBodies, body_key(body.id, kBodyReferencesChunk)); bytes && bytes->size() == 8) {
      count = read_big_endian64(*bytes);
    }
    CHECK(count > 0);
    references_[body.id] = --count;
    if (count > 0) {
      std::string value;
      append_big_endian64(value, count);
      put(Family::kBodies, body_key(body.id, kBodyReferencesChunk), value);
      return;
    }
    erase(Family::kBodies, body_key(body.id, kBodyReferencesChunk));
  }
  const std::uint64_t chunks = (body.stored_bytes + kBodyChunkBytes - 1) / kBodyChunkBytes;
  for (std::uint64_t chunk = 0; chunk < chunks; ++chunk) {
    erase(Family::kBodies, body_key(body.id, static_cast<std::uint32_t>(chunk)));
  }
}

std::optional<MailboxId> Pending::next_grave() const {
  return graves_.empty() ? std::nullopt : std::optional(graves_.back().mailbox);
}

void Pending::bury(MailboxId mailbox, std::size_t count_max) {
  const auto grave = std::find_if(graves_.begin(), graves_.end(), [&](const Grave& one) { return one.mailbox == mailbox; });
  CHECK(grave != graves_.end());
  const std::string lower = mailbox_key(mailbox);
  const std::string upper = mailbox_key(MailboxId(mailbox.value() + 1));
  const rocksdb::Slice upper_slice(upper);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_slice;
  const std::unique_ptr<rocksdb::Iterator> it(engine_.db().NewIterator(options, engine_.family(Family::kMessages)));
  std::size_t buried = 0;
  for (it->Seek(message_key(mailbox, grave->next)); it->Valid() && buried < count_max; it->Next(), ++buried) {
    const Result<MessageState> message = decode_message(it->value().ToStringView(), Serial(0), Uid(0));
    if (message) release_body(message->body);
    check(batch_.Delete(engine_.family(Family::kMessages), it->key()));
    grave->next = Serial(read_big_endian64(it->key().ToStringView().substr(8)) + 1);
  }
  check(it->status());
  if (buried == count_max) return;
  for (const Family family : {Family::kChanges, Family::kExpunged, Family::kReady, Family::kDeleted}) {
    check(batch_.DeleteRange(engine_.family(family), lower, upper));
  }
  erase(Family::kStore, grave_key(mailbox));
  graves_.erase(grave);
}

}  // namespace imapd::store

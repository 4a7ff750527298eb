#include "imapd/store/keys.h"

#include "imapd/base/coding.h"

namespace imapd::store {

std::string mailbox_key(MailboxId mailbox) {
  std::string key;
  append_big_endian64(key, mailbox.value());
  return key;
}

std::string message_key(MailboxId mailbox, Serial serial) {
  std::string key = mailbox_key(mailbox);
  append_big_endian64(key, serial.value());
  return key;
}

std::string change_key(MailboxId mailbox, ModSeq mod_seq) {
  std::string key = mailbox_key(mailbox);
  append_big_endian64(key, mod_seq.value());
  return key;
}

std::string body_key(BodyId body, std::uint32_t chunk) {
  std::string key;
  append_big_endian64(key, body.value());
  append_big_endian32(key, chunk);
  return key;
}

std::string grave_key(MailboxId mailbox) { return std::string(kGravePrefix) + mailbox_key(mailbox); }

std::string subscription_key(std::string_view user, std::string_view mailbox) {
  std::string key(user);
  key.push_back('\0');
  key.append(mailbox);
  return key;
}

std::string metadata_key(MailboxId mailbox, std::string_view owner, std::string_view entry) {
  std::string key = mailbox_key(mailbox);
  key.append(owner);
  key.push_back('\0');
  key.append(entry);
  return key;
}

std::string due_key(const DueKey& key) {
  std::string bytes;
  append_big_endian64(bytes, static_cast<std::uint64_t>(key.time.time_since_epoch().count()));
  append_big_endian64(bytes, key.mailbox.value());
  append_big_endian64(bytes, key.serial.value());
  return bytes;
}

DueKey parse_due_key(std::string_view key) {
  return {Timestamp(Millis(static_cast<std::int64_t>(read_big_endian64(key)))), MailboxId(read_big_endian64(key.substr(8))),
          Serial(read_big_endian64(key.substr(16)))};
}

std::string ready_key(const ReadyKey& key) {
  std::string bytes = mailbox_key(key.mailbox);
  bytes.push_back(static_cast<char>(9 - key.priority));
  append_big_endian64(bytes, key.serial.value());
  return bytes;
}

ReadyKey parse_ready_key(std::string_view key) {
  return {MailboxId(read_big_endian64(key)), 9u - static_cast<unsigned char>(key[8]), Serial(read_big_endian64(key.substr(9)))};
}

}  // namespace imapd::store

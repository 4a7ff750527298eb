#include "imapd/store/records.h"

#include "claimq/store/v1/store.pb.h"

namespace imapd::store {
namespace {

namespace v1 = ::claimq::store::v1;

std::int64_t to_ms(Timestamp time) { return time.time_since_epoch().count(); }
Timestamp from_ms(std::int64_t ms) { return Timestamp(Millis(ms)); }

Error corrupt(const char* what) { return make_error(Code::kCorruption, std::string("unreadable record: ") + what); }

Error too_new(std::uint32_t format) {
  return make_error(Code::kFailedPrecondition, "the store has format " + std::to_string(format) + "; this program knows formats up to " +
                                                   std::to_string(kFormatVersion));
}

void encode_policy(const Policy& policy, v1::Policy& to) {
  to.set_lease_default_ms(static_cast<std::uint32_t>(policy.lease_default.count()));
  to.set_lease_min_ms(static_cast<std::uint32_t>(policy.lease_min.count()));
  to.set_lease_max_ms(static_cast<std::uint32_t>(policy.lease_max.count()));
  to.set_failures_max(policy.failures_max);
  to.set_dead_letters(policy.dead_letters);
  to.set_backoff_base_ms(static_cast<std::uint32_t>(policy.backoff_base.count()));
  to.set_backoff_factor_percent(policy.backoff_factor_percent);
  to.set_backoff_cap_ms(static_cast<std::uint32_t>(policy.backoff_cap.count()));
  to.set_release_on_disconnect(policy.release_on_disconnect);
  to.set_messages_max(policy.messages_max);
  to.set_bytes_max(policy.bytes_max);
  to.set_enqueue_paused(policy.enqueue_paused);
  to.set_claim_paused(policy.claim_paused);
}

Policy decode_policy(const v1::Policy& from) {
  Policy policy;
  policy.lease_default = Millis(from.lease_default_ms());
  policy.lease_min = Millis(from.lease_min_ms());
  policy.lease_max = Millis(from.lease_max_ms());
  policy.failures_max = from.failures_max();
  policy.dead_letters = from.dead_letters();
  policy.backoff_base = Millis(from.backoff_base_ms());
  policy.backoff_factor_percent = from.backoff_factor_percent();
  policy.backoff_cap = Millis(from.backoff_cap_ms());
  policy.release_on_disconnect = from.release_on_disconnect();
  policy.messages_max = from.messages_max();
  policy.bytes_max = from.bytes_max();
  policy.enqueue_paused = from.enqueue_paused();
  policy.claim_paused = from.claim_paused();
  return policy;
}

v1::MailboxRecord::Kind encode_kind(MailboxKind kind) {
  switch (kind) {
    case MailboxKind::kPersonal: return v1::MailboxRecord::KIND_PERSONAL;
    case MailboxKind::kQueue: return v1::MailboxRecord::KIND_QUEUE;
    case MailboxKind::kDeadLetters: return v1::MailboxRecord::KIND_DEAD_LETTERS;
  }
  return v1::MailboxRecord::KIND_UNSPECIFIED;
}

MailboxKind decode_kind(v1::MailboxRecord::Kind kind) {
  if (kind == v1::MailboxRecord::KIND_PERSONAL) return MailboxKind::kPersonal;
  if (kind == v1::MailboxRecord::KIND_DEAD_LETTERS) return MailboxKind::kDeadLetters;
  return MailboxKind::kQueue;
}

Claim decode_claim(const v1::Claim& from) {
  Claim claim;
  claim.door = static_cast<Door>(from.door());
  claim.user = from.user();
  claim.holder = from.holder();
  claim.token = ModSeq(from.token());
  claim.claimed_at = from_ms(from.claimed_ms());
  if (from.deadline_ms() != 0) claim.deadline = from_ms(from.deadline_ms());
  claim.lease = Millis(from.lease_ms());
  return claim;
}

}  // namespace

std::string encode(const MailboxData& data) {
  const MailboxInfo& info = data.info;
  v1::MailboxRecord record;
  record.set_format(kFormatVersion);
  record.set_owner(info.path.owner);
  record.set_name(info.path.name);
  record.set_kind(encode_kind(info.kind));
  record.set_uid_validity(info.uid_validity.value());
  record.set_base_serial(data.base_serial);
  record.set_next_serial(data.next_serial.value());
  record.set_highest_mod_seq(info.highest_mod_seq.value());
  record.set_serial_ceiling(data.serial_ceiling.value());
  record.set_mod_seq_ceiling(data.mod_seq_ceiling.value());
  for (const std::uint64_t low_water : data.ready_low_water) record.add_ready_low_water(low_water);
  v1::Counters& counters = *record.mutable_counters();
  counters.set_messages(info.counters.messages);
  counters.set_unseen(info.counters.unseen);
  counters.set_deleted(info.counters.deleted);
  counters.set_size_bytes(info.counters.size_bytes);
  counters.set_ready(info.counters.ready);
  counters.set_claimed(info.counters.claimed);
  counters.set_scheduled(info.counters.scheduled);
  record.set_expunged_horizon(data.expunged_horizon.value());
  record.set_expunged_count(data.expunged_count);
  encode_policy(info.policy, *record.mutable_policy());
  for (const auto& [identifier, rights] : info.acl) (*record.mutable_acl())[identifier] = rights;
  record.set_special_use(info.special_use);
  record.set_created_ms(to_ms(info.created));
  record.set_selectable(info.selectable);
  return record.SerializeAsString();
}

Result<MailboxData> decode_mailbox(MailboxId id, std::string_view bytes) {
  v1::MailboxRecord record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return corrupt("mailbox");
  if (record.format() > kFormatVersion) return too_new(record.format());
  MailboxData data;
  MailboxInfo& info = data.info;
  info.id = id;
  info.path = {record.owner(), record.name()};
  info.kind = decode_kind(record.kind());
  info.selectable = record.selectable();
  info.uid_validity = UidValidity(record.uid_validity());
  info.highest_mod_seq = ModSeq(record.highest_mod_seq());
  data.base_serial = record.base_serial();
  data.next_serial = Serial(record.next_serial());
  info.uid_next = data.uid_of(data.next_serial);
  data.serial_ceiling = Serial(record.serial_ceiling());
  data.mod_seq_ceiling = ModSeq(record.mod_seq_ceiling());
  for (int i = 0; i < record.ready_low_water_size() && i < static_cast<int>(kPriorities); ++i) {
    data.ready_low_water[static_cast<std::size_t>(i)] = record.ready_low_water(i);
  }
  const v1::Counters& counters = record.counters();
  info.counters = {counters.messages(), counters.unseen(), counters.deleted(), counters.size_bytes(),
                   counters.ready(),    counters.claimed(), counters.scheduled()};
  data.expunged_horizon = ModSeq(record.expunged_horizon());
  data.expunged_count = record.expunged_count();
  info.policy = decode_policy(record.policy());
  for (const auto& [identifier, rights] : record.acl()) info.acl[identifier] = rights;
  info.special_use = record.special_use();
  info.created = from_ms(record.created_ms());
  return data;
}

void encode(const MessageState& message, std::string& to) {
  // One record a thread, reused: the committer writes hundreds of thousands a second.
  thread_local v1::MessageRecord record;
  record.Clear();
  record.set_system_flags(message.flags.bits());
  for (const std::string& keyword : message.flags.keywords()) record.add_keywords(keyword);
  for (const FlagModSeq& entry : message.flag_mod_seqs) {
    v1::FlagModSeq& stored = *record.add_flag_mod_seqs();
    stored.set_mod_seq(entry.mod_seq.value());
    const std::optional<Flag> flag = Flag::parse(entry.flag);
    if (flag && flag->is_system()) {
      stored.set_system_flag(1 + static_cast<std::uint32_t>(flag->system()));
    } else {
      stored.set_keyword(entry.flag);
    }
  }
  record.set_mod_seq(message.mod_seq.value());
  record.set_append_mod_seq(message.append_mod_seq.value());
  record.set_internal_date_ms(to_ms(message.internal_date.time));
  record.set_zone_minutes(message.internal_date.zone_minutes);
  record.set_body_id(message.body.id.value());
  record.set_body_bytes(message.body.stored_bytes);
  record.set_body_prefix(message.body.prefix);
  record.set_body_shared(message.body.shared);
  record.set_email_id(message.email_id);
  if (message.claim) {
    const Claim& claim = *message.claim;
    v1::Claim& stored = *record.mutable_claim();
    stored.set_user(claim.user);
    stored.set_holder(claim.holder);
    stored.set_door(static_cast<std::uint32_t>(claim.door));
    stored.set_token(claim.token.value());
    stored.set_claimed_ms(to_ms(claim.claimed_at));
    stored.set_deadline_ms(claim.deadline ? to_ms(*claim.deadline) : 0);
    stored.set_lease_ms(static_cast<std::uint32_t>(claim.lease.count()));
  }
  record.set_deliveries(message.deliveries);
  record.set_failures(message.failures);
  if (message.priority != 4) record.set_priority_plus_one(message.priority + 1);
  record.set_saved_ms(to_ms(message.saved));
  record.set_key(message.key);
  record.set_group(message.group);
  record.SerializeToString(&to);
}

Result<MessageState> decode_message(std::string_view bytes, Serial serial, Uid uid) {
  thread_local v1::MessageRecord record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return corrupt("message");
  MessageState message;
  message.serial = serial;
  message.uid = uid;
  message.flags = FlagSet::from_bits(record.system_flags());
  for (const std::string& keyword : record.keywords()) {
    const std::optional<Flag> flag = Flag::parse(keyword);
    if (!flag) return corrupt("keyword");
    message.flags.add(*flag);
  }
  for (const v1::FlagModSeq& stored : record.flag_mod_seqs()) {
    const bool system = stored.system_flag() != 0;
    message.flag_mod_seqs.push_back({system ? Flag(static_cast<SystemFlag>(stored.system_flag() - 1)).name() : stored.keyword(),
                                     ModSeq(stored.mod_seq())});
  }
  message.mod_seq = ModSeq(record.mod_seq());
  message.append_mod_seq = ModSeq(record.append_mod_seq());
  message.internal_date = {from_ms(record.internal_date_ms()), record.zone_minutes()};
  message.saved = from_ms(record.saved_ms());
  message.body = {BodyId(record.body_id()), record.body_prefix(), record.body_bytes(), record.body_shared()};
  message.email_id = record.email_id();
  if (record.has_claim()) message.claim = decode_claim(record.claim());
  message.deliveries = record.deliveries();
  message.failures = record.failures();
  if (record.priority_plus_one() != 0) message.priority = record.priority_plus_one() - 1;
  message.key = record.key();
  message.group = record.group();
  return message;
}

std::string encode(const StoreData& data) {
  v1::StoreRecord record;
  record.set_format(kFormatVersion);
  record.set_next_mailbox_id(data.next_mailbox_id);
  record.set_next_body_id(data.next_body_id);
  record.set_last_uid_validity(data.last_uid_validity);
  return record.SerializeAsString();
}

Result<StoreData> decode_store(std::string_view bytes) {
  v1::StoreRecord record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return corrupt("store");
  if (record.format() > kFormatVersion) return too_new(record.format());
  return StoreData{record.next_mailbox_id(), record.next_body_id(), record.last_uid_validity()};
}

std::string encode(const User& user) {
  v1::UserRecord record;
  record.set_format(kFormatVersion);
  record.set_password_hash(user.password_hash);
  record.set_administrator(user.administrator);
  record.set_created_ms(to_ms(user.created));
  record.set_scram_keys(user.scram_keys);
  return record.SerializeAsString();
}

Result<User> decode_user(std::string_view name, std::string_view bytes) {
  v1::UserRecord record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return corrupt("user");
  if (record.format() > kFormatVersion) return too_new(record.format());
  return User{std::string(name), record.password_hash(), record.administrator(), from_ms(record.created_ms()), record.scram_keys()};
}

std::string encode(const UserQuota& quota) {
  v1::UserQuotaRecord record;
  record.set_format(kFormatVersion);
  record.set_messages_max(quota.messages_max);
  record.set_bytes_max(quota.bytes_max);
  record.set_mailboxes_max(quota.mailboxes_max);
  return record.SerializeAsString();
}

Result<UserQuota> decode_user_quota(std::string_view bytes) {
  v1::UserQuotaRecord record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return corrupt("quota");
  if (record.format() > kFormatVersion) return too_new(record.format());
  return UserQuota{record.messages_max(), record.bytes_max(), record.mailboxes_max()};
}

}  // namespace imapd::store

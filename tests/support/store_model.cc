#include "tests/support/store_model.h"

#include <algorithm>
#include <tuple>

namespace support {

using imapd::Code;
using imapd::Flag;
using imapd::FlagSet;
using imapd::Millis;
using imapd::SystemFlag;
using imapd::Timestamp;
using imapd::UidSet;
using namespace imapd::store;

namespace {

std::string lower(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

Flag keyword(const char* name) { return *Flag::parse(name); }

bool is_server_flag(const Flag& flag) {
  const std::string name = lower(flag.name());
  return name == "$scheduled" || name == "$redelivered" || name == "$dead";
}

bool is_claimed(const Flag& flag) { return flag.is_system() && flag.system() == SystemFlag::kClaimed; }

void set_flag(StoreModel::Message& message, const Flag& flag, bool present) {
  if (message.flags.contains(flag) == present) return;
  if (present) {
    message.flags.add(flag);
  } else {
    message.flags.remove(flag);
  }
  message.fresh = true;
  message.fresh_flags.insert(lower(flag.name()));
}

bool is_ready(const StoreModel::Message& message) { return !message.claim && !message.flags.contains(SystemFlag::kDeleted); }

bool is_holder(const Actor& actor, const Claim& claim) {
  return claim.door == actor.door && claim.user == actor.user && claim.holder == actor.holder;
}

// What changed since the last learn() is newer than every number that is known.
imapd::ModSeq flag_mod_seq(const StoreModel::Message& message, const Flag& flag) {
  if (message.fresh_append || message.fresh_flags.contains(lower(flag.name()))) return imapd::ModSeq(UINT64_MAX);
  const auto at = message.flag_mod_seqs.find(lower(flag.name()));
  return at == message.flag_mod_seqs.end() ? message.append_mod_seq : at->second;
}

}  // namespace

// --- mailboxes ---

StoreModel::Mailbox& StoreModel::make(const CreateMailbox& request) {
  Mailbox& mailbox = mailboxes[request.path];
  mailbox = Mailbox();
  mailbox.kind = request.kind;
  mailbox.policy = request.policy;
  return mailbox;
}

void StoreModel::make_levels_above(const CreateMailbox& request) {
  for (auto slash = request.path.name.find('/'); slash != std::string::npos; slash = request.path.name.find('/', slash + 1)) {
    CreateMailbox level;
    level.path = {request.path.owner, request.path.name.substr(0, slash)};
    level.kind = request.kind == MailboxKind::kPersonal ? MailboxKind::kPersonal : MailboxKind::kQueue;
    if (!mailboxes.contains(level.path)) make(level).selectable = false;
  }
}

bool StoreModel::has_children(const Path& path) const {
  return std::any_of(mailboxes.begin(), mailboxes.end(), [&](const auto& entry) {
    return entry.first.owner == path.owner && entry.first.name.starts_with(path.name + "/");
  });
}

bool StoreModel::create(const CreateMailbox& request) {
  const auto at = mailboxes.find(request.path);
  if (at != mailboxes.end()) {
    if (at->second.selectable) return refuse(Code::kAlreadyExists);
    at->second.selectable = true;
    at->second.kind = request.kind;
    at->second.policy = request.policy;
    return true;
  }
  make_levels_above(request);
  make(request);
  return true;
}

bool StoreModel::remove(const Path& path) {
  const auto at = mailboxes.find(path);
  if (at == mailboxes.end()) return refuse(Code::kNotFound);
  const bool children = has_children(path);
  if (!at->second.selectable && children) return refuse(Code::kFailedPrecondition);
  CreateMailbox level;
  level.path = path;
  level.kind = at->second.kind;
  mailboxes.erase(at);
  if (children) make(level).selectable = false;
  return true;
}

bool StoreModel::rename(const Path& from, const Path& to) {
  const auto at = mailboxes.find(from);
  if (at == mailboxes.end()) return refuse(Code::kNotFound);
  if (mailboxes.contains(to)) return refuse(Code::kAlreadyExists);
  if (from.owner == to.owner && to.name.starts_with(from.name + "/")) return refuse(Code::kInvalidArgument);
  if (from.owner.empty() != to.owner.empty()) return refuse(Code::kInvalidArgument);
  CreateMailbox made;
  made.path = to;
  made.kind = at->second.kind;
  made.policy = at->second.policy;
  if (!from.owner.empty() && from.name == "INBOX") {
    make_levels_above(made);
    Mailbox& target = make(made);
    Mailbox& inbox = mailboxes.at(from);
    std::vector<std::uint32_t> free;
    for (const auto& [uid, message] : inbox.messages) {
      if (!message.claim) free.push_back(uid);
    }
    for (const std::uint32_t uid : free) transfer(inbox, uid, target, CopyMessages::Mode::kMove);
    return true;
  }
  std::vector<std::pair<Path, Path>> moves{{from, to}};
  for (const auto& [path, mailbox] : mailboxes) {
    if (path.owner == from.owner && path.name.starts_with(from.name + "/")) {
      moves.push_back({path, {to.owner, to.name + path.name.substr(from.name.size())}});
      if (mailboxes.contains(moves.back().second)) return refuse(Code::kAlreadyExists);
    }
  }
  make_levels_above(made);
  for (const auto& [old_path, new_path] : moves) {
    auto node = mailboxes.extract(old_path);
    node.key() = new_path;
    mailboxes.insert(std::move(node));
  }
  return true;
}

bool StoreModel::update(const Path& path, const Policy& policy) {
  mailboxes.at(path).policy = policy;
  return true;
}

// --- messages ---

bool StoreModel::may_settle(const Actor& actor, const Claim& claim) const {
  if (actor.rank == Actor::Rank::kAdministrator) return true;
  if (claim.door == Door::kSchedule || claim.user != actor.user) return false;
  if (actor.door == Door::kGrpc) return true;
  return is_holder(actor, claim) || (claim.door == Door::kImap && !live_holders.contains(claim.holder));
}

bool StoreModel::has_room(const Mailbox& mailbox, std::uint64_t messages, std::uint64_t bytes) {
  if (mailbox.policy.enqueue_paused) return refuse(Code::kFailedPrecondition);
  std::uint64_t held = 0;
  for (const auto& [uid, message] : mailbox.messages) held += message.body.size();
  const Policy& policy = mailbox.policy;
  if (policy.messages_max != 0 && mailbox.messages.size() + messages > policy.messages_max) return refuse(Code::kResourceExhausted);
  if (policy.bytes_max != 0 && held + bytes > policy.bytes_max) return refuse(Code::kResourceExhausted);
  return true;
}

void StoreModel::apply_claim(Message& message, const Actor& actor, Millis lease, Timestamp now) {
  if (!message.claim) {
    Claim claim;
    claim.door = actor.door;
    claim.user = actor.user;
    claim.holder = actor.holder;
    message.claim = claim;
    ++message.deliveries;
  }
  message.claim->lease = lease;
  message.claim->deadline = now + lease;
  message.flags.add(SystemFlag::kClaimed);
  message.fresh_flags.insert("\\claimed");
  message.fresh = true;
  message.fresh_token = true;
}

std::optional<std::vector<std::uint32_t>> StoreModel::append(const Path& path, const Append& request, Timestamp now) {
  Mailbox& mailbox = mailboxes.at(path);
  std::uint64_t bytes = 0;
  for (const NewMessage& added : request.messages) bytes += added.body.size();
  if (!has_room(mailbox, request.messages.size(), bytes)) return std::nullopt;
  std::vector<std::uint32_t> uids;
  for (const NewMessage& added : request.messages) {
    Message message;
    message.body = added.body;
    message.priority = added.priority;
    for (const Flag& flag : added.flags.flags()) {
      if (!is_server_flag(flag) && !is_claimed(flag)) message.flags.add(flag);
    }
    if (added.flags.contains(SystemFlag::kClaimed)) {
      if (!mailbox.policy.claim_paused) apply_claim(message, request.actor, mailbox.policy.lease_default, now);
    } else if (added.due && *added.due > now && mailbox.kind != MailboxKind::kPersonal) {
      schedule(message, *added.due);
    }
    uids.push_back(mailbox.uid_next);
    mailbox.messages[mailbox.uid_next++] = message;
  }
  return uids;
}

std::optional<Refusal> StoreModel::store_one(const Path& path, std::uint32_t uid, const StoreFlags& request, Timestamp now) {
  Mailbox& mailbox = mailboxes.at(path);
  Message& message = mailbox.messages.at(uid);
  const auto mode = request.change.mode;
  const std::vector<Flag> named = request.change.flags.flags();
  const bool replaces = mode == FlagChange::Mode::kReplace;

  if (request.unchanged_since) {
    const ModSeq limit = *request.unchanged_since;
    bool changed = false;
    if (replaces) {
      changed = message.fresh_append || message.append_mod_seq > limit;
      std::set<std::string> names = message.fresh_flags;
      for (const auto& [name, mod_seq] : message.flag_mod_seqs) names.insert(name);
      for (const std::string& name : names) {
        const Flag flag = *Flag::parse(name);
        if (!is_server_flag(flag) && !is_claimed(flag)) changed = changed || flag_mod_seq(message, flag) > limit;
      }
    } else {
      for (const Flag& flag : named) {
        if (limit.value() != 0) {
          changed = changed || flag_mod_seq(message, flag) > limit;
        } else {
          changed = changed || (flag.is_system() && !is_claimed(flag)) || message.flags.contains(flag);
        }
      }
    }
    if (changed) return Refusal::kModified;
  }
  if (!replaces && std::any_of(named.begin(), named.end(), is_server_flag)) return Refusal::kNoRight;

  // The flags as they will be, \Claimed apart.
  FlagSet wanted = message.flags;
  if (replaces) {
    for (const Flag& flag : message.flags.flags()) {
      if (!is_server_flag(flag) && !is_claimed(flag)) wanted.remove(flag);
    }
  }
  for (const Flag& flag : named) {
    if (is_server_flag(flag) || is_claimed(flag)) continue;
    if (mode == FlagChange::Mode::kRemove) {
      wanted.remove(flag);
    } else {
      wanted.add(flag);
    }
  }
  const bool names_claim = request.change.flags.contains(SystemFlag::kClaimed);
  const bool own = message.claim && is_holder(request.actor, *message.claim);
  const bool claims = names_claim && (mode == FlagChange::Mode::kAdd || (replaces && !own));
  const bool releases = names_claim && mode == FlagChange::Mode::kRemove;
  const bool deletion_changes = wanted.contains(SystemFlag::kDeleted) != message.flags.contains(SystemFlag::kDeleted);
  const bool held_by_others = message.claim && !may_settle(request.actor, *message.claim);
  const bool claims_first = claims && !replaces;
  if (!claims_first && held_by_others && deletion_changes) return Refusal::kInUse;
  if (releases && held_by_others) return Refusal::kNoRight;
  if (claims) {
    const Refusal lost = request.unchanged_since ? Refusal::kModified : Refusal::kInUse;
    const ModSeq limit = request.unchanged_since.value_or(ModSeq(0));
    if (message.claim) {
      const bool renews = own && request.unchanged_since && limit == message.claim->token && !message.fresh_token;
      if (!renews) return lost;
    } else {
      if (message.flags.contains(SystemFlag::kDeleted)) return Refusal::kBlocked;
      if (limit.value() != 0 && flag_mod_seq(message, SystemFlag::kClaimed) > limit) return lost;
    }
    if (mailbox.policy.claim_paused) return Refusal::kBlocked;
  }

  for (const Flag& flag : FlagSet(message.flags).flags()) {
    if (!wanted.contains(flag)) set_flag(message, flag, false);
  }
  for (const Flag& flag : wanted.flags()) set_flag(message, flag, true);
  if (claims) apply_claim(message, request.actor, mailbox.policy.lease_default, now);
  if (releases && message.claim) give_back(message, std::nullopt, now);
  return std::nullopt;
}

StoreModel::Stored StoreModel::store_flags(const Path& path, const StoreFlags& request, Timestamp now) {
  Stored outcome;
  std::vector<std::uint32_t> there;
  for (const auto& [uid, message] : mailboxes.at(path).messages) {
    if (request.uids.contains(Uid(uid))) there.push_back(uid);
  }
  for (const std::uint32_t uid : there) {
    if (const auto refused = store_one(path, uid, request, now)) {
      outcome.refused.emplace_back(Uid(uid), *refused);
    } else {
      outcome.stored.emplace_back(uid);
    }
  }
  return outcome;
}

std::optional<std::vector<imapd::Uid>> StoreModel::claim_ready(const Path& path, const ClaimReady& request, Timestamp now) {
  Mailbox& mailbox = mailboxes.at(path);
  if (mailbox.kind == MailboxKind::kPersonal) {
    refuse(Code::kFailedPrecondition);
    return std::nullopt;
  }
  std::vector<std::pair<std::uint32_t, std::uint32_t>> order;  // 9 - priority, UID.
  if (!mailbox.policy.claim_paused) {
    for (const auto& [uid, message] : mailbox.messages) {
      if (is_ready(message)) order.emplace_back(9 - message.priority, uid);
    }
  }
  std::sort(order.begin(), order.end());
  order.resize(std::min(order.size(), request.count_max));
  std::vector<Uid> won;
  for (const auto& [rank, uid] : order) {
    apply_claim(mailbox.messages.at(uid), request.actor, request.lease.value_or(mailbox.policy.lease_default), now);
    won.emplace_back(uid);
  }
  return won;
}

void StoreModel::schedule(Message& message, Timestamp due) {
  Claim claim;
  claim.door = Door::kSchedule;
  claim.holder = "schedule";
  claim.deadline = due;
  message.claim = claim;
  message.flags.add(SystemFlag::kClaimed);
  message.fresh_flags.insert("\\claimed");
  message.fresh_token = true;
  set_flag(message, keyword("$Scheduled"), true);
}

void StoreModel::give_back(Message& message, std::optional<Millis> delay, Timestamp now) {
  message.fresh = true;
  set_flag(message, SystemFlag::kDeleted, false);
  if (message.failures > 0) set_flag(message, keyword("$Redelivered"), true);
  if (delay) return schedule(message, now + *delay);
  message.claim.reset();
  set_flag(message, SystemFlag::kClaimed, false);
  set_flag(message, keyword("$Scheduled"), false);
}

void StoreModel::fail(const Path& path, std::uint32_t uid, const std::string& reason, std::optional<Millis> delay, Timestamp now) {
  Message& message = mailboxes.at(path).messages.at(uid);
  ++message.failures;
  if (message.failures >= 3) return die(path, uid, reason);
  give_back(message, delay.value_or(Millis(1'000)), now);
}

void StoreModel::die(const Path& path, std::uint32_t uid, const std::string& reason) {
  CreateMailbox made;
  made.path = {path.owner, path.name + "/Dead"};
  made.kind = mailboxes.at(path).kind == MailboxKind::kPersonal ? MailboxKind::kPersonal : MailboxKind::kDeadLetters;
  const auto at = mailboxes.find(made.path);
  if (at == mailboxes.end()) {
    make_levels_above(made);
    make(made);
  } else if (!at->second.selectable) {
    at->second.selectable = true;
    at->second.kind = made.kind;
  }
  Mailbox& from = mailboxes.at(path);
  Mailbox& to = mailboxes.at(made.path);
  const Message before = from.messages.at(uid);
  Message& dead = to.messages.at(transfer(from, uid, to, CopyMessages::Mode::kMove));
  dead.body = "Claimq-Dead-Reason: " + reason + "\r\n" + dead.body;
  dead.deliveries = before.deliveries;
  dead.failures = before.failures;
  dead.flags.add(keyword("$Dead"));
}

std::uint32_t StoreModel::transfer(Mailbox& from, std::uint32_t uid, Mailbox& to, CopyMessages::Mode mode) {
  Message made;
  const Message& source = from.messages.at(uid);
  made.body = source.body;
  made.priority = source.priority;
  for (const Flag& flag : source.flags.flags()) {
    const bool dropped = is_claimed(flag) || is_server_flag(flag) || (flag.is_system() && flag.system() == SystemFlag::kDeleted);
    if (!dropped) made.flags.add(flag);
  }
  if (mode == CopyMessages::Mode::kMove) {
    from.messages.erase(uid);
    from.fresh_vanished.push_back(uid);
  }
  const std::uint32_t placed = to.uid_next++;
  to.messages[placed] = made;
  return placed;
}

std::vector<SettleOutcome::Result> StoreModel::settle(const Path& path, const Settle& request, Timestamp now) {
  std::vector<SettleOutcome::Result> results;
  for (const Settlement& item : request.items) {
    Mailbox& mailbox = mailboxes.at(path);
    const auto uid = static_cast<std::uint32_t>(item.serial.value());
    const auto at = mailbox.messages.find(uid);
    if (at == mailbox.messages.end()) {
      results.push_back(SettleOutcome::Result::kGone);
      continue;
    }
    Message& message = at->second;
    if (!message.claim || message.claim->door == Door::kSchedule || message.claim->token != item.token || message.fresh_token) {
      results.push_back(SettleOutcome::Result::kLeaseLost);
      continue;
    }
    if (!may_settle(request.actor, *message.claim)) {
      results.push_back(SettleOutcome::Result::kNoRight);
      continue;
    }
    if (item.kind == Settlement::Kind::kExtend && !is_holder(request.actor, *message.claim) &&
        request.actor.rank != Actor::Rank::kAdministrator) {
      results.push_back(SettleOutcome::Result::kNoRight);
      continue;
    }
    results.push_back(SettleOutcome::Result::kSettled);
    switch (item.kind) {
      case Settlement::Kind::kAck:
        mailbox.messages.erase(at);
        mailbox.fresh_vanished.push_back(uid);
        break;
      case Settlement::Kind::kRelease: give_back(message, item.delay, now); break;
      case Settlement::Kind::kFail: fail(path, uid, item.reason, item.delay, now); break;
      case Settlement::Kind::kReject: die(path, uid, item.reason); break;
      case Settlement::Kind::kExtend: {
        const Millis lease = mailbox.policy.claim_paused ? message.claim->lease : item.delay.value_or(mailbox.policy.lease_default);
        apply_claim(message, request.actor, lease, now);
        break;
      }
    }
  }
  return results;
}

UidSet StoreModel::expunge(const Path& path, const Expunge& request) {
  Mailbox& mailbox = mailboxes.at(path);
  UidSet gone;
  for (const auto& [uid, message] : mailbox.messages) {
    if (!message.flags.contains(SystemFlag::kDeleted) || (request.uids && !request.uids->contains(Uid(uid)))) continue;
    if (message.claim && !may_settle(request.actor, *message.claim)) continue;
    gone.add(Uid(uid));
  }
  gone.for_each([&](Uid uid) {
    mailbox.messages.erase(uid.value());
    mailbox.fresh_vanished.push_back(uid.value());
  });
  return gone;
}

std::optional<StoreModel::Copied> StoreModel::copy(const Path& from, const Path& to, const CopyMessages& request, Timestamp) {
  Mailbox& source = mailboxes.at(from);
  Mailbox& target = mailboxes.at(to);
  const bool moves = request.mode == CopyMessages::Mode::kMove;
  Copied outcome;
  std::vector<std::uint32_t> chosen;
  std::uint64_t bytes = 0;
  for (const auto& [uid, message] : source.messages) {
    if (!request.uids.contains(Uid(uid))) continue;
    if (moves && message.claim && !may_settle(request.actor, *message.claim)) {
      outcome.refused.emplace_back(uid);
      continue;
    }
    bytes += message.body.size();
    chosen.push_back(uid);
  }
  if ((&source != &target || !moves) && !has_room(target, chosen.size(), bytes)) return std::nullopt;
  for (const std::uint32_t uid : chosen) outcome.uids.emplace_back(uid, transfer(source, uid, target, request.mode));
  return outcome;
}

void StoreModel::expire_due(Timestamp now) {
  std::vector<std::tuple<Timestamp, imapd::MailboxId, std::uint32_t, Path>> due;
  for (const auto& [path, mailbox] : mailboxes) {
    for (const auto& [uid, message] : mailbox.messages) {
      if (message.claim && message.claim->deadline && *message.claim->deadline <= now) {
        due.emplace_back(*message.claim->deadline, mailbox.id, uid, path);
      }
    }
  }
  std::sort(due.begin(), due.end());
  for (const auto& [time, id, uid, path] : due) {
    Message& message = mailboxes.at(path).messages.at(uid);
    if (message.claim->door == Door::kSchedule) {
      give_back(message, std::nullopt, now);
    } else {
      fail(path, uid, "lease expired", std::nullopt, now);
    }
  }
}

bool StoreModel::put_user(const PutUser& request) {
  const bool known = users.contains(request.user.name);
  if (known && request.mode == PutUser::Mode::kCreate) return refuse(Code::kAlreadyExists);
  if (!known && request.mode == PutUser::Mode::kReplace) return refuse(Code::kNotFound);
  users[request.user.name] = request.user.password_hash;
  return true;
}

bool StoreModel::remove_user(const std::string& name) {
  if (users.erase(name) == 0) return refuse(Code::kNotFound);
  return true;
}

void StoreModel::subscribe(const Subscribe& request) {
  const std::pair entry(request.user, request.name);
  if (request.change == Subscribe::Change::kAdd) {
    subscriptions.insert(entry);
  } else {
    subscriptions.erase(entry);
  }
}

void StoreModel::restart(Timestamp now) {
  for (auto& [path, mailbox] : mailboxes) {
    for (auto& [uid, message] : mailbox.messages) {
      if (!message.claim || message.claim->door == Door::kSchedule || !message.claim->deadline) continue;
      message.claim->deadline = std::max(*message.claim->deadline, now + std::min(message.claim->lease, Millis(30'000)));
    }
  }
}

}  // namespace support

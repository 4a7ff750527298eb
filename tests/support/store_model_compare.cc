#include <algorithm>
#include <sstream>

#include "tests/support/store_model.h"

namespace support {

using imapd::Flag;
using imapd::SystemFlag;
using imapd::UidSet;
using namespace imapd::store;

namespace {

std::string flags_text(const imapd::FlagSet& flags) {
  std::string text;
  for (const Flag& flag : flags.flags()) text += flag.name() + " ";
  return text;
}

Counters counters_of(const StoreModel::Mailbox& mailbox) {
  Counters counters;
  for (const auto& [uid, message] : mailbox.messages) {
    ++counters.messages;
    counters.unseen += message.flags.contains(SystemFlag::kSeen) ? 0 : 1;
    counters.deleted += message.flags.contains(SystemFlag::kDeleted) ? 1 : 0;
    counters.size_bytes += message.body.size();
    if (mailbox.kind == MailboxKind::kPersonal) continue;
    if (!message.claim) counters.ready += message.flags.contains(SystemFlag::kDeleted) ? 0 : 1;
    if (message.claim) ++(message.claim->door == Door::kSchedule ? counters.scheduled : counters.claimed);
  }
  return counters;
}

std::string counters_text(const Counters& c) {
  std::ostringstream text;
  text << c.messages << " messages, " << c.unseen << " unseen, " << c.deleted << " deleted, " << c.size_bytes << " bytes, " << c.ready
       << " ready, " << c.claimed << " claimed, " << c.scheduled << " scheduled";
  return text.str();
}

std::string message_difference(const StoreModel::Message& expected, const MessageState& actual, const Snapshot& snapshot) {
  std::ostringstream text;
  if (!(actual.flags == expected.flags)) text << "flags " << flags_text(actual.flags) << "for " << flags_text(expected.flags);
  if (actual.priority != expected.priority) text << "priority " << actual.priority << " for " << expected.priority;
  if (actual.deliveries != expected.deliveries) text << "deliveries " << actual.deliveries << " for " << expected.deliveries;
  if (actual.failures != expected.failures) text << "failures " << actual.failures << " for " << expected.failures;
  const auto body = snapshot.body(actual.body);
  if (!body || *body != expected.body) text << "body " << (body ? *body : body.error().message) << " for " << expected.body;
  if (actual.claim.has_value() != expected.claim.has_value()) {
    text << "claim";
  } else if (actual.claim) {
    const Claim& a = *actual.claim;
    const Claim& b = *expected.claim;
    if (a.door != b.door || a.user != b.user || a.holder != b.holder) text << "holder " << a.holder << " for " << b.holder;
    if (a.deadline != b.deadline) text << "deadline";
  }
  return text.str();
}

std::string mod_seq_difference(const StoreModel::Mailbox& mailbox, const StoreModel::Message& expected, const MessageState& actual,
                               imapd::ModSeq highest) {
  std::ostringstream text;
  if (actual.mod_seq > highest) text << "mod-sequence above the highest";
  if (!expected.fresh) {
    if (actual.mod_seq != expected.mod_seq) text << "mod-sequence " << actual.mod_seq.value() << " for " << expected.mod_seq.value();
    if (actual.claim && actual.claim->token != expected.claim->token) text << "token";
  } else if (actual.mod_seq <= mailbox.highest) {
    text << "mod-sequence " << actual.mod_seq.value() << " is not new: highest was " << mailbox.highest.value();
  }
  return text.str();
}

std::string ready_difference(const StoreModel::Mailbox& mailbox, const Snapshot& snapshot, imapd::MailboxId id) {
  if (mailbox.kind == MailboxKind::kPersonal) return {};
  std::vector<std::pair<std::uint32_t, std::uint32_t>> order;
  for (const auto& [uid, message] : mailbox.messages) {
    if (!message.claim && !message.flags.contains(SystemFlag::kDeleted)) order.emplace_back(9 - message.priority, uid);
  }
  std::sort(order.begin(), order.end());
  const auto ready = snapshot.ready(id, order.size() + 1);
  if (!ready) return ready.error().message;
  if (ready->size() != order.size()) return "ready: " + std::to_string(ready->size()) + " for " + std::to_string(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    if ((*ready)[i].uid.value() != order[i].second) return "order of claiming";
  }
  return {};
}

// From each moment that the model knows, what changed since: each living message that is newer, each vanished one that is.
std::string changes_difference(const StoreModel::Mailbox& mailbox, const Snapshot& snapshot, imapd::ModSeq since) {
  const auto changes = snapshot.changes_since(mailbox.id, since, SIZE_MAX);
  if (!changes) return changes.error().message;
  std::vector<std::uint32_t> changed;
  for (const MessageState& message : changes->changed) changed.push_back(message.uid.value());
  std::sort(changed.begin(), changed.end());
  std::vector<std::uint32_t> expected;
  for (const auto& [uid, message] : mailbox.messages) {
    if (message.fresh || message.mod_seq > since) expected.push_back(uid);
  }
  if (changed != expected) return "changes since " + std::to_string(since.value());
  if (!std::is_sorted(changes->changed.begin(), changes->changed.end(),
                      [](const auto& a, const auto& b) { return a.mod_seq < b.mod_seq; })) {
    return "changes are not in order";
  }
  UidSet vanished;
  for (const auto& [moment, uid] : mailbox.vanished) {
    if (moment > since) vanished.add(imapd::Uid(uid));
  }
  for (const std::uint32_t uid : mailbox.fresh_vanished) vanished.add(imapd::Uid(uid));
  if (!(vanished == changes->vanished)) return "vanished " + changes->vanished.to_string() + " for " + vanished.to_string();
  return {};
}

}  // namespace

std::string StoreModel::difference(Store& store) const { return compare(store, Compare::kAll); }
std::string StoreModel::content_difference(Store& store) const { return compare(store, Compare::kContent); }

std::string StoreModel::compare(Store& store, Compare what) const {
  const Snapshot snapshot = store.snapshot();
  const auto infos = store.mailboxes();
  std::ostringstream text;
  if (infos.size() != mailboxes.size()) {
    text << infos.size() << " mailboxes for " << mailboxes.size() << ":";
    for (const MailboxInfo& info : infos) text << " " << info.path.owner << ":" << info.path.name;
    return text.str();
  }
  for (const MailboxInfo& info : infos) {
    text << info.path.owner << ":" << info.path.name << ": ";
    const auto at = mailboxes.find(info.path);
    if (at == mailboxes.end()) return text.str() + "unexpected";
    const Mailbox& mailbox = at->second;
    if (info.kind != mailbox.kind || info.selectable != mailbox.selectable) return text.str() + "kind";
    if (!(info.policy == mailbox.policy)) return text.str() + "policy";
    if (!(info.counters == counters_of(mailbox))) return text.str() + counters_text(info.counters) + " for " + counters_text(counters_of(mailbox));
    const auto on_disk = snapshot.mailbox(info.id);
    if (!on_disk) return text.str() + on_disk.error().message;
    if (!(on_disk->counters == info.counters) || on_disk->highest_mod_seq != info.highest_mod_seq) return text.str() + "on disk";
    const bool known = mailbox.id.value() != 0;
    if (what == Compare::kAll) {
      if (info.uid_next.value() != mailbox.uid_next) return text.str() + "UIDNEXT " + std::to_string(info.uid_next.value());
      if (known && (info.id != mailbox.id || info.uid_validity != mailbox.uid_validity)) return text.str() + "identity";
      if (info.highest_mod_seq < mailbox.highest) return text.str() + "HIGHESTMODSEQ went back";
    }
    const auto uids = snapshot.uids(info.id);
    UidSet expected_uids;
    for (const auto& [uid, message] : mailbox.messages) expected_uids.add(Uid(uid));
    if (!uids || !(*uids == expected_uids)) {
      return text.str() + "UIDs " + (uids ? uids->to_string() : uids.error().message) + " for " + expected_uids.to_string();
    }
    std::string found;
    const auto visited = snapshot.for_each(info.id, expected_uids, [&](const MessageState& actual) {
      const Message& expected = mailbox.messages.at(actual.uid.value());
      found = message_difference(expected, actual, snapshot);
      if (found.empty() && what == Compare::kAll) found = mod_seq_difference(mailbox, expected, actual, info.highest_mod_seq);
      if (!found.empty()) found = "UID " + std::to_string(actual.uid.value()) + ": " + found;
      return found.empty();
    });
    if (!visited) return text.str() + visited.error().message;
    if (found.empty()) found = ready_difference(mailbox, snapshot, info.id);
    if (found.empty() && what == Compare::kAll && known) {
      const auto& moments = mailbox.moments;
      for (std::size_t i = 0; i < moments.size() && found.empty(); i += 1 + moments.size() / 8) {
        found = changes_difference(mailbox, snapshot, moments[i]);
      }
      if (found.empty()) found = changes_difference(mailbox, snapshot, mailbox.highest);
      if (found.empty()) found = changes_difference(mailbox, snapshot, ModSeq(0));
    }
    if (!found.empty()) return text.str() + found;
    text.str("");
  }
  const auto stored_users = store.users();
  if (!stored_users || stored_users->size() != users.size()) return "users";
  for (const User& user : *stored_users) {
    const auto at = users.find(user.name);
    if (at == users.end() || at->second != user.password_hash) return "user " + user.name;
  }
  std::set<std::pair<std::string, std::string>> stored_subscriptions;
  for (const char* user : {"ann", "bob"}) {
    for (const std::string& name : store.subscriptions(user)) stored_subscriptions.emplace(user, name);
  }
  return stored_subscriptions == subscriptions ? "" : "subscriptions";
}

void StoreModel::learn(Store& store) {
  const Snapshot snapshot = store.snapshot();
  for (auto& [path, mailbox] : mailboxes) {
    const auto info = store.find_mailbox(path);
    if (!info) continue;
    mailbox.id = info->id;
    mailbox.uid_validity = info->uid_validity;
    mailbox.uid_next = info->uid_next.value();
    const bool moved = info->highest_mod_seq != mailbox.highest || !mailbox.fresh_vanished.empty();
    mailbox.highest = info->highest_mod_seq;
    if (moved) mailbox.moments.push_back(mailbox.highest);
    for (const std::uint32_t uid : mailbox.fresh_vanished) mailbox.vanished.emplace_back(mailbox.highest, uid);
    mailbox.fresh_vanished.clear();
    for (auto& [uid, message] : mailbox.messages) {
      if (!message.fresh) continue;
      const auto actual = snapshot.message(mailbox.id, Uid(uid));
      if (!actual || !*actual) continue;
      message.mod_seq = (*actual)->mod_seq;
      if (message.fresh_append) message.append_mod_seq = (*actual)->append_mod_seq;
      for (const FlagModSeq& entry : (*actual)->flag_mod_seqs) {
        std::string name = entry.flag;
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (message.fresh_flags.contains(name)) message.flag_mod_seqs[name] = entry.mod_seq;
      }
      if (message.claim) message.claim->token = (*actual)->claim->token;
      message.fresh = message.fresh_append = message.fresh_token = false;
      message.fresh_flags.clear();
    }
  }
}

}  // namespace support

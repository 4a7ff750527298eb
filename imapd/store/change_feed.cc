#include "imapd/store/change_feed.h"

#include <algorithm>

namespace imapd::store {

ChangeFeed::Subscription ChangeFeed::subscribe(MailboxId mailbox, Listener listener) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = next_id_++;
  mailbox_of_[id] = mailbox;
  listeners_[mailbox].push_back({id, std::move(listener)});
  return Subscription(this, id);
}

ChangeFeed::Subscription ChangeFeed::subscribe_all(Listener listener) { return subscribe(MailboxId(0), std::move(listener)); }

void ChangeFeed::publish(const std::vector<MailboxEvent>& events) {
  if (events.empty()) return;
  // Held while the listeners run, so that an unsubscribed one never runs again.
  const std::lock_guard lock(mutex_);
  for (const MailboxEvent& event : events) {
    for (const MailboxId key : {event.mailbox, MailboxId(0)}) {
      const auto at = listeners_.find(key);
      if (at == listeners_.end()) continue;
      for (Entry& entry : at->second) entry.listener(event);
    }
  }
}

ChangeFeed::Subscription ChangeFeed::subscribe_tree(TreeListener listener) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = next_id_++;
  tree_listeners_.emplace(id, std::move(listener));
  return Subscription(this, id);
}

void ChangeFeed::publish(const std::vector<TreeEvent>& events) {
  if (events.empty()) return;
  const std::lock_guard lock(mutex_);
  for (const TreeEvent& event : events) {
    for (auto& [id, listener] : tree_listeners_) listener(event);
  }
}

void ChangeFeed::unsubscribe(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  if (tree_listeners_.erase(id) > 0) return;
  const auto mailbox = mailbox_of_.find(id);
  if (mailbox == mailbox_of_.end()) return;
  const auto at = listeners_.find(mailbox->second);
  std::erase_if(at->second, [id](const Entry& entry) { return entry.id == id; });
  if (at->second.empty()) listeners_.erase(at);
  mailbox_of_.erase(mailbox);
}

}  // namespace imapd::store

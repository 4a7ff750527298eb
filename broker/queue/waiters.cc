#include "broker/queue/waiters.h"

#include <utility>

namespace broker::queue {

using imapd::MailboxId;
using imapd::store::MailboxEvent;

Waiters::Waiters(imapd::store::ChangeFeed& feed) {
  subscription_ = feed.subscribe_all([this](const MailboxEvent& event) { on_event(event); });
}

WaiterId Waiters::next_id() {
  const std::lock_guard lock(mutex_);
  return WaiterId(next_id_++);
}

Waiters::Observed Waiters::observe(MailboxId mailbox) {
  const std::lock_guard lock(mutex_);
  const auto found = lines_.find(mailbox);
  if (found != lines_.end()) return found->second.events;
  // A number of its own: whoever observed a line of this mailbox that went with it must not take this one for the same.
  const Observed events = ++last_event_;
  lines_.emplace(mailbox, Line{events, {}});
  return events;
}

std::optional<Waiters::Wake> Waiters::wait(WaiterId id, MailboxId mailbox, Observed seen, imapd::UniqueFunction<void(Wake)> wake) {
  const std::lock_guard lock(mutex_);
  if (closed_) return Wake::kClosed;
  const auto line = lines_.find(mailbox);
  if (line == lines_.end()) return Wake::kGone;  // observe() made it; only gone() removes it.
  if (line->second.events != seen) return Wake::kReady;
  line->second.waiters.emplace(id, std::move(wake));
  mailbox_of_.emplace(id, mailbox);
  return std::nullopt;
}

bool Waiters::cancel(WaiterId id) {
  // Destroyed after the lock is released: what a waiter holds may call back in here.
  imapd::UniqueFunction<void(Wake)> unused;
  const std::lock_guard lock(mutex_);
  const auto found = mailbox_of_.find(id);
  if (found == mailbox_of_.end()) return false;
  auto& waiters = lines_.at(found->second).waiters;
  unused = std::move(waiters.at(id));
  waiters.erase(id);
  mailbox_of_.erase(found);
  return true;
}

void Waiters::notify(MailboxId mailbox, std::uint64_t ready) {
  if (ready == 0) return;
  std::vector<imapd::UniqueFunction<void(Wake)>> woken;
  {
    const std::lock_guard lock(mutex_);
    const auto line = lines_.find(mailbox);
    if (line == lines_.end()) return;  // Nobody has ever looked, so nobody has missed it.
    line->second.events = ++last_event_;
    auto& waiters = line->second.waiters;
    while (!waiters.empty() && woken.size() < ready) {
      woken.push_back(std::move(waiters.begin()->second));
      mailbox_of_.erase(waiters.begin()->first);
      waiters.erase(waiters.begin());
    }
  }
  for (auto& wake : woken) wake(Wake::kReady);
}

void Waiters::close() {
  std::vector<imapd::UniqueFunction<void(Wake)>> woken;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (auto& [mailbox, line] : lines_) {
      for (auto& [id, wake] : line.waiters) woken.push_back(std::move(wake));
      line.waiters.clear();
    }
    mailbox_of_.clear();
  }
  for (auto& wake : woken) wake(Wake::kClosed);
}

std::size_t Waiters::waiting(MailboxId mailbox) const {
  const std::lock_guard lock(mutex_);
  const auto line = lines_.find(mailbox);
  return line == lines_.end() ? 0 : line->second.waiters.size();
}

void Waiters::on_event(const MailboxEvent& event) {
  if (event.kind == MailboxEvent::Kind::kDeleted) {
    gone(event.mailbox);
  } else {
    notify(event.mailbox, event.ready);
  }
}

void Waiters::gone(MailboxId mailbox) {
  std::vector<imapd::UniqueFunction<void(Wake)>> woken;
  {
    const std::lock_guard lock(mutex_);
    const auto line = lines_.find(mailbox);
    if (line == lines_.end()) return;
    for (auto& [id, wake] : line->second.waiters) {
      mailbox_of_.erase(id);
      woken.push_back(std::move(wake));
    }
    lines_.erase(line);
  }
  for (auto& wake : woken) wake(Wake::kGone);
}

}  // namespace broker::queue

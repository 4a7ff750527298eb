#include "imapd/ext/notify_inbox.h"

#include <utility>

#include "imapd/base/limits.h"

namespace imapd::ext {
namespace {

using Kind = TreeNews::Kind;

// CREATE makes the levels above, too, and RENAME takes along what is below.
bool is_part_of(Kind kind, const store::MailboxPath& done, const store::MailboxPath& path) {
  if (path == done) return true;
  if (path.owner != done.owner) return false;
  if (kind == Kind::kCreated) return done.name.starts_with(path.name + "/");
  return kind == Kind::kRenamed && path.name.starts_with(done.name + "/");
}

}  // namespace

NotifyInbox::NotifyInbox(std::string user, bool is_administrator, std::string session)
    : user_(std::move(user)), is_administrator_(is_administrator), session_(std::move(session)) {}

auth::Rights NotifyInbox::rights_on(const store::MailboxInfo& mailbox) const {
  const bool is_owner = mailbox.path.owner == user_;
  const auth::Principal principal{user_, is_owner, is_administrator_};
  return auth::effective(mailbox.acl, principal);
}

void NotifyInbox::put_changed(MailboxId mailbox) {
  const std::lock_guard lock(mutex_);
  content_.changed.insert(mailbox);
}

bool NotifyInbox::put(const store::TreeEvent& event) {
  if (event.kind == Kind::kUserRemoved || event.kind == Kind::kUserChanged) return false;
  if (!event.user.empty() && event.user != user_) return false;
  if (event.mailbox && !event.mailbox->path.owner.empty() && event.mailbox->path.owner != user_) return false;
  TreeNews news;
  news.kind = event.kind;
  news.entries = event.entries;
  news.own = !event.by.empty() && event.by == session_;
  if (event.mailbox) {
    news.path = event.mailbox->path;
    news.rights = rights_on(*event.mailbox);
  } else {
    news.path.name = event.name;
  }
  if (event.before) {
    news.before = event.before->path;
    news.rights_before = rights_on(*event.before);
  }
  const std::lock_guard lock(mutex_);
  if (content_.tree.size() < limits::kNotifyTreeNewsMax) {
    content_.tree.push_back(std::move(news));
  } else {
    content_.overflow = true;
  }
  return true;
}

void NotifyInbox::mark_own(Kind kind, const store::MailboxPath& path) {
  const std::lock_guard lock(mutex_);
  for (TreeNews& news : content_.tree) {
    if (news.kind == kind && is_part_of(kind, path, news.path)) news.own = true;
  }
}

std::unordered_set<MailboxId> NotifyInbox::take_changed() {
  const std::lock_guard lock(mutex_);
  return std::exchange(content_.changed, std::unordered_set<MailboxId>());
}

NotifyInbox::Content NotifyInbox::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(content_, Content());
}

}  // namespace imapd::ext

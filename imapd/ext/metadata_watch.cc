#include "imapd/ext/metadata_watch.h"

#include <utility>
#include <vector>

#include "imapd/base/limits.h"
#include "imapd/ext/metadata.h"
#include "imapd/session/mailbox_name.h"
#include "imapd/session/session.h"

namespace imapd::ext {

MetadataWatch::MetadataWatch(session::Session& session) : session_(session), user_(session.user()), by_(session.id()) {
  subscription_ = session.store().change_feed().subscribe_tree([this](const store::TreeEvent& event) { put(event); });
}

void MetadataWatch::put(const store::TreeEvent& event) {
  if (event.kind != store::TreeEvent::Kind::kMetadata || event.by == by_) return;
  if (!event.user.empty() && event.user != user_) return;
  if (event.mailbox && !event.mailbox->path.owner.empty() && event.mailbox->path.owner != user_) return;
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& entry : event.entries) {
      if (count_ >= limits::kMetadataNewsMax) break;
      const std::optional<MailboxId> of = event.mailbox ? std::optional(event.mailbox->id) : std::nullopt;
      if (news_[of].insert(entry).second) ++count_;
    }
  }
  session_.post_wake();
}

void MetadataWatch::tell() {
  News news;
  {
    const std::lock_guard lock(mutex_);
    news = std::exchange(news_, News());
    count_ = 0;
  }
  if (session_.notifications() != nullptr) return;
  for (const auto& [id, entries] : news) {
    std::string name;
    if (id) {
      // Whoever may not see it is not told that it is there.
      const auto mailbox = session_.store().mailbox(*id);
      if (!mailbox) continue;
      const auto found = session_.find(session::name_of(mailbox->path));
      if (!found || found->id != *id || !may_use_metadata(session_, *found)) continue;
      name = session::name_of(mailbox->path);
    }
    const std::vector<std::string> changed(entries.begin(), entries.end());
    session_.out().line(changed_metadata_line(name, changed, session_.out().mailbox_names()));
  }
}

}  // namespace imapd::ext

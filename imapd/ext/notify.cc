#include "imapd/ext/notify.h"

#include <algorithm>
#include <utility>

#include "imapd/base/limits.h"
#include "imapd/ext/metadata.h"
#include "imapd/session/commands.h"
#include "imapd/session/mailbox_name.h"
#include "imapd/session/session.h"

namespace imapd::ext {
namespace {

using auth::Right;
using session::Session;
using wire::NotifyEvent;
using Kind = TreeNews::Kind;
using Expunges = session::MailboxView::Expunges;

constexpr std::string_view kOverflow = "NOTIFICATIONOVERFLOW";
constexpr std::string_view kBadEvent =
    "BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange)";

// RFC 5465, section 5: of every observed mailbox.
constexpr auth::Rights kNeeded = auth::Rights(Right::kLookup) | Right::kRead;

bool is_below(const store::MailboxPath& path, const store::MailboxPath& top) {
  return path.owner == top.owner && path.name.starts_with(top.name + "/");
}

// Did this RENAME take the mailbox along, as one below?
bool moves_along(const TreeNews& news, const Notifications::Renamed& renamed) {
  return is_below(news.before, renamed.from) && news.path.owner == renamed.to.owner &&
         news.path.name == renamed.to.name + news.before.name.substr(renamed.from.name.size());
}

}  // namespace

Notifications::Notifications(Session& session, NotifyFilter filter)
    : session_(session), filter_(std::move(filter)), inbox_(session.user(), session.is_administrator(), session.id()) {
  // Before the first look, so that nothing falls between the two.
  if (filter_.has_others()) {
    tree_subscription_ = session.store().change_feed().subscribe_tree([this](const store::TreeEvent& event) {
      if (inbox_.put(event)) session_.post_wake();
    });
    filter_.set_subscriptions(session.store().subscriptions(session.user()));
    too_many_ = !watch_all();
    (void)inbox_.take_changed();
    // What they are now is what the client finds when it looks, or is told by STATUS.
    for (auto& [id, watch] : watches_) {
      if (const auto mailbox = session.store().mailbox(id)) watch.known = known_of(*mailbox);
    }
  }
}

Notifications::Known Notifications::known_of(const store::MailboxInfo& mailbox) {
  return {mailbox.uid_validity, mailbox.uid_next, mailbox.counters.messages, mailbox.counters.unseen, mailbox.highest_mod_seq};
}

auth::Rights Notifications::rights_on(const store::MailboxInfo& mailbox) const { return session_.rights(mailbox); }

bool Notifications::is_selected(MailboxId mailbox) const { return session_.selected() && session_.view().mailbox() == mailbox; }

bool Notifications::watch_all() {
  std::unordered_map<MailboxId, Watch> watches;
  for (const store::MailboxInfo& mailbox : session_.store().mailboxes()) {
    if (!mailbox.selectable || !filter_.is_visible(mailbox.path)) continue;
    const wire::NotifyEvents events = filter_.of(mailbox.path);
    if (!events.has(NotifyEvent::kMessageNew) || !rights_on(mailbox).has_all(kNeeded)) continue;
    if (watches.size() >= limits::kNotifyMailboxesMax) return false;
    const auto before = watches_.find(mailbox.id);
    if (before != watches_.end()) {
      before->second.events = events;
      watches.insert(watches_.extract(before));
      continue;
    }
    Watch& watch = watches[mailbox.id];
    watch.events = events;
    watch.subscription = session_.store().change_feed().subscribe(mailbox.id, [this](const store::MailboxEvent& event) {
      inbox_.put_changed(event.mailbox);
      session_.post_wake();
    });
    // It was not watched before, so what it holds has not been told.
    inbox_.put_changed(mailbox.id);
  }
  watches_ = std::move(watches);
  return true;
}

void Notifications::forget_all() {
  tree_subscription_ = {};
  selected_subscription_ = {};
  watches_.clear();
  filter_ = NotifyFilter();
  (void)inbox_.take();
}

Task<void> Notifications::tell_beginning(bool status) {
  tree_ = session_.store().mailboxes();
  for (const store::MailboxInfo& mailbox : tree_) {
    if (!mailbox.selectable || filter_.of(mailbox.path).empty()) continue;
    const auth::Rights rights = rights_on(mailbox);
    if (rights.has(Right::kLookup) && !rights.has(Right::kRead)) tell_list(mailbox.path);
    co_await session_.flush_if_full();
  }
  if (status) {
    for (const store::MailboxInfo& mailbox : tree_) {
      const auto at = watches_.find(mailbox.id);
      if (at == watches_.end() || is_selected(mailbox.id)) continue;
      at->second.known = known_of(mailbox);
      wire::StatusLine line;
      line.mailbox = session::name_of(mailbox.path);
      line.items.emplace_back(wire::StatusItem::kUidValidity, mailbox.uid_validity.value());
      line.items.emplace_back(wire::StatusItem::kUidNext, mailbox.uid_next.value());
      line.items.emplace_back(wire::StatusItem::kMessages, mailbox.counters.messages);
      if (at->second.events.has(NotifyEvent::kFlagChange)) {
        line.items.emplace_back(wire::StatusItem::kHighestModSeq, mailbox.highest_mod_seq.value());
      }
      session_.out().status(line);
      co_await session_.flush_if_full();
    }
  }
  tree_.clear();
  listed_.clear();
}

// --- the selected mailbox ---

Expunges Notifications::expunges_unasked() const { return filter_.expunges_at_once() ? Expunges::kTell : Expunges::kWithhold; }

void Notifications::selected_changed() {
  selected_subscription_ = {};
  // While it was selected only its view was told.
  if (selected_ && watches_.contains(*selected_)) inbox_.put_changed(*selected_);
  selected_.reset();
  if (session_.selected()) {
    selected_ = session_.view().mailbox();
    session_.view().set_tells_flags(wants_flags());
    // Also where nothing of it is wanted: it may be deleted, or its user's right to read it be revoked.
    selected_subscription_ = session_.store().change_feed().subscribe(
        *selected_, [this](const store::MailboxEvent&) { session_.post_wake(); });
  }
  // For what has changed before the subscription.
  session_.connection().wake();
}

Task<void> Notifications::fetch_new(Uid first, UidSet own) {
  if (filter_.new_items().empty() || first > session_.view().largest_uid()) co_return;
  const UidSet arrived = UidSet::range(first, session_.view().largest_uid()).intersection(session_.view().uids()).difference(own);
  if (arrived.empty()) co_return;
  wire::Fetch fetch;
  fetch.uid = true;
  fetch.items = filter_.new_items();
  for (const UidSet::Range& range : arrived.ranges()) fetch.set.add({range.first.value(), range.last.value()});
  // What cannot be read is left out: nobody asked, so there is nobody to answer, nor to tell how far it is.
  session_.begin_unasked();
  (void)co_await session::run(session_, std::move(fetch));
}

// --- all else ---

Task<void> Notifications::tell_others() {
  NotifyInbox::Content news = inbox_.take();
  bool fits = !news.overflow;
  if (fits && !news.tree.empty()) {
    tree_ = session_.store().mailboxes();
    for (const TreeNews& each : news.tree) {
      const bool moved_along = each.kind == Kind::kRenamed && renamed_ && moves_along(each, *renamed_);
      if (!moved_along && each.kind == Kind::kRenamed) {
        renamed_ = Renamed{each.before, each.path};
      } else if (!moved_along) {
        renamed_.reset();
      }
      if (!each.own && !moved_along) tell_tree(each);
      co_await session_.flush_if_full();
    }
    tree_.clear();
    listed_.clear();
    filter_.set_subscriptions(session_.store().subscriptions(session_.user()));
    fits = watch_all();
    for (const MailboxId mailbox : inbox_.take_changed()) news.changed.insert(mailbox);
  }
  if (!fits) {
    forget_all();
    session_.out().untagged(wire::Condition::kOk, "Too much happens: as after NOTIFY NONE", kOverflow);
    co_return;
  }
  for (const MailboxId mailbox : news.changed) {
    const auto at = watches_.find(mailbox);
    if (at == watches_.end() || is_selected(mailbox)) continue;
    tell_status(mailbox, at->second);
    co_await session_.flush_if_full();
  }
}

void Notifications::tell_status(MailboxId mailbox, Watch& watch) {
  const auto info = session_.store().mailbox(mailbox);
  // Between the news and this line the client may have been slow, and its rights have gone.
  if (!info || !filter_.is_visible(info->path) || !rights_on(*info).has_all(kNeeded)) return;
  const Known now = known_of(*info);
  // One that is told for the first time, as it has just come into sight, is compared with an empty one.
  Known nothing;
  nothing.uid_validity = now.uid_validity;
  const Known before = watch.known.value_or(nothing);
  const bool renewed = now.uid_validity != before.uid_validity;
  const bool counts = renewed || now.uid_next != before.uid_next || now.messages != before.messages;
  const bool wants_flags = watch.events.has(NotifyEvent::kFlagChange);
  const bool unseen = wants_flags && now.unseen != before.unseen;
  const bool mod_seq = session_.condstore() && now.highest_mod_seq != before.highest_mod_seq && (counts || wants_flags);
  watch.known = now;
  wire::StatusLine line;
  line.mailbox = session::name_of(info->path);
  if (counts) line.items.emplace_back(wire::StatusItem::kUidNext, now.uid_next.value());
  if (counts) line.items.emplace_back(wire::StatusItem::kMessages, now.messages);
  if (mod_seq) line.items.emplace_back(wire::StatusItem::kHighestModSeq, now.highest_mod_seq.value());
  if (renewed || (wants_flags && (mod_seq || unseen))) {
    line.items.emplace_back(wire::StatusItem::kUidValidity, now.uid_validity.value());
  }
  if (unseen) line.items.emplace_back(wire::StatusItem::kUnseen, now.unseen);
  if (!line.items.empty()) session_.out().status(line);
}

void Notifications::tell_tree(const TreeNews& news) {
  switch (news.kind) {
    case Kind::kCreated:
    case Kind::kDeleted: {
      if (!news.rights.has(Right::kLookup)) return;
      // Section 5.4: the mailbox and its direct parent are affected.
      tell_name(news.path);
      const std::string_view parent = session::parent_of(news.path.name);
      if (!parent.empty()) tell_name({news.path.owner, std::string(parent)});
      return;
    }
    case Kind::kRenamed: {
      if (!news.rights.has(Right::kLookup)) return;
      if (wants(NotifyEvent::kMailboxName, news.path) || wants(NotifyEvent::kMailboxName, news.before)) {
        tell_list(news.path, session::name_of(news.before));
      }
      return;
    }
    case Kind::kRights:
      tell_rights(news);
      return;
    case Kind::kSubscribed:
    case Kind::kUnsubscribed: {
      const store::MailboxPath path = session::path_of(news.path.name, session_.user());
      if (filter_.of_subscribed(path).has(NotifyEvent::kSubscriptionChange)) tell_list(path);
      return;
    }
    case Kind::kMetadata: {
      const bool of_server = news.path.name.empty();
      const bool wanted = of_server ? filter_.wants_server_metadata()
                                    : news.rights.has_all(kNeeded) && wants(NotifyEvent::kMailboxMetadataChange, news.path);
      if (wanted) session_.out().line(changed_metadata_line(news.path.name, news.entries, session_.out().mailbox_names()));
      return;
    }
    case Kind::kUserRemoved:
    case Kind::kUserChanged:
      return;
  }
}

// Sections 5.4 (`l` granted or revoked is created or deleted) and 5.9.
void Notifications::tell_rights(const TreeNews& news) {
  const wire::NotifyEvents events = filter_.of(news.path);
  if (events.empty()) return;
  const bool could_see = news.rights_before.has(Right::kLookup);
  const bool can_see = news.rights.has(Right::kLookup);
  const bool could_watch = news.rights_before.has_all(kNeeded);
  const bool can_watch = news.rights.has_all(kNeeded);
  if (could_see != can_see || could_watch != can_watch) tell_list(news.path, std::nullopt, !can_see);
}

void Notifications::tell_name(const store::MailboxPath& path) {
  if (wants(NotifyEvent::kMailboxName, path)) tell_list(path);
}

// With the attributes that the name has now.
void Notifications::tell_list(const store::MailboxPath& path, std::optional<std::string> old_name, bool no_access) {
  // All lines of one batch have the attributes of one moment.
  if (!listed_.insert(path.name).second && !old_name) return;
  const auto can_see = [this](const store::MailboxInfo& mailbox) { return rights_on(mailbox).has(Right::kLookup); };
  const auto at = std::ranges::lower_bound(tree_, path, {}, &store::MailboxInfo::path);
  const bool exists = at != tree_.end() && at->path == path && can_see(*at);
  const store::MailboxPath first_below{path.owner, path.name + "/"};
  auto child = std::ranges::lower_bound(tree_, first_below, {}, &store::MailboxInfo::path);
  while (child != tree_.end() && is_below(child->path, path) && !can_see(*child)) ++child;
  const bool has_children = child != tree_.end() && is_below(child->path, path);

  wire::ListLine line;
  line.mailbox = session::name_of(path);
  line.old_name = std::move(old_name);
  if (!exists && !has_children) line.attributes.push_back("\\NonExistent");
  if ((exists && !at->selectable) || (!exists && has_children)) line.attributes.push_back("\\Noselect");
  if (no_access || (exists && at->selectable && !rights_on(*at).has(Right::kRead))) line.attributes.push_back("\\NoAccess");
  if (exists || has_children) line.attributes.push_back(has_children ? "\\HasChildren" : "\\HasNoChildren");
  const auto subscriptions = session_.store().subscriptions(session_.user());
  if (std::ranges::find(subscriptions, line.mailbox) != subscriptions.end()) line.attributes.push_back("\\Subscribed");
  if (exists && !at->special_use.empty()) line.attributes.push_back(at->special_use);
  session_.out().list(line);
}

}  // namespace imapd::ext

namespace imapd::session {
namespace {

bool asks_for_mod_seq(const ext::NotifyFilter& filter) {
  const wire::FetchItem mod_seq = wire::FetchAttribute::kModSeq;
  return std::ranges::find(filter.new_items(), mod_seq) != filter.new_items().end();
}

}  // namespace

Task<Reply> run(Session& session, wire::Notify command) {
  if (command.unknown_event) co_return no("There is no such event here", ext::kBadEvent);
  ext::NotifyFilter filter(std::move(command.groups), session.user());
  const bool mod_seq = asks_for_mod_seq(filter);
  auto next = std::make_unique<ext::Notifications>(session, std::move(filter));
  if (next->too_many()) co_return no("That is too much to watch", ext::kOverflow);
  if (mod_seq) session.enable(Feature::kCondstore);
  // What has gathered in the selected mailbox is told now, whatever was asked for before (section 3.1).
  session.set_notifications(nullptr);
  co_await session.sync(MailboxView::Expunges::kTell);
  ext::Notifications& begun = *next;
  session.set_notifications(std::move(next));
  co_await begun.tell_beginning(command.status);
  co_return ok("NOTIFY done");
}

}  // namespace imapd::session

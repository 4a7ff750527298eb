#include "imapd/ext/notify_filter.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "imapd/session/mailbox_name.h"

namespace imapd::ext {
namespace {

using Mailboxes = wire::NotifyGroup::Mailboxes;

bool is_below(std::string_view name, std::string_view top) {
  return name.size() > top.size() && name.starts_with(top) && name[top.size()] == '/';
}

// A notification must change nothing (RFC 5465, section 5.2, warns of items that set \Seen).
std::vector<wire::FetchItem> peeking(std::vector<wire::FetchItem> items) {
  for (wire::FetchItem& item : items) {
    if (auto* section = std::get_if<wire::FetchSection>(&item)) section->peek = true;
  }
  return items;
}

}  // namespace

NotifyFilter::NotifyFilter(std::vector<wire::NotifyGroup> groups, std::string user) : user_(std::move(user)) {
  for (wire::NotifyGroup& group : groups) {
    if (group.mailboxes == Mailboxes::kSelected || group.mailboxes == Mailboxes::kSelectedDelayed) {
      selected_ = group.events;
      delayed_ = group.mailboxes == Mailboxes::kSelectedDelayed;
      new_items_ = peeking(std::move(group.new_items));
      continue;
    }
    if (group.events.empty()) continue;
    if (group.events.has(wire::NotifyEvent::kServerMetadataChange)) server_metadata_ = true;
    // As given and in normalized form, as every command finds a mailbox.
    const std::vector<std::string> given = std::exchange(group.names, {});
    for (const std::string& name : given) {
      group.names.push_back(session::path_of(name, user_).name);
      const std::string normalized = session::path_of(session::normalized_name(name), user_).name;
      if (normalized != group.names.back()) group.names.push_back(normalized);
    }
    groups_.push_back(std::move(group));
  }
}

wire::NotifyEvents NotifyFilter::matching(const store::MailboxPath& path, bool subscribed) const {
  wire::NotifyEvents events;
  if (!is_visible(path)) return events;
  for (const wire::NotifyGroup& group : groups_) {
    bool matches = false;
    switch (group.mailboxes) {
      case Mailboxes::kSelected:
      case Mailboxes::kSelectedDelayed:
        break;
      // Which personal mailboxes something is delivered to is the user's own affair (section 6.3).
      case Mailboxes::kInboxes:
      case Mailboxes::kPersonal:
        matches = !path.owner.empty();
        break;
      case Mailboxes::kSubscribed:
        matches = subscribed;
        break;
      case Mailboxes::kSubtree:
        matches = std::ranges::any_of(group.names, [&](const auto& top) { return path.name == top || is_below(path.name, top); });
        break;
      case Mailboxes::kNamed:
        matches = std::ranges::find(group.names, path.name) != group.names.end();
        break;
    }
    if (matches) events.add(group.events);
  }
  return events;
}

wire::NotifyEvents NotifyFilter::of(const store::MailboxPath& path) const {
  return matching(path, subscriptions_.contains(path.name));
}

wire::NotifyEvents NotifyFilter::of_subscribed(const store::MailboxPath& path) const { return matching(path, true); }

void NotifyFilter::set_subscriptions(const std::vector<std::string>& names) {
  subscriptions_.clear();
  for (const std::string& name : names) subscriptions_.insert(session::path_of(name, user_).name);
}

}  // namespace imapd::ext

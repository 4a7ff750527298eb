#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "imapd/session/commands.h"
#include "imapd/session/mailbox_name.h"
#include "imapd/session/status.h"
#include "imapd/wire/mailbox_pattern.h"

// LIST and LSUB (RFC 3501, sections 6.3.8 and 6.3.9; RFC 3348: CHILDREN; RFC 5258; RFC 5819: LIST-STATUS; RFC 6154: SPECIAL-USE).
namespace imapd::session {
namespace {

// One name of the tree as this user sees it.
struct Entry {
  std::optional<MailboxId> mailbox;  // nullopt: a level only, or a subscription to what is not there.
  bool exists = false;
  bool has_children = false;
  bool subscribed = false;
  bool subscribed_below = false;
  std::string special_use;
};
// By the client's name for it, ascending.
using Tree = std::map<std::string, Entry>;

void mark_levels_above(Tree& tree, const std::string& name, bool (Entry::*mark)) {
  for (auto above = parent_of(name); !above.empty(); above = parent_of(above)) {
    tree[std::string(above)].*mark = true;
  }
}

Tree visible_tree(Session& session) {
  Tree tree;
  for (const store::MailboxInfo& mailbox : session.store().mailboxes()) {
    const bool foreign = !mailbox.path.owner.empty() && mailbox.path.owner != session.user();
    if (foreign || !session.rights(mailbox).has(auth::Right::kLookup)) continue;
    Entry& entry = tree[name_of(mailbox.path)];
    entry.exists = true;
    entry.special_use = mailbox.special_use;
    if (mailbox.kind == store::MailboxKind::kDeadLetters && entry.special_use.empty()) entry.special_use = "\\Junk";
    if (mailbox.selectable) entry.mailbox = mailbox.id;
    mark_levels_above(tree, name_of(mailbox.path), &Entry::has_children);
  }
  return tree;
}

void add_subscriptions(Session& session, Tree& tree) {
  for (const std::string& name : session.store().subscriptions(session.user())) {
    tree[name].subscribed = true;
    for (auto above = parent_of(name); !above.empty(); above = parent_of(above)) {
      // Only marks what is there: a level above a subscription is no mailbox of its own.
      const auto at = tree.find(std::string(above));
      if (at != tree.end()) at->second.subscribed_below = true;
    }
  }
}

bool matches_any(const std::vector<std::string>& patterns, const std::string& name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return wire::matches_mailbox_pattern(pattern, name); });
}

// A name that RECURSIVEMATCH lists for what is subscribed under it, unless that is listed itself.
bool stands_for_children(const Tree& tree, const std::vector<std::string>& patterns, const std::string& name) {
  const std::string below = name + "/";
  for (auto at = tree.lower_bound(below); at != tree.end() && at->first.starts_with(below); ++at) {
    if (at->second.subscribed && !matches_any(patterns, at->first)) return true;
  }
  return false;
}

std::vector<std::string_view> attributes_of(const Entry& entry, const wire::List& command) {
  std::vector<std::string_view> attributes;
  if (!entry.mailbox) attributes.push_back(entry.exists || entry.has_children || !command.extended ? "\\Noselect" : "\\NonExistent");
  if (entry.exists || entry.has_children) attributes.push_back(entry.has_children ? "\\HasChildren" : "\\HasNoChildren");
  if (entry.subscribed && (command.return_subscribed || command.select_subscribed)) attributes.push_back("\\Subscribed");
  if (!entry.special_use.empty()) attributes.push_back(entry.special_use);
  return attributes;
}

struct Selected {
  bool listed = false;
  bool for_children = false;
};

Selected select(const Tree& tree, const wire::List& command, const std::vector<std::string>& patterns, const std::string& name,
                const Entry& entry) {
  if (command.select_special_use && entry.special_use.empty()) return {};
  if (command.select_subscribed) {
    const bool below = command.select_recursive_match && entry.subscribed_below && stands_for_children(tree, patterns, name);
    return {entry.subscribed || below, below};
  }
  return {entry.exists || entry.has_children, false};
}

std::vector<std::string> full_patterns(const wire::List& command) {
  std::vector<std::string> patterns;
  for (const std::string& pattern : command.patterns) patterns.push_back(wire::join_reference(command.reference, pattern));
  return patterns;
}

void tell_status(Session& session, const Entry& entry, const std::string& name, const std::vector<wire::StatusItem>& items) {
  if (!entry.mailbox) return;
  const auto mailbox = session.store().mailbox(*entry.mailbox);
  if (!mailbox || !session.rights(*mailbox).has(auth::Right::kRead)) return;
  if (const auto line = status_line(session, *entry.mailbox, name, items)) session.out().status(*line);
}

// RFC 9590. Annotations may stand on a level of the hierarchy, too.
void tell_metadata_of(Session& session, const std::string& name, const std::vector<std::string>& entries) {
  if (const auto mailbox = session.find(name)) ext::tell_metadata(session, *mailbox, name, entries);
}

}  // namespace

Task<Reply> run(Session& session, wire::List command) {
  const bool asks_delimiter = !command.extended && command.patterns.size() == 1 && command.patterns.front().empty();
  if (asks_delimiter) {
    session.out().list_delimiter();
    co_return ok("LIST done");
  }
  if (command.return_status && asks_for_mod_seq(*command.return_status)) session.enable(Feature::kCondstore);
  // LIST-STATUS of the selected mailbox must not be ahead of what its view was told (I5).
  if (command.return_status) co_await session.sync(MailboxView::Expunges::kTell);
  Tree tree = visible_tree(session);
  if (command.select_subscribed || command.return_subscribed) add_subscriptions(session, tree);
  const std::vector<std::string> patterns = full_patterns(command);
  for (const auto& [name, entry] : tree) {
    if (!matches_any(patterns, name)) continue;
    const Selected selected = select(tree, command, patterns, name, entry);
    if (!selected.listed) continue;
    wire::ListLine line;
    line.attributes = attributes_of(entry, command);
    line.mailbox = name;
    line.child_info_subscribed = selected.for_children;
    session.out().list(line);
    if (command.return_status) tell_status(session, entry, name, *command.return_status);
    if (!command.return_metadata.empty()) tell_metadata_of(session, name, command.return_metadata);
    co_await session.flush_if_full();
  }
  co_return ok("LIST done");
}

// A level above a subscription that matches `%` while the subscription does not is shown as \Noselect (RFC 3501, section 6.3.9).
Task<Reply> run(Session& session, wire::Lsub command) {
  const std::string pattern = wire::join_reference(command.reference, command.pattern);
  std::map<std::string, bool> subscribed;  // Name -> is it one, or only a level above one.
  for (const std::string& name : session.store().subscriptions(session.user())) {
    if (wire::matches_mailbox_pattern(pattern, name)) {
      subscribed[name] = true;
      continue;
    }
    for (auto above = parent_of(name); !above.empty(); above = parent_of(above)) {
      if (pattern.ends_with('%') && wire::matches_mailbox_pattern(pattern, above)) subscribed.emplace(above, false);
    }
  }
  for (const auto& [name, is_subscription] : subscribed) {
    wire::ListLine line;
    line.mailbox = name;
    if (!is_subscription) line.attributes.push_back("\\Noselect");
    session.out().lsub(line);
    co_await session.flush_if_full();
  }
  co_return ok("LSUB done");
}

}  // namespace imapd::session

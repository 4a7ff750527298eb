#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "imapd/session/commands.h"
#include "imapd/session/mailbox_name.h"
#include "imapd/session/status.h"
#include "imapd/wire/mailbox_pattern.h"

// LIST and LSUB (RFC 3501, sections 6.3.8 and 6.3.9; RFC 3348: CHILDREN; RFC 5258: LIST-EXTENDED; RFC 5819: LIST-STATUS;
// RFC 6154: SPECIAL-USE; RFC 8440: LIST-MYRIGHTS; RFC 9590: LIST-METADATA).
namespace imapd::session {
namespace {

// One name of the tree as this user sees it.
struct Entry {
  std::optional<MailboxId> mailbox;  // nullopt: a level only, or a subscription to what is not there.
  bool is_level = false;             // CREATE made it for what was to be under it, or DELETE left it.
  bool has_children = false;
  bool subscribed = false;
  bool matches = false;  // One of the patterns.
  // Something under it, on any level, that is selected; and one that no pattern matches.
  bool selected_below = false;
  bool selected_unmatched_below = false;
  std::string special_use;
};
// By the client's name for it, ascending.
using Tree = std::map<std::string, Entry>;

Tree visible_tree(Session& session) {
  Tree tree;
  for (const store::MailboxInfo& mailbox : session.store().mailboxes()) {
    const bool foreign = !mailbox.path.owner.empty() && mailbox.path.owner != session.user();
    if (foreign || !session.rights(mailbox).has(auth::Right::kLookup)) continue;
    const std::string& name = name_of(mailbox.path);
    Entry& entry = tree[name];
    entry.is_level = !mailbox.selectable;
    if (entry.is_level) continue;
    entry.mailbox = mailbox.id;
    entry.special_use = mailbox.special_use;
    if (mailbox.kind == store::MailboxKind::kDeadLetters && entry.special_use.empty()) entry.special_use = "\\Junk";
    for (auto above = parent_of(name); !above.empty(); above = parent_of(above)) tree[std::string(above)].has_children = true;
  }
  return tree;
}

// The levels above a subscription are names that RECURSIVEMATCH may list, even if they are no mailboxes.
void add_subscriptions(Session& session, const wire::List& command, Tree& tree) {
  for (const std::string& name : session.store().subscriptions(session.user())) {
    tree[name].subscribed = true;
    if (!command.select_recursive_match) continue;
    for (auto above = parent_of(name); !above.empty(); above = parent_of(above)) tree.try_emplace(std::string(above));
  }
}

bool matches_any(const std::vector<std::string>& patterns, const std::string& name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return wire::matches_mailbox_pattern(pattern, name); });
}

// All selection options (RFC 5258, section 3.1). There are no remote mailboxes, so REMOTE adds none.
bool is_selected(const wire::List& command, const Entry& entry) {
  if (command.select_special_use && entry.special_use.empty()) return false;
  return command.select_subscribed ? entry.subscribed : entry.mailbox.has_value();
}

void mark(const wire::List& command, const std::vector<std::string>& patterns, Tree& tree) {
  for (auto& [name, entry] : tree) entry.matches = matches_any(patterns, name);
  for (const auto& [name, entry] : tree) {
    if (!is_selected(command, entry)) continue;
    for (auto above = parent_of(name); !above.empty(); above = parent_of(above)) {
      const auto at = tree.find(std::string(above));
      if (at == tree.end()) continue;
      at->second.selected_below = true;
      if (!entry.matches) at->second.selected_unmatched_below = true;
    }
  }
}

// RFC 5258, section 3.3: what is selected, and what stands for something under it that the answer does not name.
bool is_listed(const wire::List& command, const Entry& entry) {
  if (!entry.matches) return false;
  if (is_selected(command, entry)) return true;
  if (command.select_recursive_match) return entry.selected_unmatched_below;
  if (command.select_subscribed || entry.mailbox) return false;
  return command.extended ? entry.selected_unmatched_below : entry.is_level || entry.has_children;
}

// A client that knows neither RFC 5258 nor IMAP4rev2 would take \NonExistent for a mailbox that it may select.
std::vector<std::string_view> attributes_of(Session& session, const Entry& entry, const wire::List& command) {
  const bool knows_non_existent = command.extended || session.rev2();
  std::vector<std::string_view> attributes;
  if (!entry.mailbox) attributes.push_back(knows_non_existent ? "\\NonExistent" : "\\Noselect");
  if (entry.mailbox || entry.is_level || entry.has_children) {
    attributes.push_back(entry.has_children ? "\\HasChildren" : "\\HasNoChildren");
  }
  if (entry.subscribed && (command.return_subscribed || command.select_subscribed)) attributes.push_back("\\Subscribed");
  if (!entry.special_use.empty()) attributes.push_back(entry.special_use);
  return attributes;
}

// RFC 5258, section 3: empty patterns match nothing. As everywhere, a name is meant as it is given and in its normalized form.
std::vector<std::string> full_patterns(const wire::List& command) {
  std::vector<std::string> patterns;
  for (const std::string& pattern : command.patterns) {
    if (pattern.empty()) continue;
    std::string full = wire::join_reference(command.reference, pattern);
    std::string normalized = normalized_name(full);
    if (normalized != full) patterns.push_back(std::move(normalized));
    patterns.push_back(std::move(full));
  }
  return patterns;
}

void tell_status(Session& session, const Entry& entry, const std::string& name, const std::vector<wire::StatusItem>& items) {
  if (!entry.mailbox) return;
  const auto mailbox = session.store().mailbox(*entry.mailbox);
  if (!mailbox || !session.rights(*mailbox).has(auth::Right::kRead)) return;
  if (const auto line = status_line(session, *entry.mailbox, name, items)) session.out().status(*line);
}

// What the return options ask for beyond attributes. Nothing is told of a name that only stands for what is under it (RFC 5819,
// section 2; RFC 8440, section 4).
void tell_more(Session& session, const Entry& entry, const std::string& name, const wire::List& command) {
  if (!is_selected(command, entry)) return;
  if (command.return_status) tell_status(session, entry, name, *command.return_status);
  if (!command.return_my_rights && command.return_metadata.empty()) return;
  const auto mailbox = session.find(name);
  if (!mailbox) return;
  if (command.return_my_rights) ext::tell_my_rights(session, *mailbox, name);
  if (!command.return_metadata.empty()) ext::tell_metadata(session, *mailbox, name, command.return_metadata);
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
  if (command.select_subscribed || command.return_subscribed) add_subscriptions(session, command, tree);
  mark(command, full_patterns(command), tree);
  for (const auto& [name, entry] : tree) {
    if (!is_listed(command, entry)) continue;
    wire::ListLine line;
    line.attributes = attributes_of(session, entry, command);
    line.mailbox = name;
    line.child_info_subscribed = command.select_recursive_match && entry.selected_below;
    session.out().list(line);
    tell_more(session, entry, name, command);
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

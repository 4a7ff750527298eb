#include <algorithm>
#include <array>
#include <utility>

#include "imapd/base/flag.h"
#include "imapd/session/commands.h"
#include "imapd/session/list_line.h"
#include "imapd/session/mailbox_name.h"
#include "imapd/wire/mailbox_pattern.h"
#include "imapd/wire/object_id.h"

// CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 3501, sections 6.3.3 to 6.3.7).
namespace imapd::session {
namespace {

using auth::Right;
using Tree = store::TreeEvent::Kind;

constexpr std::size_t kSubscriptionsMax = 10'000;
constexpr std::array<std::string_view, 6> kSpecialUses = {"\\Archive", "\\Drafts", "\\Flagged", "\\Junk", "\\Sent", "\\Trash"};

Error no_right() { return make_error(Code::kPermissionDenied, "You do not have the right to do this"); }

// The nearest mailbox above `path` that is there; nullopt: none.
std::optional<store::MailboxInfo> nearest_above(const store::Store& store, const store::MailboxPath& path) {
  for (auto above = parent_of(path.name); !above.empty(); above = parent_of(above)) {
    auto mailbox = store.find_mailbox({path.owner, std::string(above)});
    if (mailbox && mailbox->selectable) return mailbox;
  }
  return std::nullopt;
}

// RFC 4314, section 4: CREATE and the target of RENAME need `k` on the parent, and under one that the user may not know of nothing
// can be made. The top of the shared tree is the server administrators': they have every right on what does not exist, too.
bool may_create(Session& session, const store::MailboxPath& path, const std::optional<store::MailboxInfo>& above) {
  if (path.owner == session.user()) return true;
  store::MailboxInfo nothing;
  return session.rights(above ? *above : nothing).has_all(auth::Rights(Right::kLookup) | Right::kCreate);
}

// A name that is taken, though not for this user's eyes, is one that he may not make (RFC 4314, section 6).
Error as_told(Session& session, const store::MailboxPath& path, const Error& error) {
  if (error.code != Code::kAlreadyExists) return error;
  const auto taken = session.store().find_mailbox(path);
  return taken && session.rights(*taken).has(Right::kLookup) ? error : no_right();
}

Result<store::CreateMailbox> creation(Session& session, wire::Create command) {
  const std::string name = normalized_name(command.mailbox);
  TRY(check_new_name(name));
  store::CreateMailbox request;
  request.path = path_of(name, session.user());
  const auto above = nearest_above(session.store(), request.path);
  if (!may_create(session, request.path, above)) return no_right();
  if (above) request.acl = above->acl;
  if (!request.path.owner.empty()) {
    request.kind = store::MailboxKind::kPersonal;
    request.acl = {{session.user(), auth::Rights::all().to_string()}};
    if (!command.special_use.empty()) request.special_use = command.special_use.front();
    return request;
  }
  const bool under_queue = above && above->path.name == parent_of(name) && above->kind == store::MailboxKind::kQueue;
  if (under_queue && name.ends_with("/Dead")) {
    request.kind = store::MailboxKind::kDeadLetters;
    request.special_use = "\\Junk";
  }
  return request;
}

// RFC 6154, section 3: one use for one personal mailbox; anything else is refused with USEATTR.
bool special_use_fits(const wire::Create& command, const std::string& user) {
  const auto& uses = command.special_use;
  if (uses.empty()) return true;
  const bool known = std::any_of(kSpecialUses.begin(), kSpecialUses.end(),
                                 [&](std::string_view use) { return equals_ignoring_case(use, uses.front()); });
  return uses.size() == 1 && known && !path_of(command.mailbox, user).owner.empty();
}

Result<store::RenameMailbox> renaming(Session& session, const wire::Rename& command) {
  TRY_ASSIGN(mailbox, session.find(command.from));
  const std::string to = normalized_name(command.to);
  TRY(check_new_name(to));
  store::RenameMailbox request;
  request.from = mailbox.path;
  request.to = path_of(to, session.user());
  if (!session.rights(mailbox).has(Right::kDeleteMailbox)) return no_right();
  if (!may_create(session, request.to, nearest_above(session.store(), request.to))) return no_right();
  if (request.from.owner != request.to.owner) {
    return make_error(Code::kInvalidArgument, "Personal mailboxes and queues cannot become one another");
  }
  if (request.from.name != "INBOX" && request.to.name.starts_with(request.from.name + "/")) {
    return make_error(Code::kInvalidArgument, "A mailbox cannot move under itself");
  }
  return request;
}

Task<Reply> change_subscription(Session& session, std::string mailbox, store::Subscribe::Change change) {
  store::Subscribe request;
  request.user = session.user();
  request.name = path_of(mailbox, session.user()).name;
  request.change = change;
  const store::MailboxPath path{std::string(), request.name};
  const auto done = co_await async(session.store(), &store::Store::subscribe, std::move(request));
  if (!done) co_return refused(done.error());
  session.changed_tree_here(change == store::Subscribe::Change::kAdd ? Tree::kSubscribed : Tree::kUnsubscribed, path);
  co_return ok(change == store::Subscribe::Change::kAdd ? "SUBSCRIBE done" : "UNSUBSCRIBE done");
}

}  // namespace

Task<Reply> run(Session& session, wire::Create command) {
  if (!special_use_fits(command, session.user())) co_return no("This use is not possible here", wire::code::kUseAttr);
  // A declaration that names under this one will follow: we need none (RFC 3501, section 6.3.3).
  if (command.mailbox.size() > 1 && command.mailbox.back() == wire::kDelimiter) command.mailbox.pop_back();
  const std::string given = command.mailbox;
  auto request = creation(session, std::move(command));
  if (!request) co_return refused(request.error());
  const store::MailboxPath path = request->path;
  const auto made = co_await async(session.store(), &store::Store::create_mailbox, std::move(*request));
  if (!made) co_return refused(as_told(session, path, made.error()));
  session.changed_tree_here(Tree::kCreated, made->path);
  tell_normalized(session, given, *made);
  co_return ok("CREATE done", wire::code::mailbox_id(wire::mailbox_object_id(made->id)));
}

Task<Reply> run(Session& session, wire::Delete command) {
  const auto mailbox = session.find(command.mailbox);
  if (!mailbox) co_return refused(mailbox.error());
  if (!session.rights(*mailbox).has(Right::kDeleteMailbox)) co_return refused(no_right());
  if (!mailbox->path.owner.empty() && mailbox->path.name == "INBOX") {
    co_return no("INBOX cannot be deleted", wire::code::kCannot);
  }
  store::DeleteMailbox request;
  request.path = mailbox->path;
  const auto done = co_await async(session.store(), &store::Store::delete_mailbox, std::move(request));
  if (!done && done.error().code == Code::kFailedPrecondition) co_return no(done.error().message, wire::code::kHasChildren);
  if (!done) co_return refused(done.error());
  if (session.rev2() && command.mailbox != name_of(mailbox->path)) {
    wire::ListLine line;
    line.attributes.push_back("\\NonExistent");
    line.mailbox = name_of(mailbox->path);
    line.old_name = command.mailbox;
    session.out().list(line);
  }
  session.changed_tree_here(Tree::kDeleted, mailbox->path);
  session.changed_tree_here(Tree::kCreated, mailbox->path);  // What has children stays as a level.
  if (session.selected() && session.view().mailbox() == mailbox->id) {
    session.unselect();
    session.out().untagged(wire::Condition::kOk, "The mailbox is closed", wire::code::kClosed);
  }
  co_return ok("DELETE done");
}

Task<Reply> run(Session& session, wire::Rename command) {
  auto request = renaming(session, command);
  if (!request) co_return refused(request.error());
  const store::MailboxPath to = request->to;
  const std::string from = name_of(request->from);
  const store::MailboxPath path = request->to;
  const auto done = co_await async(session.store(), &store::Store::rename_mailbox, std::move(*request));
  if (!done) co_return refused(as_told(session, path, done.error()));
  session.changed_tree_here(Tree::kRenamed, to);
  session.changed_tree_here(Tree::kCreated, to);  // Levels above it, or what INBOX's messages went to.
  // RFC 9051, section 6.3.6: when either name was normalized.
  const bool normalized = command.from != from || command.to != name_of(to);
  if (const auto renamed = session.store().find_mailbox(to); renamed && normalized) {
    tell_normalized(session, command.from, *renamed);
  }
  co_return ok("RENAME done");
}

// The mailbox needs not exist (RFC 3501, section 6.3.6).
Task<Reply> run(Session& session, wire::Subscribe command) {
  if (const auto valid = check_new_name(command.mailbox); !valid) co_return refused(valid.error());
  if (session.store().subscriptions(session.user()).size() >= kSubscriptionsMax) {
    co_return no("You have too many subscriptions", wire::code::kLimit);
  }
  command.mailbox = normalized_name(command.mailbox);
  co_return co_await change_subscription(session, std::move(command.mailbox), store::Subscribe::Change::kAdd);
}

// A subscription may be older than that names are normalized.
Task<Reply> run(Session& session, wire::Unsubscribe command) {
  const auto subscriptions = session.store().subscriptions(session.user());
  const std::string given = path_of(command.mailbox, session.user()).name;
  const bool as_given = std::find(subscriptions.begin(), subscriptions.end(), given) != subscriptions.end();
  if (!as_given) command.mailbox = normalized_name(command.mailbox);
  return change_subscription(session, std::move(command.mailbox), store::Subscribe::Change::kRemove);
}

}  // namespace imapd::session

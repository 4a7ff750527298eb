#include <algorithm>
#include <array>
#include <utility>

#include "imapd/base/flag.h"
#include "imapd/session/commands.h"
#include "imapd/session/mailbox_name.h"
#include "imapd/wire/mailbox_pattern.h"
#include "imapd/wire/object_id.h"

// CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 3501, sections 6.3.3 to 6.3.7).
namespace imapd::session {
namespace {

using auth::Right;

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

// RFC 4314, section 4: CREATE and the target of RENAME need `k` on the parent. The top of the shared tree is the server
// administrators': they have every right on what does not exist, too.
bool may_create(Session& session, const store::MailboxPath& path, const std::optional<store::MailboxInfo>& above) {
  if (path.owner == session.user()) return true;
  store::MailboxInfo nothing;
  return session.rights(above ? *above : nothing).has(Right::kCreate);
}

Result<store::CreateMailbox> creation(Session& session, wire::Create command) {
  std::string& name = command.mailbox;
  // A declaration that names under this one will follow: we need none (RFC 3501, section 6.3.3).
  if (name.size() > 1 && name.back() == wire::kDelimiter) name.pop_back();
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
  TRY(check_new_name(command.to));
  store::RenameMailbox request;
  request.from = mailbox.path;
  request.to = path_of(command.to, session.user());
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
  const auto done = co_await async(session.store(), &store::Store::subscribe, std::move(request));
  if (!done) co_return refused(done.error());
  co_return ok(change == store::Subscribe::Change::kAdd ? "SUBSCRIBE done" : "UNSUBSCRIBE done");
}

}  // namespace

Task<Reply> run(Session& session, wire::Create command) {
  if (!special_use_fits(command, session.user())) co_return no("This use is not possible here", wire::code::kUseAttr);
  auto request = creation(session, std::move(command));
  if (!request) co_return refused(request.error());
  const auto made = co_await async(session.store(), &store::Store::create_mailbox, std::move(*request));
  if (!made) co_return refused(made.error());
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
  if (!done) co_return refused(done.error());
  if (session.selected() && session.view().mailbox() == mailbox->id) {
    session.unselect();
    session.out().untagged(wire::Condition::kOk, "The mailbox is closed", wire::code::kClosed);
  }
  co_return ok("DELETE done");
}

Task<Reply> run(Session& session, wire::Rename command) {
  auto request = renaming(session, command);
  if (!request) co_return refused(request.error());
  const auto done = co_await async(session.store(), &store::Store::rename_mailbox, std::move(*request));
  if (!done) co_return refused(done.error());
  co_return ok("RENAME done");
}

// The mailbox needs not exist (RFC 3501, section 6.3.6).
Task<Reply> run(Session& session, wire::Subscribe command) {
  if (const auto valid = check_new_name(command.mailbox); !valid) co_return refused(valid.error());
  if (session.store().subscriptions(session.user()).size() >= kSubscriptionsMax) {
    co_return no("You have too many subscriptions", wire::code::kLimit);
  }
  co_return co_await change_subscription(session, std::move(command.mailbox), store::Subscribe::Change::kAdd);
}

Task<Reply> run(Session& session, wire::Unsubscribe command) {
  return change_subscription(session, std::move(command.mailbox), store::Subscribe::Change::kRemove);
}

}  // namespace imapd::session

#include <algorithm>

#include "imapd/base/limits.h"
#include "imapd/store/claims.h"
#include "imapd/store/decide.h"

namespace imapd::store {
namespace {

Error no_such() { return make_error(Code::kNotFound, "no such mailbox"); }

Result<void> check_name(const std::string& name) {
  if (name.empty() || name.size() > limits::kMailboxNameBytesMax) {
    return make_error(Code::kInvalidArgument,
                      "a mailbox name has 1 to " + std::to_string(limits::kMailboxNameBytesMax) + " bytes");
  }
  if (name.front() == '/' || name.back() == '/' || name.find("//") != std::string::npos) {
    return make_error(Code::kInvalidArgument, "a mailbox name has no empty level");
  }
  if (std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) {
    return make_error(Code::kInvalidArgument, "a mailbox name has no control characters");
  }
  if (static_cast<std::size_t>(std::count(name.begin(), name.end(), '/')) >= limits::kMailboxDepthMax) {
    return make_error(Code::kInvalidArgument,
                      "a mailbox name has at most " + std::to_string(limits::kMailboxDepthMax) + " levels");
  }
  return {};
}

// All below `path`, not itself.
std::vector<MailboxPath> descendants(Pending& pending, const MailboxPath& path) {
  std::vector<MailboxPath> below;
  const MailboxPath prefix{path.owner, path.name + "/"};
  for (auto at = pending.paths().lower_bound(prefix); at != pending.paths().end(); ++at) {
    if (at->first.owner != path.owner || !at->first.name.starts_with(prefix.name)) break;
    below.push_back(at->first);
  }
  return below;
}

CreateMailbox level_like(const Pending::Mailbox& mailbox) {
  CreateMailbox level;
  level.path = mailbox.info.path;
  level.kind = mailbox.info.kind;
  level.acl = mailbox.info.acl;
  return level;
}

// RENAME of a personal INBOX: its messages go, it stays (RFC 3501, section 6.3.5). What somebody holds stays, too.
void move_all(Pending& pending, Pending::Mailbox& from, Pending::Mailbox& to) {
  if (from.info.uid_next.value() <= 1) return;
  Transfer how;
  how.mode = TransferMode::kMove;
  for (const Serial serial : pending.serials(from, UidSet::range(Uid(1), Uid(from.info.uid_next.value() - 1)))) {
    const MessageState* message = pending.message(from, serial);
    if (message != nullptr && !message->claim) transfer(pending, from, *message, to, how);
  }
}

Result<void> change_acl(const AclChange& change, std::map<std::string, std::string>& acl) {
  const auto at = acl.find(change.identifier);
  std::string letters = at == acl.end() || change.mode == AclChange::Mode::kReplace ? std::string() : at->second;
  std::erase_if(letters, [&change](char letter) { return change.rights.find(letter) != std::string::npos; });
  if (change.mode != AclChange::Mode::kRemove) letters += change.rights;
  if (letters.empty()) {
    if (at != acl.end()) acl.erase(at);
    return {};
  }
  if (at == acl.end() && acl.size() >= limits::kAclEntriesMax) {
    return make_error(Code::kResourceExhausted, "the access control list has no room for more");
  }
  acl[change.identifier] = std::move(letters);
  return {};
}

}  // namespace

Result<MailboxInfo> decide_create_mailbox(Pending& pending, CreateMailbox& request) {
  TRY(check_name(request.path.name));
  if (Pending::Mailbox* present = pending.find(request.path)) {
    if (present->info.selectable) return make_error(Code::kAlreadyExists, "the mailbox exists already");
    // A level that held only children becomes a mailbox.
    TRY(pending.check_user_quota(request.path.owner, {.mailboxes = 1}));
    present->info.selectable = true;
    present->info.kind = request.kind;
    present->info.policy = request.policy;
    present->info.acl = request.acl;
    present->info.special_use = request.special_use;
    pending.settings_changed(*present);
    pending.tell(TreeEvent::Kind::kCreated, present->info);
    return present->info;
  }
  TRY(pending.check_user_quota(request.path.owner, {.mailboxes = 1}));
  return pending.create_with_levels(request).info;
}

Result<void> decide_delete_mailbox(Pending& pending, DeleteMailbox& request) {
  Pending::Mailbox* mailbox = pending.find(request.path);
  if (mailbox == nullptr) return no_such();
  if (request.when == DeleteMailbox::When::kIfEmpty && mailbox->info.counters.messages > 0) {
    return make_error(Code::kFailedPrecondition, "it holds messages");
  }
  const bool has_children = !descendants(pending, request.path).empty();
  if (!mailbox->info.selectable && has_children) {
    return make_error(Code::kFailedPrecondition, "it holds only other mailboxes: delete those first");
  }
  const CreateMailbox level = level_like(*mailbox);
  pending.drop(*mailbox);
  if (has_children) pending.create(level).info.selectable = false;
  return {};
}

Result<void> decide_rename_mailbox(Pending& pending, RenameMailbox& request) {
  TRY(check_name(request.to.name));
  Pending::Mailbox* mailbox = pending.find(request.from);
  if (mailbox == nullptr) return no_such();
  if (pending.find(request.to) != nullptr) return make_error(Code::kAlreadyExists, "the target name exists already");
  const bool is_inbox = !request.from.owner.empty() && request.from.name == "INBOX";
  if (!is_inbox && request.to.owner == request.from.owner && request.to.name.starts_with(request.from.name + "/")) {
    return make_error(Code::kInvalidArgument, "a mailbox cannot be moved below itself");
  }
  if ((request.from.owner.empty()) != (request.to.owner.empty())) {
    return make_error(Code::kInvalidArgument, "a mailbox cannot be renamed between the personal and the shared tree");
  }
  const std::vector<MailboxPath> below = is_inbox ? std::vector<MailboxPath>{} : descendants(pending, request.from);
  for (const MailboxPath& child : below) {
    const std::string renamed = request.to.name + child.name.substr(request.from.name.size());
    TRY(check_name(renamed));
    if (pending.find({request.to.owner, renamed}) != nullptr) {
      return make_error(Code::kAlreadyExists, "a name below the target exists already");
    }
  }
  CreateMailbox made = level_like(*mailbox);
  made.path = request.to;
  made.policy = mailbox->info.policy;
  made.special_use = is_inbox ? "" : mailbox->info.special_use;
  if (is_inbox) {
    TRY(pending.check_user_quota(made.path.owner, {.mailboxes = 1}));
    Pending::Mailbox& target = pending.create_with_levels(made);
    move_all(pending, *mailbox, target);
    // RFC 5464, section 4.1: they follow, and stay with INBOX too.
    pending.copy_metadata(mailbox->info.id, target.info.id);
    return {};
  }
  pending.create_levels_above(made);
  pending.rename(*mailbox, request.to);
  for (const MailboxPath& child : below) {
    pending.rename(*pending.find(child), {request.to.owner, request.to.name + child.name.substr(request.from.name.size())});
  }
  return {};
}

Result<MailboxInfo> decide_update_mailbox(Pending& pending, UpdateMailbox& request) {
  Pending::Mailbox* mailbox = pending.mailbox(request.mailbox);
  if (mailbox == nullptr) return no_such();
  if (request.policy_before && *request.policy_before != mailbox->info.policy) {
    return make_error(Code::kAborted, "the settings have changed meanwhile");
  }
  const MailboxInfo before = mailbox->info;
  std::map<std::string, std::string> acl = request.acl ? std::move(*request.acl) : before.acl;
  if (request.acl_change) TRY(change_acl(*request.acl_change, acl));
  if (request.policy) mailbox->info.policy = *request.policy;
  mailbox->info.acl = std::move(acl);
  if (request.special_use) mailbox->info.special_use = *request.special_use;
  pending.settings_changed(*mailbox);
  if (mailbox->info.acl != before.acl) pending.tell(TreeEvent::Kind::kRights, mailbox->info, before);
  return mailbox->info;
}

Result<void> decide_subscribe(Pending& pending, Subscribe& request) {
  pending.set_subscription(request);
  return {};
}

}  // namespace imapd::store

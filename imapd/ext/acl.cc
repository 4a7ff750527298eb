#include "imapd/ext/acl.h"

#include <utility>

#include "imapd/base/limits.h"
#include "imapd/session/session.h"

namespace imapd::session {
namespace {

using auth::Right;
using auth::Rights;

// Each can be granted without the others. The virtual rights stand by themselves (RFC 4314, section 2.1.1).
constexpr std::string_view kVirtualRights = "cd";

// As find(), and the user may administer it.
Result<store::MailboxInfo> find_administered(const Session& session, const std::string& name) {
  TRY_ASSIGN(mailbox, session.find(name));
  if (!session.rights(mailbox).has(Right::kAdminister)) {
    return make_error(Code::kPermissionDenied, "You do not have the right to do this");
  }
  return mailbox;
}

// RFC 4314, section 3 asks for SASLprep: the names that users may have are those that it leaves as they are.
std::optional<Reply> refuse_identifier(const std::string& identifier) {
  if (auth::is_valid_acl_identifier(identifier)) return std::nullopt;
  return bad("The identifier is neither a user's name nor anyone, perhaps with - in front");
}

// What whoever is called so has whatever the list says (auth::effective).
Rights always_granted(Session& session, const store::MailboxInfo& mailbox, const std::string& identifier) {
  const auto user = session.store().user(identifier);
  const bool is_administrator = user && *user && (*user)->administrator;
  auth::Principal principal;
  principal.user = identifier;
  principal.is_owner = mailbox.path.owner == identifier;
  principal.is_server_administrator = is_administrator || (identifier == session.user() && session.is_administrator());
  return auth::effective({}, principal);
}

Task<Reply> change_acl(Session& session, const store::MailboxInfo& mailbox, store::AclChange change, std::string done) {
  store::UpdateMailbox request;
  request.mailbox = mailbox.id;
  request.acl_change = std::move(change);
  const auto updated = co_await async(session.store(), &store::Store::update_mailbox, std::move(request));
  if (!updated && updated.error().code == Code::kResourceExhausted) co_return no(updated.error().message, wire::code::kLimit);
  if (!updated) co_return refused(updated.error());
  co_return ok(std::move(done));
}

store::AclChange::Mode mode_of(wire::SetAcl::Mode mode) {
  switch (mode) {
    case wire::SetAcl::Mode::kReplace: return store::AclChange::Mode::kReplace;
    case wire::SetAcl::Mode::kAdd: return store::AclChange::Mode::kAdd;
    case wire::SetAcl::Mode::kRemove: return store::AclChange::Mode::kRemove;
  }
  return store::AclChange::Mode::kReplace;
}

}  // namespace

Task<Reply> run(Session& session, wire::SetAcl command) {
  if (auto refusal = refuse_identifier(command.identifier)) co_return std::move(*refusal);
  const auto rights = Rights::parse(command.rights);
  if (!rights) co_return bad("There are no such rights: these are lrswipkxtea, c and d");
  const auto mailbox = find_administered(session, command.mailbox);
  if (!mailbox) co_return refused(mailbox.error());
  store::AclChange change;
  change.identifier = std::move(command.identifier);
  change.mode = mode_of(command.mode);
  change.rights = rights->to_string();
  std::string done = "SETACL done";
  co_return co_await change_acl(session, *mailbox, std::move(change), std::move(done));
}

Task<Reply> run(Session& session, wire::DeleteAcl command) {
  if (auto refusal = refuse_identifier(command.identifier)) co_return std::move(*refusal);
  const auto mailbox = find_administered(session, command.mailbox);
  if (!mailbox) co_return refused(mailbox.error());
  store::AclChange change;
  change.identifier = std::move(command.identifier);
  std::string done = "DELETEACL done";
  co_return co_await change_acl(session, *mailbox, std::move(change), std::move(done));
}

Task<Reply> run(Session& session, wire::GetAcl command) {
  const auto mailbox = find_administered(session, command.mailbox);
  if (!mailbox) co_return refused(mailbox.error());
  std::string line = "ACL ";
  wire::append_mailbox(line, command.mailbox, session.out().mailbox_names());
  for (const auto& [identifier, letters] : mailbox->acl) {
    line += ' ';
    wire::append_astring(line, identifier);
    line += ' ';
    wire::append_astring(line, Rights::parse(letters).value_or(Rights()).to_string_with_virtual());
  }
  session.out().line(line);
  co_return ok("GETACL done");
}

Task<Reply> run(Session& session, wire::ListRights command) {
  if (auto refusal = refuse_identifier(command.identifier)) co_return std::move(*refusal);
  const auto mailbox = find_administered(session, command.mailbox);
  if (!mailbox) co_return refused(mailbox.error());
  const Rights always = always_granted(session, *mailbox, command.identifier);
  std::string line = "LISTRIGHTS ";
  wire::append_mailbox(line, command.mailbox, session.out().mailbox_names());
  line += ' ';
  wire::append_astring(line, command.identifier);
  line += ' ';
  const std::string required = always.to_string_with_virtual();
  wire::append_astring(line, required);
  for (const char letter : Rights::all().to_string() + std::string(kVirtualRights)) {
    if (required.find(letter) != std::string::npos) continue;
    line += ' ';
    line += letter;
  }
  session.out().line(line);
  co_return ok("LISTRIGHTS done");
}

Task<Reply> run(Session& session, wire::MyRights command) {
  const auto mailbox = session.find(command.mailbox);
  if (!mailbox) co_return refused(mailbox.error());
  ext::tell_my_rights(session, *mailbox, command.mailbox);
  co_return ok("MYRIGHTS done");
}

}  // namespace imapd::session

namespace imapd::ext {

void tell_my_rights(session::Session& session, const store::MailboxInfo& mailbox, const std::string& name) {
  std::string line = "MYRIGHTS ";
  wire::append_mailbox(line, name, session.out().mailbox_names());
  line += ' ';
  wire::append_astring(line, session.rights(mailbox).to_string_with_virtual());
  session.out().line(line);
}

}  // namespace imapd::ext

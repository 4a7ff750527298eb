#include "imapd/wire/grammar_acl.h"

#include "imapd/wire/grammar_atoms.h"
#include "imapd/wire/grammar_mailbox.h"

namespace imapd::wire {
namespace {

// mailbox SP identifier
template <class T>
Result<T> parse_mailbox_and_identifier(Cursor& cursor) {
  TRY_ASSIGN(mailbox, parse_mailbox(cursor));
  TRY(cursor.expect(' ', "after the mailbox"));
  TRY_ASSIGN(identifier, parse_astring(cursor, "identifier"));
  T command;
  command.mailbox = std::move(mailbox);
  command.identifier = std::move(identifier);
  return command;
}

}  // namespace

// setacl = "SETACL" SP mailbox SP identifier SP mod-rights (RFC 4314, section 7)
// mod-rights = astring ; +rights to add, -rights to remove, rights to replace
Result<SetAcl> parse_set_acl(Cursor& cursor) {
  TRY_ASSIGN(command, parse_mailbox_and_identifier<SetAcl>(cursor));
  TRY(cursor.expect(' ', "after the identifier"));
  TRY_ASSIGN(rights, parse_astring(cursor, "rights"));
  if (rights.starts_with('+')) command.mode = SetAcl::Mode::kAdd;
  if (rights.starts_with('-')) command.mode = SetAcl::Mode::kRemove;
  command.rights = rights.substr(command.mode == SetAcl::Mode::kReplace ? 0 : 1);
  return command;
}

// deleteacl = "DELETEACL" SP mailbox SP identifier
Result<DeleteAcl> parse_delete_acl(Cursor& cursor) { return parse_mailbox_and_identifier<DeleteAcl>(cursor); }

// listrights = "LISTRIGHTS" SP mailbox SP identifier
Result<ListRights> parse_list_rights(Cursor& cursor) { return parse_mailbox_and_identifier<ListRights>(cursor); }

}  // namespace imapd::wire

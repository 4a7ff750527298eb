#include "imapd/wire/parse_command.h"

#include <array>
#include <string>
#include <utility>

#include "imapd/wire/grammar_acl.h"
#include "imapd/wire/grammar_append.h"
#include "imapd/wire/grammar_atoms.h"
#include "imapd/wire/grammar_connection.h"
#include "imapd/wire/grammar_context.h"
#include "imapd/wire/grammar_fetch.h"
#include "imapd/wire/grammar_list.h"
#include "imapd/wire/grammar_login.h"
#include "imapd/wire/grammar_mailbox.h"
#include "imapd/wire/grammar_metadata.h"
#include "imapd/wire/grammar_multisearch.h"
#include "imapd/wire/grammar_notify.h"
#include "imapd/wire/grammar_quota.h"
#include "imapd/wire/grammar_search.h"
#include "imapd/wire/grammar_sets.h"
#include "imapd/wire/grammar_sort.h"

namespace imapd::wire {
namespace {

using Verb = decltype(Command::verb);
using ParseVerb = Result<Verb> (*)(Cursor&);

template <class T>
Result<Verb> as_verb(Result<T> parsed) {
  if (!parsed) return std::move(parsed.error());
  return Verb(std::in_place_type<T>, *std::move(parsed));
}

template <class T>
Result<Verb> without_arguments(Cursor&) {
  return Verb(std::in_place_type<T>);
}

template <auto parse>
Result<Verb> with_arguments(Cursor& cursor) {
  TRY(cursor.expect(' ', "before the arguments"));
  return as_verb(parse(cursor));
}

template <auto parse, auto mode>
Result<Verb> with_arguments(Cursor& cursor) {
  TRY(cursor.expect(' ', "before the arguments"));
  return as_verb(parse(cursor, mode));
}

// delete = "DELETE" SP mailbox, and the others that take just a mailbox
template <class T>
Result<T> parse_one_mailbox(Cursor& cursor) {
  TRY_ASSIGN(mailbox, parse_mailbox(cursor));
  return T{.mailbox = std::move(mailbox)};
}

// copy = "COPY" SP sequence-set SP mailbox
// move = "MOVE" SP sequence-set SP mailbox (RFC 6851)
template <class T>
Result<T> parse_to_mailbox(Cursor& cursor, Numbering numbering) {
  TRY_ASSIGN(set, parse_sequence_set(cursor));
  TRY(cursor.expect(' ', "after the sequence set"));
  TRY_ASSIGN(mailbox, parse_mailbox(cursor));
  return T{.uid = numbering == Numbering::kUid, .set = std::move(set), .mailbox = std::move(mailbox)};
}

// uid-expunge = "UID" SP "EXPUNGE" SP sequence-set (RFC 4315)
Result<UidExpunge> parse_uid_expunge(Cursor& cursor) {
  TRY_ASSIGN(uids, parse_sequence_set(cursor));
  return UidExpunge{.uids = std::move(uids)};
}

struct Entry {
  std::string_view name;
  ParseVerb parse;
};

constexpr auto kSequence = Numbering::kSequence;
constexpr auto kUid = Numbering::kUid;

// command-any, command-auth, command-nonauth and command-select; which may be given when is for the session to say.
constexpr std::array kCommands = std::to_array<Entry>({
    {"CAPABILITY", without_arguments<Capability>},
    {"NOOP", without_arguments<Noop>},
    {"LOGOUT", without_arguments<Logout>},
    {"STARTTLS", without_arguments<StartTls>},
    {"COMPRESS", with_arguments<parse_compress>},
    {"UNAUTHENTICATE", without_arguments<Unauthenticate>},
    {"LOGIN", with_arguments<parse_login>},
    {"AUTHENTICATE", with_arguments<parse_authenticate>},
    {"ENABLE", with_arguments<parse_enable>},
    {"ID", with_arguments<parse_id>},
    {"SELECT", with_arguments<parse_select, OpenMode::kReadWrite>},
    {"EXAMINE", with_arguments<parse_select, OpenMode::kReadOnly>},
    {"CREATE", with_arguments<parse_create>},
    {"DELETE", with_arguments<parse_one_mailbox<Delete>>},
    {"RENAME", with_arguments<parse_rename>},
    {"SUBSCRIBE", with_arguments<parse_one_mailbox<Subscribe>>},
    {"UNSUBSCRIBE", with_arguments<parse_one_mailbox<Unsubscribe>>},
    {"LIST", with_arguments<parse_list>},
    {"LSUB", with_arguments<parse_lsub>},
    {"NAMESPACE", without_arguments<Namespace>},
    {"STATUS", with_arguments<parse_status>},
    {"GETMETADATA", with_arguments<parse_get_metadata>},
    {"NOTIFY", with_arguments<parse_notify>},
    {"SETMETADATA", with_arguments<parse_set_metadata>},
    {"GETQUOTA", with_arguments<parse_get_quota>},
    {"GETQUOTAROOT", with_arguments<parse_get_quota_root>},
    {"SETQUOTA", with_arguments<parse_set_quota>},
    {"SETACL", with_arguments<parse_set_acl>},
    {"DELETEACL", with_arguments<parse_delete_acl>},
    {"GETACL", with_arguments<parse_one_mailbox<GetAcl>>},
    {"LISTRIGHTS", with_arguments<parse_list_rights>},
    {"MYRIGHTS", with_arguments<parse_one_mailbox<MyRights>>},
    {"APPEND", with_arguments<parse_append>},
    {"CANCELUPDATE", with_arguments<parse_cancel_update>},
    {"CHECK", without_arguments<Check>},
    {"CLOSE", without_arguments<Close>},
    {"UNSELECT", without_arguments<Unselect>},
    {"EXPUNGE", without_arguments<Expunge>},
    {"IDLE", without_arguments<Idle>},
    {"ESEARCH", with_arguments<parse_multi_search>},
    {"SEARCH", with_arguments<parse_search, kSequence>},
    {"SORT", with_arguments<parse_sort, kSequence>},
    {"THREAD", with_arguments<parse_thread, kSequence>},
    {"UID SORT", with_arguments<parse_sort, kUid>},
    {"UID THREAD", with_arguments<parse_thread, kUid>},
    {"FETCH", with_arguments<parse_fetch, kSequence>},
    {"STORE", with_arguments<parse_store, kSequence>},
    {"COPY", with_arguments<parse_to_mailbox<Copy>, kSequence>},
    {"MOVE", with_arguments<parse_to_mailbox<Move>, kSequence>},
    {"UID SEARCH", with_arguments<parse_search, kUid>},
    {"UID FETCH", with_arguments<parse_fetch, kUid>},
    {"UID STORE", with_arguments<parse_store, kUid>},
    {"UID COPY", with_arguments<parse_to_mailbox<Copy>, kUid>},
    {"REPLACE", with_arguments<parse_replace, kSequence>},
    {"UID REPLACE", with_arguments<parse_replace, kUid>},
    {"UID MOVE", with_arguments<parse_to_mailbox<Move>, kUid>},
    {"UID EXPUNGE", with_arguments<parse_uid_expunge>},
});

// command-name, with the command that UID changes.
std::string parse_command_name(Cursor& cursor) {
  std::string name = to_upper(cursor.take_while(is_atom_char));
  if (name == "UID" && cursor.skip(' ')) name += ' ' + to_upper(cursor.take_while(is_atom_char));
  return name;
}

Result<Verb> parse_verb(Cursor& cursor, std::string_view name) {
  for (const Entry& entry : kCommands) {
    if (name != entry.name) continue;
    TRY_ASSIGN(verb, entry.parse(cursor));
    if (!cursor.at_end()) return syntax_error("unexpected text after the arguments");
    return verb;
  }
  return syntax_error("unknown command");
}

}  // namespace

// command = tag SP (command-any / command-auth / command-nonauth / command-select) CRLF
std::variant<Command, BadCommand> parse_command(std::string_view frame, ParseOptions options) {
  Cursor cursor(frame, options);
  if (cursor.at_end()) return BadCommand{.tag = "*", .text = "Empty line"};
  std::string tag(cursor.take_while(is_tag_char));
  if (tag.empty() || !(cursor.peek() == ' ' || cursor.at_end())) return BadCommand{.tag = "*", .text = "Tag expected"};
  if (!cursor.skip(' ')) return BadCommand{.tag = std::move(tag), .text = "Command expected after the tag"};
  const std::string name = parse_command_name(cursor);
  if (name.empty()) return BadCommand{.tag = std::move(tag), .text = "Command expected after the tag"};
  auto verb = parse_verb(cursor, name);
  if (!verb) return BadCommand{.tag = std::move(tag), .text = printable(name) + ": " + printable_line(verb.error().message)};
  return Command{.tag = std::move(tag), .verb = *std::move(verb)};
}

}  // namespace imapd::wire

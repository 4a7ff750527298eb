#include "imapd/session/state_table.h"

#include <variant>

#include "imapd/session/uid_only.h"

namespace imapd::session {
namespace {

using Where = CommandRow::Where;
using Sync = CommandRow::Sync;

// A command with a UID form may be answered with EXPUNGE in that form only: there the client names no message numbers
// (RFC 3501, section 7.4.1).
Sync by_form(bool uid) { return uid ? Sync::kWithExpunges : Sync::kWithoutExpunges; }

struct Rows {
  CommandRow operator()(const wire::Capability&) const { return {"CAPABILITY", Where::kAnyState, Sync::kWithExpunges}; }
  CommandRow operator()(const wire::Noop&) const { return {"NOOP", Where::kAnyState, Sync::kWithExpunges}; }
  CommandRow operator()(const wire::Logout&) const { return {"LOGOUT", Where::kAnyState, Sync::kNone}; }
  CommandRow operator()(const wire::Id&) const { return {"ID", Where::kAnyState, Sync::kWithExpunges}; }
  CommandRow operator()(const wire::StartTls&) const { return {"STARTTLS", Where::kNotAuthenticated, Sync::kNone}; }
  CommandRow operator()(const wire::Compress&) const { return {"COMPRESS", Where::kAuthenticatedOrSelected, Sync::kNone}; }
  CommandRow operator()(const wire::Unauthenticate&) const {
    return {"UNAUTHENTICATE", Where::kAuthenticatedOrSelected, Sync::kNone};
  }
  CommandRow operator()(const wire::Login&) const { return {"LOGIN", Where::kNotAuthenticated, Sync::kNone}; }
  CommandRow operator()(const wire::Authenticate&) const { return {"AUTHENTICATE", Where::kNotAuthenticated, Sync::kNone}; }

  CommandRow operator()(const wire::Enable&) const { return anywhere("ENABLE"); }
  CommandRow operator()(const wire::Create&) const { return anywhere("CREATE"); }
  CommandRow operator()(const wire::Delete&) const { return anywhere("DELETE"); }
  CommandRow operator()(const wire::Rename&) const { return anywhere("RENAME"); }
  CommandRow operator()(const wire::Subscribe&) const { return anywhere("SUBSCRIBE"); }
  CommandRow operator()(const wire::Unsubscribe&) const { return anywhere("UNSUBSCRIBE"); }
  CommandRow operator()(const wire::List&) const { return anywhere("LIST"); }
  CommandRow operator()(const wire::Lsub&) const { return anywhere("LSUB"); }
  CommandRow operator()(const wire::Namespace&) const { return anywhere("NAMESPACE"); }
  CommandRow operator()(const wire::Status&) const { return anywhere("STATUS"); }
  CommandRow operator()(const wire::GetMetadata&) const { return anywhere("GETMETADATA"); }
  CommandRow operator()(const wire::SetMetadata&) const { return anywhere("SETMETADATA"); }
  CommandRow operator()(const wire::GetQuota&) const { return anywhere("GETQUOTA"); }
  CommandRow operator()(const wire::GetQuotaRoot&) const { return anywhere("GETQUOTAROOT"); }
  CommandRow operator()(const wire::SetQuota&) const { return anywhere("SETQUOTA"); }
  CommandRow operator()(const wire::SetAcl&) const { return anywhere("SETACL"); }
  CommandRow operator()(const wire::DeleteAcl&) const { return anywhere("DELETEACL"); }
  CommandRow operator()(const wire::GetAcl&) const { return anywhere("GETACL"); }
  CommandRow operator()(const wire::ListRights&) const { return anywhere("LISTRIGHTS"); }
  CommandRow operator()(const wire::MyRights&) const { return anywhere("MYRIGHTS"); }
  CommandRow operator()(const wire::Append&) const { return anywhere("APPEND"); }
  CommandRow operator()(const wire::Idle&) const { return anywhere("IDLE"); }
  CommandRow operator()(const wire::Notify&) const { return anywhere("NOTIFY"); }
  CommandRow operator()(const wire::Select& select) const {
    const bool read_only = select.mode == wire::OpenMode::kReadOnly;
    return {read_only ? "EXAMINE" : "SELECT", Where::kAuthenticatedOrSelected, Sync::kNone};
  }

  CommandRow operator()(const wire::CancelUpdate&) const { return {"CANCELUPDATE", Where::kSelected, Sync::kWithExpunges}; }
  CommandRow operator()(const wire::Check&) const { return {"CHECK", Where::kSelected, Sync::kWithExpunges}; }
  CommandRow operator()(const wire::Close&) const { return {"CLOSE", Where::kSelected, Sync::kNone}; }
  CommandRow operator()(const wire::Unselect&) const { return {"UNSELECT", Where::kSelected, Sync::kNone}; }
  CommandRow operator()(const wire::Expunge&) const { return {"EXPUNGE", Where::kSelected, Sync::kWithExpunges}; }
  CommandRow operator()(const wire::UidExpunge&) const { return {"UID EXPUNGE", Where::kSelected, Sync::kWithExpunges}; }
  CommandRow operator()(const wire::Search& search) const {
    // A UID SEARCH may name message numbers too (RFC 7162, section 3.2.10.2).
    const bool numbers = !search.uid || names_message_numbers(search.program);
    return {search.uid ? "UID SEARCH" : "SEARCH", Where::kSelected, by_form(!numbers)};
  }
  CommandRow operator()(const wire::MultiSearch& search) const {
    return {"ESEARCH", Where::kAuthenticatedOrSelected, by_form(!names_message_numbers(search.program))};
  }
  CommandRow operator()(const wire::Sort& sort) const {
    const bool numbers = !sort.uid || names_message_numbers(sort.program);
    return {sort.uid ? "UID SORT" : "SORT", Where::kSelected, by_form(!numbers)};
  }
  CommandRow operator()(const wire::Thread& thread) const {
    const bool numbers = !thread.uid || names_message_numbers(thread.program);
    return {thread.uid ? "UID THREAD" : "THREAD", Where::kSelected, by_form(!numbers)};
  }
  CommandRow operator()(const wire::Fetch& fetch) const {
    return {fetch.uid ? "UID FETCH" : "FETCH", Where::kSelected, by_form(fetch.uid)};
  }
  CommandRow operator()(const wire::Store& store) const {
    return {store.uid ? "UID STORE" : "STORE", Where::kSelected, by_form(store.uid)};
  }
  CommandRow operator()(const wire::Copy& copy) const {
    return {copy.uid ? "UID COPY" : "COPY", Where::kSelected, Sync::kWithExpunges};
  }
  CommandRow operator()(const wire::Replace& replace) const {
    return {replace.uid ? "UID REPLACE" : "REPLACE", Where::kSelected, Sync::kWithExpunges};
  }
  CommandRow operator()(const wire::Move& move) const {
    return {move.uid ? "UID MOVE" : "MOVE", Where::kSelected, Sync::kWithExpunges};
  }

  static CommandRow anywhere(std::string_view name) {
    return {name, Where::kAuthenticatedOrSelected, Sync::kWithExpunges};
  }
};

}  // namespace

CommandRow row_of(const wire::Command& command) { return std::visit(Rows(), command.verb); }

std::optional<std::string> refusal(const CommandRow& row, State state) {
  const std::string name(row.name);
  switch (row.where) {
    case Where::kAnyState:
      return std::nullopt;
    case Where::kNotAuthenticated:
      if (state == State::kNotAuthenticated) return std::nullopt;
      return name + ": already logged in";
    case Where::kAuthenticatedOrSelected:
      if (state != State::kNotAuthenticated) return std::nullopt;
      return name + ": log in first";
    case Where::kSelected:
      if (state == State::kSelected) return std::nullopt;
      return name + (state == State::kNotAuthenticated ? ": log in first" : ": select a mailbox first");
  }
  return name + ": not here";
}

}  // namespace imapd::session

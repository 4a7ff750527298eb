#include "imapd/ext/metadata.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "imapd/base/limits.h"
#include "imapd/session/queue_door.h"
#include "imapd/session/search_filters.h"
#include "imapd/session/session.h"

namespace imapd::ext {
namespace {

using auth::Right;
using session::QueueDoor;
using session::Session;
using wire::GetMetadata;
using Values = std::map<std::string, std::string>;

// Settings of a queue's policy and its counters: computed, not stored.
constexpr std::string_view kSettings = "/shared/vendor/claimq/";
// Set by the operator, never by a client (RFC 5464, section 3.2.1.1).
constexpr std::string_view kContact = "/shared/admin";

bool is_private(std::string_view entry) { return entry == "/private" || entry.starts_with("/private/"); }
bool is_setting(std::string_view entry) { return entry.starts_with(kSettings); }
// Has it settings? Queues are mailboxes of the shared tree.
bool has_settings(Session& session, const std::optional<store::MailboxInfo>& mailbox) {
  return session.services().queue_door != nullptr && mailbox && mailbox->selectable && mailbox->path.owner.empty();
}

bool is_server_administrator(const Session& session) { return session.rights(store::MailboxInfo()).has(Right::kAdminister); }

bool reaches(std::string_view asked, GetMetadata::Depth depth, std::string_view entry) {
  if (entry == asked) return true;
  if (!entry.starts_with(asked) || entry[asked.size()] != '/') return false;
  switch (depth) {
    case GetMetadata::Depth::kSelf: return false;
    case GetMetadata::Depth::kChildren: return entry.find('/', asked.size() + 1) == std::string_view::npos;
    case GetMetadata::Depth::kAll: return true;
  }
  return false;
}

// What `asked` names of `mailbox` (nullopt: the server), by the entry's name.
Result<Values> values_of(Session& session, const std::optional<store::MailboxInfo>& mailbox, const std::string& asked,
                         GetMetadata::Depth depth) {
  const store::Store& store = session.services().store;
  const MailboxId id = mailbox ? mailbox->id : store::kServerMetadata;
  const std::string owner = is_private(asked) ? session.user() : std::string();
  Values values;
  if (depth == GetMetadata::Depth::kSelf) {
    TRY_ASSIGN(value, store.metadata(id, owner, asked));
    if (value) values.emplace(asked, std::move(*value));
  } else {
    TRY_ASSIGN(stored, store.metadata_under(id, owner, asked));
    for (store::MetadataEntry& entry : stored) {
      if (reaches(asked, depth, entry.first)) values.insert(std::move(entry));
    }
  }
  if (is_private(asked) || !has_settings(session, mailbox)) return values;
  const bool may_reach = is_setting(asked) || kSettings.starts_with(asked + "/");
  // They tell how many messages there are, which is for readers (RFC 4314, section 4: STATUS).
  const auto may_count = [&session](const store::MailboxInfo& counted) {
    return session.rights(counted).has_all(auth::Rights(Right::kLookup) | Right::kRead);
  };
  if (!may_reach || !may_count(*mailbox)) return values;
  for (QueueDoor::Setting& setting : session.services().queue_door->settings(*mailbox, may_count)) {
    const std::string entry = std::string(kSettings) + setting.name;
    if (reaches(asked, depth, entry)) values.insert_or_assign(entry, std::move(setting.value));
  }
  return values;
}

// value = nstring / literal8
void append_value(std::string& to, const std::optional<std::string>& value) {
  if (!value || value->find('\0') == std::string::npos) return wire::append_nstring(to, value);
  to += '~';
  wire::append_literal_header(to, value->size());
  to += *value;
}

// One METADATA response with values.
class Response {
 public:
  Response(const std::string& mailbox, wire::MailboxNames names) : text_("METADATA ") {
    wire::append_mailbox(text_, mailbox, names);
    text_ += " (";
  }
  void add(const std::string& entry, const std::optional<std::string>& value) {
    if (!std::exchange(empty_, false)) text_ += ' ';
    wire::append_astring(text_, entry);
    text_ += ' ';
    append_value(text_, value);
  }
  bool empty() const { return empty_; }
  std::string line() && { return std::move(text_) + ')'; }

 private:
  std::string text_;
  bool empty_ = true;
};

}  // namespace

bool may_use_metadata(const Session& session, const store::MailboxInfo& mailbox) {
  const auth::Rights any = auth::Rights(Right::kRead) | Right::kSeen | Right::kWrite | Right::kInsert | Right::kPost;
  const auth::Rights rights = session.rights(mailbox);
  return rights.has(Right::kLookup) && rights.has_any(any);
}

void tell_metadata(Session& session, const store::MailboxInfo& mailbox, const std::string& name,
                   std::span<const std::string> entries) {
  if (!may_use_metadata(session, mailbox)) return;
  Response response(name, session.out().mailbox_names());
  for (const std::string& asked : entries) {
    const auto values = values_of(session, mailbox, asked, GetMetadata::Depth::kSelf);
    if (!values) continue;
    for (const auto& [entry, value] : *values) response.add(entry, value);
  }
  if (!response.empty()) session.out().line(std::move(response).line());
}

std::string changed_metadata_line(const std::string& name, std::span<const std::string> entries, wire::MailboxNames names) {
  std::string line = "METADATA ";
  wire::append_mailbox(line, name, names);
  for (const std::string& entry : entries) {
    line += ' ';
    wire::append_astring(line, entry);
  }
  return line;
}

namespace {

// nullopt: the server's annotations.
Result<std::optional<store::MailboxInfo>> target(const Session& session, const std::string& name) {
  if (name.empty()) return std::optional<store::MailboxInfo>();
  TRY_ASSIGN(mailbox, session.find(name));
  if (!may_use_metadata(session, mailbox)) return make_error(Code::kPermissionDenied, "You do not have the right to do this");
  return std::optional<store::MailboxInfo>(std::move(mailbox));
}

Error no_right() { return make_error(Code::kPermissionDenied, "You do not have the right to do this"); }

// Shared entries are others' too: changing them takes more than reading. Of the server's only administrators' word counts.
Result<void> may_set(Session& session, const std::optional<store::MailboxInfo>& mailbox, const std::string& entry) {
  if (is_private(entry)) return {};
  if (!mailbox) {
    if (!is_server_administrator(session)) return no_right();
    if (entry == kContact) return make_error(Code::kFailedPrecondition, "/shared/admin is read-only");
    return {};
  }
  const bool setting = is_setting(entry) && has_settings(session, mailbox);
  if (!session.rights(*mailbox).has(setting ? Right::kAdminister : Right::kWrite)) return no_right();
  return {};
}

session::QueueDoor::Change settings_change(Session& session, const store::MailboxInfo& queue, wire::SetMetadata& command) {
  QueueDoor::Change change;
  change.queue = queue.id;
  for (auto& [entry, value] : command.entries) change.items.push_back({entry.substr(kSettings.size()), std::move(value)});
  // Asked before the door answers, while the command waits.
  change.may_send_to = [&session](const std::string& name) {
    const auto mailbox = session.store().find_mailbox({std::string(), name});
    if (!mailbox) return is_server_administrator(session);
    return session.rights(*mailbox).has_all(auth::Rights(Right::kLookup) | Right::kInsert);
  };
  return change;
}

store::SetMetadata metadata_change(const Session& session, const std::optional<store::MailboxInfo>& mailbox,
                                   wire::SetMetadata& command) {
  store::SetMetadata request;
  if (mailbox) request.mailbox = mailbox->id;
  request.by = session.id();
  for (auto& [entry, value] : command.entries) {
    request.changes.push_back({is_private(entry) ? session.user() : std::string(), std::move(entry), std::move(value)});
  }
  return request;
}

}  // namespace
}  // namespace imapd::ext

namespace imapd::session {

Task<Reply> run(Session& session, wire::GetMetadata command) {
  const auto mailbox = ext::target(session, command.mailbox);
  if (!mailbox) co_return refused(mailbox.error());
  std::size_t longest = 0;
  for (const std::string& asked : command.entries) {
    auto values = ext::values_of(session, *mailbox, asked, command.depth);
    if (!values) co_return refused(values.error());
    ext::Response response(command.mailbox, session.out().mailbox_names());
    for (const auto& [entry, value] : *values) {
      if (command.size_max && value.size() > *command.size_max) {
        longest = std::max(longest, value.size());
      } else {
        response.add(entry, value);
      }
    }
    // Asked for by its very name, it has an answer: that there is none.
    if (values->empty() && command.depth == wire::GetMetadata::Depth::kSelf) response.add(asked, std::nullopt);
    if (!response.empty()) session.out().line(std::move(response).line());
    co_await session.flush_if_full();
  }
  co_return ok("GETMETADATA done", longest > 0 ? "METADATA LONGENTRIES " + std::to_string(longest) : std::string());
}

Task<Reply> run(Session& session, wire::SetMetadata command) {
  const auto mailbox = ext::target(session, command.mailbox);
  if (!mailbox) co_return refused(mailbox.error());
  std::size_t settings = 0;
  for (const auto& [entry, value] : command.entries) {
    if (const auto allowed = ext::may_set(session, *mailbox, entry); !allowed) co_return refused(allowed.error());
    if (value && value->size() > limits::kMetadataValueBytesMax) {
      co_return no("The value is too large", "METADATA MAXSIZE " + std::to_string(limits::kMetadataValueBytesMax));
    }
    if (!*mailbox && value) {
      if (const auto fault = fault_of_filter(entry, *value)) co_return no(*fault, wire::code::kCannot);
    }
    settings += ext::has_settings(session, *mailbox) && ext::is_setting(entry) ? 1 : 0;
  }
  if (settings == 0) {
    auto request = ext::metadata_change(session, *mailbox, command);
    const auto done = co_await async(session.store(), &store::Store::set_metadata, std::move(request));
    if (!done && done.error().code == Code::kResourceExhausted) co_return no(done.error().message, "METADATA TOOMANY");
    if (!done) co_return refused(done.error());
    co_return ok("SETMETADATA done");
  }
  // A policy is written by another verb: with both in one command it could not be all or none.
  if (settings < command.entries.size()) {
    co_return no("Settings of a queue are set by a command of their own", wire::code::kCannot);
  }
  auto change = ext::settings_change(session, **mailbox, command);
  const auto done = co_await async(*session.services().queue_door, &QueueDoor::change, std::move(change));
  if (!done) co_return refused(done.error());
  co_return ok("SETMETADATA done");
}

}  // namespace imapd::session

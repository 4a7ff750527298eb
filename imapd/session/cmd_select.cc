#include <utility>

#include "imapd/session/commands.h"
#include "imapd/session/pull.h"

// SELECT, EXAMINE (RFC 3501, section 6.3.1; RFC 7162, section 3.1.8) and UNSELECT (RFC 3691).
namespace imapd::session {
namespace {

using auth::Right;

// How far from the start of the mailbox an unseen message is looked for: UNSEEN may be left out, and clients that want it for
// certain search.
constexpr int kUnseenLookedAtMax = 256;

// Any of them lets the user change something (RFC 4314, section 5.2).
auth::Rights writing_rights() {
  return auth::Rights(Right::kInsert) | Right::kExpunge | Right::kSeen | Right::kWrite | Right::kDeleteMessages;
}

FlagSet known_flags() {
  return {SystemFlag::kAnswered, SystemFlag::kFlagged, SystemFlag::kDeleted,
          SystemFlag::kSeen,     SystemFlag::kDraft,   SystemFlag::kClaimed};
}

FlagSet permanent_flags(auth::Rights rights) {
  FlagSet flags;
  if (rights.has(Right::kWrite)) flags = known_flags();
  if (!rights.has(Right::kSeen)) flags.remove(SystemFlag::kSeen);
  if (!rights.has(Right::kDeleteMessages)) flags.remove(SystemFlag::kDeleted);
  if (rights.has(Right::kSeen)) flags.add(SystemFlag::kSeen);
  if (rights.has(Right::kDeleteMessages)) flags.add(SystemFlag::kDeleted);
  return flags;
}

std::optional<std::uint32_t> first_unseen(const store::Snapshot& snapshot, const store::MailboxInfo& mailbox, const UidSet& uids) {
  if (mailbox.counters.unseen == 0) return std::nullopt;
  std::uint32_t number = 0;
  bool found = false;
  const auto looked = snapshot.for_each(mailbox.id, uids, [&](const store::MessageState& message) {
    ++number;
    found = !message.flags.contains(SystemFlag::kSeen);
    return !found && number < kUnseenLookedAtMax;
  });
  if (!looked || !found) return std::nullopt;
  return number;
}

void tell_opened(Session& session, const store::MailboxInfo& mailbox, std::optional<std::uint32_t> unseen) {
  wire::ResponseWriter& out = session.out();
  const MailboxView& view = session.view();
  const auth::Rights rights = session.rights(mailbox);
  FlagSet flags = known_flags();
  flags.add(*Flag::parse("$Scheduled"));
  out.flags(flags);
  const bool any = !view.read_only() && rights.has(Right::kWrite);
  const FlagSet permanent = view.read_only() ? FlagSet() : permanent_flags(rights);
  out.untagged(wire::Condition::kOk, "Flags that are kept", wire::code::permanent_flags(permanent, out.claimed_as(), any));
  out.exists(view.exists());
  out.recent(view.recent_count());
  if (unseen) out.untagged(wire::Condition::kOk, "First unseen message", wire::code::unseen(*unseen));
  out.untagged(wire::Condition::kOk, "UIDs are valid", wire::code::uid_validity(mailbox.uid_validity));
  out.untagged(wire::Condition::kOk, "Predicted next UID", wire::code::uid_next(mailbox.uid_next));
  out.untagged(wire::Condition::kOk, "Highest", wire::code::highest_mod_seq(mailbox.highest_mod_seq));
}

Result<void> open(Session& session, const wire::Select& command) {
  TRY_ASSIGN(found, session.find(command.mailbox, Right::kRead));
  const bool may_write = session.rights(found).has_any(writing_rights());
  const auto mode = may_write ? command.mode : wire::OpenMode::kReadOnly;
  const bool takes_recent = mode == wire::OpenMode::kReadWrite;
  const Serial recent_from =
      session.store().recent_from(found.id, takes_recent ? store::Store::Recent::kTake : store::Store::Recent::kLook);
  const store::Snapshot snapshot = session.store().snapshot();
  TRY_ASSIGN(mailbox, snapshot.mailbox(found.id));
  TRY_ASSIGN(uids, snapshot.uids(found.id));
  TRY_ASSIGN(recent, uids_from(snapshot, found.id, uids, recent_from));
  const auto unseen = first_unseen(snapshot, mailbox, uids);
  MailboxView view(mailbox, std::move(uids), mode);
  view.add_recent(recent);
  session.select(std::move(view));
  tell_opened(session, mailbox, unseen);
  return {};
}

}  // namespace

Task<Reply> run(Session& session, wire::Select command) {
  if (command.qresync) co_return bad("QRESYNC is not offered here");
  // Whatever comes of it, the mailbox that was selected is not any more (RFC 3501, section 6.3.1).
  if (session.selected()) {
    session.unselect();
    session.out().untagged(wire::Condition::kOk, "The mailbox is closed", wire::code::kClosed);
  }
  if (command.condstore) session.enable(Feature::kCondstore);
  if (const auto opened = open(session, command); !opened) co_return refused(opened.error());
  const bool read_only = session.view().read_only();
  std::string done = command.mode == wire::OpenMode::kReadOnly ? "EXAMINE done" : "SELECT done";
  co_return ok(std::move(done), std::string(read_only ? wire::code::kReadOnly : wire::code::kReadWrite));
}

Task<Reply> run(Session& session, wire::Unselect) {
  session.unselect();
  co_return ok("UNSELECT done");
}

}  // namespace imapd::session

#include <utility>

#include <algorithm>

#include "imapd/base/limits.h"
#include "imapd/session/commands.h"
#include "imapd/session/list_line.h"
#include "imapd/session/mailbox_name.h"
#include "imapd/session/named_messages.h"
#include "imapd/session/pull.h"
#include "imapd/wire/object_id.h"
#include "imapd/session/vanished.h"

// SELECT, EXAMINE (RFC 3501, section 6.3.1; RFC 9051, section 6.3.2; RFC 7162, sections 3.1.8 and 3.2.5) and UNSELECT (RFC 3691).
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
  if (unseen && !session.uid_only() && !session.rev2()) {
    out.untagged(wire::Condition::kOk, "First unseen message", wire::code::unseen(*unseen));
  }
  out.untagged(wire::Condition::kOk, "UIDs are valid", wire::code::uid_validity(mailbox.uid_validity));
  out.untagged(wire::Condition::kOk, "Predicted next UID", wire::code::uid_next(mailbox.uid_next));
  out.untagged(wire::Condition::kOk, "Identity", wire::code::mailbox_id(wire::mailbox_object_id(mailbox.id)));
  out.untagged(wire::Condition::kOk, "Highest", wire::code::highest_mod_seq(mailbox.highest_mod_seq));
  out.untagged(wire::Condition::kOk, "Of the claim", wire::code::kAnnotations);
}

// Answers the snapshot that the view is of.
Result<store::Snapshot> open(Session& session, const wire::Select& command) {
  TRY_ASSIGN(found, session.find(command.mailbox, Right::kRead));
  const bool may_write = session.rights(found).has_any(writing_rights());
  const auto mode = may_write ? command.mode : wire::OpenMode::kReadOnly;
  // IMAP4rev2 knows no \Recent: who does may be the first to hear of these messages yet.
  const bool takes_recent = mode == wire::OpenMode::kReadWrite && !session.rev2();
  const Serial recent_from =
      session.store().recent_from(found.id, takes_recent ? store::Store::Recent::kTake : store::Store::Recent::kLook);
  store::Snapshot snapshot = session.store().snapshot();
  TRY_ASSIGN(mailbox, snapshot.mailbox(found.id));
  TRY_ASSIGN(uids, snapshot.uids(found.id));
  TRY_ASSIGN(recent, uids_from(snapshot, found.id, uids, recent_from));
  const auto unseen = first_unseen(snapshot, mailbox, uids);
  MailboxView view(mailbox, std::move(uids), mode);
  view.add_recent(recent);
  if (command.annotate) view.tell_annotations();
  session.select(std::move(view));
  tell_opened(session, mailbox, unseen);
  if (session.rev2()) {
    wire::ListLine line = list_line(session, mailbox);
    if (line.mailbox != command.mailbox) line.old_name = command.mailbox;
    session.out().list(line);
  }
  return snapshot;
}

// Why the parameters of QRESYNC are refused.
std::optional<Reply> refusal(const Session& session, const wire::QresyncParameters& known) {
  if (!session.enabled(Feature::kQresync)) return bad("QRESYNC has not been enabled");
  if (!known.sequence_match) return std::nullopt;
  if (session.uid_only()) return bad("Message numbers are not used any more", wire::code::kUidRequired);
  const auto& [numbers, uids] = *known.sequence_match;
  if (!is_sequence_match(numbers, uids)) return bad("The known message numbers and UIDs do not match or do not ascend");
  return std::nullopt;
}

// The messages of `uids` that changed after `since`, ascending. At most one piece of them is held.
Task<Result<void>> show_changed(Session& session, const store::Snapshot& snapshot, UidSet uids, ModSeq since) {
  auto changes = snapshot.changes_since(session.view().mailbox(), since, limits::kChangesPerReadMax);
  if (!changes) co_return std::move(changes.error());
  if (!changes->more) {
    std::ranges::sort(changes->changed, {}, &store::MessageState::uid);
    for (const store::MessageState& message : changes->changed) {
      if (!uids.contains(message.uid)) continue;
      session.view().show(message, session.out());
      co_await session.flush_if_full();
    }
    co_return Result<void>();
  }
  UidChunks chunks(std::move(uids), limits::kChangesPerReadMax);
  for (UidSet chunk = chunks.next(); !chunk.empty(); chunk = chunks.next()) {
    std::vector<store::MessageState> changed;
    const auto visit = [&changed, since](const store::MessageState& message) {
      if (message.mod_seq > since) changed.push_back(message);
      return true;
    };
    auto read = snapshot.for_each(session.view().mailbox(), chunk, visit);
    if (!read) co_return std::move(read.error());
    for (const store::MessageState& message : changed) {
      session.view().show(message, session.out());
      co_await session.flush_if_full();
    }
    // A piece may have been read in which nothing changed.
    co_await session.connection().let_others_run();
    if (session.ending()) co_return make_error(Code::kUnavailable, "The session is ending");
  }
  co_return Result<void>();
}

// RFC 7162, sections 3.2.5.1 and 3.2.5.2.
Task<Result<void>> resynchronize(Session& session, const store::Snapshot& snapshot, const wire::QresyncParameters& known) {
  const MailboxView& view = session.view();
  if (known.uid_validity != view.uid_validity()) co_return Result<void>();
  UidSet named;
  if (known.known_uids) {
    named = known.known_uids->resolve_uids(view.largest_uid());
  } else if (view.uid_next().value() > 1) {
    named = UidSet::range(Uid(1), Uid(view.uid_next().value() - 1));
  }
  auto vanished = snapshot.vanished_since(view.mailbox(), known.mod_seq);
  if (!vanished) co_return std::move(vanished.error());
  UidSet gone = vanished->uids.intersection(named);
  if (known.sequence_match) {
    const Uid matched = matched_up_to(known.sequence_match->first, known.sequence_match->second, view);
    if (matched != Uid(0)) gone = gone.difference(UidSet::range(Uid(1), matched));
  }
  // Before the FETCH lines, or the client might be confused about whose number is whose.
  co_await session.tell_vanished_earlier(std::move(gone));
  UidSet present = named.intersection(view.uids());
  co_return co_await show_changed(session, snapshot, std::move(present), known.mod_seq);
}

}  // namespace

Task<Reply> run(Session& session, wire::Select command) {
  if (command.qresync) {
    if (auto refused_parameters = refusal(session, *command.qresync)) co_return std::move(*refused_parameters);
  }
  // Whatever comes of it, the mailbox that was selected is not any more (RFC 3501, section 6.3.1).
  if (session.selected()) {
    session.unselect();
    session.out().untagged(wire::Condition::kOk, "The mailbox is closed", wire::code::kClosed);
  }
  if (command.condstore) session.enable(Feature::kCondstore);
  const auto opened = open(session, command);
  if (!opened) co_return refused(opened.error());
  if (command.qresync) {
    const auto resynchronized = co_await resynchronize(session, *opened, *command.qresync);
    if (!resynchronized) {
      session.unselect();
      co_return refused(resynchronized.error());
    }
  }
  const bool read_only = session.view().read_only();
  std::string done = command.mode == wire::OpenMode::kReadOnly ? "EXAMINE done" : "SELECT done";
  co_return ok(std::move(done), std::string(read_only ? wire::code::kReadOnly : wire::code::kReadWrite));
}

Task<Reply> run(Session& session, wire::Unselect) {
  session.unselect();
  co_return ok("UNSELECT done");
}

}  // namespace imapd::session

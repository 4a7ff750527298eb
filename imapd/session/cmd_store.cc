#include <algorithm>
#include <array>

#include "imapd/base/limits.h"
#include "imapd/ext/annotate.h"
#include "imapd/session/commands.h"
#include "imapd/session/flag_rights.h"
#include "imapd/session/named_messages.h"

// STORE and UID STORE (RFC 3501, section 6.4.6; RFC 7162, section 3.1.3), and with them the claim: the store decides it, here
// it is told so that a loser cannot take himself for the winner.
namespace imapd::session {
namespace {

// A store decides all that it is given at once and answers with the state of each: what one STORE holds in memory is this many.
constexpr std::size_t kMessagesPerStore = 1000;
// Facts that the server states and no client may.
constexpr std::array<std::string_view, 3> kServerKeywords = {"$Scheduled", "$Redelivered", "$Dead"};

bool is_claim(const Flag& flag) { return flag.is_system() && flag.system() == SystemFlag::kClaimed; }
bool is_server_keyword(const Flag& flag) {
  if (flag.is_system()) return false;
  return std::ranges::any_of(kServerKeywords,
                             [&flag](std::string_view name) { return equals_ignoring_case(name, flag.keyword()); });
}

store::FlagChange::Mode mode_of(wire::StoreMode mode) {
  switch (mode) {
    case wire::StoreMode::kReplace:
      return store::FlagChange::Mode::kReplace;
    case wire::StoreMode::kAdd:
      return store::FlagChange::Mode::kAdd;
    case wire::StoreMode::kRemove:
      return store::FlagChange::Mode::kRemove;
  }
  return store::FlagChange::Mode::kAdd;
}

// The change that may be made, or the reason why none may.
//
// RFC 4314, section 4: flags without the right are left alone while there is one with it; a replacement leaves alone also what it
// does not name. Not so \Claimed, which somebody waits for.
std::variant<store::FlagChange, Reply> permitted_change(const wire::Store& command, store::FlagKinds kinds) {
  const bool replaces = command.mode == wire::StoreMode::kReplace;
  const Reply no_right = no("You may not change these flags here", wire::code::kNoPerm);
  if (replaces && !kinds.seen && !kinds.deleted && !kinds.others) return no_right;
  if (command.flags.size() > limits::kKeywordsPerMessageMax) return no("Too many flags", wire::code::kLimit);

  store::FlagChange change;
  change.mode = mode_of(command.mode);
  change.kinds = kinds;
  bool lacks_right = false;
  for (const Flag& flag : command.flags) {
    if (!flag.is_system() && flag.keyword().size() > limits::kKeywordBytesMax) {
      return no("The keyword is too long", wire::code::kLimit);
    }
    // A client that puts back the flags that it saw means no harm; the store leaves these as they are.
    if (is_server_keyword(flag) && replaces) continue;
    if (is_server_keyword(flag)) return no(flag.name() + " is set and cleared by the server", wire::code::kCannot);
    if (kinds.contain(flag)) {
      change.flags.add(flag);
      continue;
    }
    if (is_claim(flag)) return no_right;
    lacks_right = true;
  }
  if (lacks_right && change.flags.empty()) return no_right;
  return change;
}

// What a STORE could not do, by reason.
struct Failures {
  UidSet modified;  // The UNCHANGEDSINCE test, or a claim lost to it.
  UidSet in_use;
  UidSet no_right;
  UidSet gone;

  bool only_modified() const { return in_use.empty() && no_right.empty() && gone.empty(); }
};

class Verdict {
 public:
  Verdict(const wire::Store& command, const MailboxView& view) : command_(command), view_(view) {}

  // Everything that was not done is named once: what was asked for and is not named was done.
  Reply reply(Failures failures, wire::ResponseWriter& out) const {
    if (!command_.unchanged_since) return unconditional(failures);
    // RFC 7162, section 3.1.3, example 11: NO where a message is gone. There 2 alone failed the test and the gone ones are left
    // for the client to find out; here they are named too, because one who asked for one message must not find OK or nothing.
    UidSet named = failures.modified;
    for (const UidSet::Range& range : failures.gone.ranges()) named.add_range(range.first, range.last);
    if (named.empty()) return unconditional(failures);
    const std::string code = modified(named);
    if (failures.only_modified()) return ok("Conditional STORE failed", code);
    // The tagged answer has room for one code, and MODIFIED must be there.
    if (!failures.in_use.empty()) out.untagged(wire::Condition::kNo, in_use_text(failures), wire::code::kInUse);
    if (!failures.no_right.empty()) out.untagged(wire::Condition::kNo, no_right_text(failures), wire::code::kNoPerm);
    return no(failures.gone.empty() ? "Conditional STORE failed" : "Some of the messages no longer exist", code);
  }

 private:
  Reply unconditional(const Failures& failures) const {
    if (!failures.in_use.empty()) return no(in_use_text(failures), wire::code::kInUse);
    if (!failures.no_right.empty()) return no(no_right_text(failures), wire::code::kNoPerm);
    if (!failures.gone.empty()) return no("Some of the messages no longer exist", wire::code::kExpungeIssued);
    return ok(command_.unchanged_since ? "Conditional STORE completed" : "STORE completed");
  }

  std::string modified(const UidSet& uids) const {
    return command_.uid ? wire::code::modified(uids) : wire::code::modified(numbers_of(view_, uids));
  }
  std::string named(const UidSet& uids) const {
    return command_.uid ? "UID " + uids.to_string() : wire::number_set(numbers_of(view_, uids));
  }
  std::string in_use_text(const Failures& failures) const { return "Not available now: " + named(failures.in_use); }
  std::string no_right_text(const Failures& failures) const { return "Held by somebody else: " + named(failures.no_right); }

  const wire::Store& command_;
  const MailboxView& view_;
};

// Messages that the client was shown and that are gone count as failed where it must know whether it won. Otherwise a UID that
// is not there is ignored (RFC 3501, section 6.4.8), and a number that is still the client's is not (RFC 2180, section 4.2).
UidSet gone_that_count(const wire::Store& command, const MailboxView& view, const UidSet& gone) {
  const bool claims = command.mode != wire::StoreMode::kRemove && std::ranges::any_of(command.flags, is_claim);
  if (!command.uid) return gone;
  if (!command.unchanged_since && !claims) return UidSet();
  UidSet all = view.expunged_before(command.set);
  for (const UidSet::Range& range : gone.ranges()) all.add_range(range.first, range.last);
  return all;
}

// One FETCH line for each message, ascending: what was stored, unless the client asked for silence, and what was refused.
Task<void> show_outcome(Session& session, const wire::Store& command, const FlagSet& flags, store::StoreFlagsOutcome& outcome) {
  const auto uid_of = [](const store::RefusedMessage& refused) { return refused.message.uid; };
  std::ranges::sort(outcome.stored, {}, &store::MessageState::uid);
  std::ranges::sort(outcome.refused, {}, uid_of);
  auto refused = outcome.refused.begin();
  for (const store::MessageState& stored : outcome.stored) {
    for (; refused != outcome.refused.end() && refused->message.uid < stored.uid; ++refused) {
      session.view().show(refused->message, session.out());
      co_await session.flush_if_full();
    }
    if (command.silent) {
      session.view().stored_silently(stored, flags, session.out());
    } else {
      session.view().show(stored, session.out());
    }
    co_await session.flush_if_full();
  }
  for (; refused != outcome.refused.end(); ++refused) {
    session.view().show(refused->message, session.out());
    co_await session.flush_if_full();
  }
}

void add_failures(const store::StoreFlagsOutcome& outcome, Failures& failures) {
  for (const store::RefusedMessage& refused : outcome.refused) {
    switch (refused.reason) {
      case store::Refusal::kModified:
        failures.modified.add(refused.message.uid);
        break;
      case store::Refusal::kInUse:
      case store::Refusal::kBlocked:
        failures.in_use.add(refused.message.uid);
        break;
      case store::Refusal::kNoRight:
        failures.no_right.add(refused.message.uid);
        break;
    }
  }
  for (const UidSet::Range& range : outcome.gone.ranges()) failures.gone.add_range(range.first, range.last);
}

}  // namespace

Task<Reply> run(Session& session, wire::Store command) {
  const auto mailbox = session.selected_mailbox();
  if (!mailbox) co_return refused(mailbox.error());
  // RFC 3501 leaves open what STORE does here; an ignored claim must not look like OK.
  if (session.view().read_only()) co_return no("The mailbox is open for reading only", wire::code::kReadOnly);
  const auto uids = named_messages(session.view(), command);
  if (!uids) co_return no_such_message();
  if (command.unchanged_since) session.enable(Feature::kCondstore);
  if (!command.annotations.empty()) co_return ext::annotation_refusal(command.annotations);
  auto permitted = permitted_change(command, changeable_flags(session.rights(*mailbox)));
  if (auto* refusal = std::get_if<Reply>(&permitted)) co_return std::move(*refusal);

  store::StoreFlags request;
  request.mailbox = mailbox->id;
  request.change = std::get<store::FlagChange>(std::move(permitted));
  request.unchanged_since = command.unchanged_since;
  request.actor = session.actor(*mailbox);
  const FlagSet flags = request.change.flags;
  // Silence would tell that all was done as asked.
  if (flags.flags().size() < command.flags.size()) command.silent = false;
  Failures failures;
  std::uint64_t done = 0;
  UidChunks chunks(*uids, kMessagesPerStore);
  for (UidSet chunk = chunks.next(); !chunk.empty(); chunk = chunks.next()) {
    done += chunk.size();
    store::StoreFlags piece = request;
    piece.uids = std::move(chunk);
    auto outcome = co_await async(session.store(), &store::Store::store_flags, std::move(piece));
    if (!outcome) co_return refused(outcome.error());
    add_failures(*outcome, failures);
    co_await show_outcome(session, command, flags, *outcome);
    co_await session.tell_progress(done, uids->size());
  }
  failures.gone = gone_that_count(command, session.view(), failures.gone);
  const Verdict verdict(command, session.view());
  co_return verdict.reply(std::move(failures), session.out());
}

}  // namespace imapd::session

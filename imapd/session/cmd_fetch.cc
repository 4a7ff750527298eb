#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>

#include "imapd/ext/annotate.h"
#include "imapd/session/commands.h"
#include "imapd/session/message_data.h"
#include "imapd/session/named_messages.h"
#include "imapd/wire/object_id.h"

// FETCH and UID FETCH (RFC 3501, section 6.4.5; RFC 7162, section 3.1.4; RFC 9394, section 3.3).
namespace imapd::session {
namespace {

constexpr std::size_t kMessagesPerRead = 256;
constexpr std::uint64_t kOctetsPerRead = 256 * 1024;
// Up to so many changes are read in one go; beyond it, the messages are gone through piece by piece.
constexpr std::uint64_t kChangesAtOnceMax = 10'000;

wire::DateTime date_time(const store::InternalDate& date) {
  return {std::chrono::floor<std::chrono::seconds>(date.time), std::chrono::minutes(date.zone_minutes)};
}

// One FETCH while it runs. Lives in the frame of run(), which outlives all that it calls.
struct Fetching {
  Session& session;
  const wire::Fetch& command;
  const FetchNeeds& needs;
  const store::MailboxInfo& mailbox;
  const store::Snapshot& snapshot;
  bool may_set_seen;
  store::Actor asker;
  std::uint64_t unreadable = 0;
  std::uint64_t undecodable = 0;  // RFC 3516: of an unknown transfer encoding.
  std::uint64_t too_large = 0;    // More was asked of them than is put together at once.

  std::uint64_t& count_of(Code code) {
    if (code == Code::kResourceExhausted) return too_large;
    return code == Code::kFailedPrecondition ? undecodable : unreadable;
  }
};

enum class Seen { kAsBefore, kJustSet };
struct Fetched {
  store::MessageState message;
  Seen seen = Seen::kAsBefore;
};
Uid uid_of(const Fetched& fetched) { return fetched.message.uid; }

// RFC 3501, section 6.4.5: BODY[...] sets \Seen, and the flags are shown when that changed them. A store that takes no writes
// still lets read.
Task<void> set_seen(Fetching& fetching, std::vector<Fetched>& batch) {  // Ascending UIDs.
  store::StoreFlags request;
  request.mailbox = fetching.mailbox.id;
  request.change.flags.add(SystemFlag::kSeen);
  for (const Fetched& fetched : batch) {
    if (!fetched.message.flags.contains(SystemFlag::kSeen)) request.uids.add(fetched.message.uid);
  }
  if (request.uids.empty()) co_return;
  request.actor = fetching.session.actor(fetching.mailbox);
  auto outcome = co_await async(fetching.session.store(), &store::Store::store_flags, std::move(request));
  if (!outcome) co_return;
  for (store::MessageState& stored : outcome->stored) {
    const auto at = std::ranges::lower_bound(batch, stored.uid, {}, uid_of);
    if (at == batch.end() || uid_of(*at) != stored.uid) continue;
    at->message = std::move(stored);
    at->seen = Seen::kJustSet;
  }
}

// A literal has no NUL (RFC 3501, section 9). Messages that came by APPEND have none either (mime/encode_nuls.h); what stands for
// one of another origin is as long, so that all sizes stay true.
void hide_nuls(std::string& octets, wire::FetchWriter::Literal literal) {
  if (literal == wire::FetchWriter::Literal::kPlain) std::ranges::replace(octets, '\0', '\x80');
}

// The octets of a literal whose header has been written. A client that slowly takes them costs one piece of memory.
Task<void> stream_octets(Fetching& fetching, const store::BodyRef& body, StoredOctets octets, wire::FetchWriter::Literal literal) {
  for (std::uint64_t done = 0; done < octets.size;) {
    auto piece = fetching.snapshot.body(body, octets.begin + done, std::min(kOctetsPerRead, octets.size - done));
    // The literal's size has been promised: what is left is to end the connection.
    if (!piece || piece->empty()) throw boost::system::system_error(boost::asio::error::fault);
    hide_nuls(*piece, literal);
    fetching.session.out().out() += *piece;
    done += piece->size();
    co_await fetching.session.flush_if_full();
  }
}

void write_state(const Fetching& fetching, const Fetched& fetched, wire::FetchWriter& line) {
  const FetchNeeds& needs = fetching.needs;
  MailboxView& view = fetching.session.view();
  const store::MessageState& message = fetched.message;
  const bool flags = needs.flags || fetched.seen == Seen::kJustSet;
  const bool mod_seq = needs.mod_seq || fetching.command.changed_since.has_value() ||
                       (fetching.session.condstore() && fetched.seen == Seen::kJustSet);
  if (needs.uid || (fetching.command.uid && !fetching.session.uid_only())) line.uid(message.uid);
  if (flags) line.flags(message.flags, view.recent(message.uid));
  if (mod_seq) line.mod_seq(message.mod_seq);
  // With MODSEQ enabled, flags without their mod-sequence leave the client behind: then they count as not yet told.
  if (flags && (mod_seq || !view.mod_seq_enabled())) view.told(message);
  for (const wire::FetchItem& item : fetching.command.items) {
    if (const auto* annotation = std::get_if<wire::FetchAnnotation>(&item)) {
      const std::string list = ext::annotation_list(*annotation, message, fetching.asker);
      if (!list.empty()) line.formed("ANNOTATION", list);
    }
    const auto* attribute = std::get_if<wire::FetchAttribute>(&item);
    if (attribute == nullptr) continue;
    if (*attribute == wire::FetchAttribute::kInternalDate) line.internal_date(date_time(message.internal_date));
    if (*attribute == wire::FetchAttribute::kRfc822Size) line.rfc822_size(message.size());
    if (*attribute == wire::FetchAttribute::kEmailId) line.email_id(wire::email_object_id(message.email_id));
    if (*attribute == wire::FetchAttribute::kThreadId) line.formed("THREADID", "NIL");
    if (*attribute == wire::FetchAttribute::kSaveDate) line.save_date(date_time({message.saved, 0}));
  }
}

Task<void> write_section(Fetching& fetching, const store::MessageState& message, const FormedSection& formed,
                         wire::FetchWriter& line) {
  if (!formed.content) {
    line.section(*formed.section, std::nullopt);
    co_return;
  }
  if (const auto* text = std::get_if<std::string>(&*formed.content)) {
    std::string octets = *text;
    hide_nuls(octets, formed.literal);
    line.section(*formed.section, octets, formed.literal);
    co_return;
  }
  const StoredOctets octets = std::get<StoredOctets>(*formed.content);
  if (octets.size == 0) {
    line.section(*formed.section, std::string_view());
    co_return;
  }
  line.section_header(*formed.section, octets.size, formed.literal);
  co_await stream_octets(fetching, message.body, octets, formed.literal);
}

// Patterns of annotations alone were asked for, and match nothing: neither their list nor a line may be empty.
bool has_nothing_to_show(const Fetching& fetching, const store::MessageState& message) {
  const wire::Fetch& command = fetching.command;
  if ((command.uid && !fetching.session.uid_only()) || command.changed_since) return false;
  return std::ranges::all_of(command.items, [&](const wire::FetchItem& item) {
    const auto* annotation = std::get_if<wire::FetchAnnotation>(&item);
    return annotation != nullptr && ext::annotation_list(*annotation, message, fetching.asker).empty();
  });
}

Task<void> write_message(Fetching& fetching, const Fetched& fetched) {
  const MailboxView& view = fetching.session.view();
  if (!view.number_of(fetched.message.uid) || has_nothing_to_show(fetching, fetched.message)) co_return;
  const auto items = form_content(fetching.snapshot, fetched.message, fetching.command.items, fetching.needs);
  if (!items) {
    ++fetching.count_of(items.error().code);
    co_return;
  }
  wire::FetchWriter line = view.fetch_line(fetched.message.uid, fetching.session.out());
  write_state(fetching, fetched, line);
  for (const FormedItem& item : *items) {
    if (const auto* structure = std::get_if<FormedStructure>(&item)) {
      line.formed(structure->name, structure->value);
      continue;
    }
    co_await write_section(fetching, fetched.message, std::get<FormedSection>(item), line);
  }
  line.finish();
  co_await fetching.session.flush_if_full();
}

Task<void> write_batch(Fetching& fetching, std::vector<Fetched> batch) {
  if (fetching.may_set_seen) co_await set_seen(fetching, batch);
  for (const Fetched& fetched : batch) co_await write_message(fetching, fetched);
}

// Asks the index of changes, so that it costs what has changed and not what is there.
Task<Result<void>> fetch_changed(Fetching& fetching, const UidSet& uids) {
  auto changes = fetching.snapshot.changes_since(fetching.mailbox.id, *fetching.command.changed_since, kChangesAtOnceMax + 1);
  if (!changes) co_return std::move(changes.error());
  std::vector<Fetched> changed;
  for (store::MessageState& message : changes->changed) {
    if (uids.contains(message.uid)) changed.push_back(Fetched{std::move(message)});
  }
  std::ranges::sort(changed, {}, uid_of);
  co_await write_batch(fetching, std::move(changed));
  co_return Result<void>();
}

// Counts the messages that are gone while the client still has a number for them.
Task<Result<std::uint64_t>> fetch_each(Fetching& fetching, const UidSet& uids) {
  // iOS sends CHANGEDSINCE 0 for everything.
  const ModSeq since = fetching.command.changed_since.value_or(ModSeq(0));
  std::uint64_t gone = 0;
  std::uint64_t done = 0;
  UidChunks chunks(uids, kMessagesPerRead);
  for (UidSet chunk = chunks.next(); !chunk.empty(); chunk = chunks.next()) {
    std::vector<Fetched> batch;
    gone += chunk.size();
    done += chunk.size();
    const auto visit = [&batch, &gone, since](const store::MessageState& message) {
      --gone;
      if (message.mod_seq > since) batch.push_back(Fetched{message});
      return true;
    };
    auto read = fetching.snapshot.for_each(fetching.mailbox.id, chunk, visit);
    if (!read) co_return std::move(read.error());
    co_await write_batch(fetching, std::move(batch));
    co_await fetching.session.tell_progress(done, uids.size());
  }
  co_return gone;
}

// RFC 7162, section 3.2.6. `*` is the last UID that there was and not the last that is there: the messages that went from the
// end would be missed. What this client still has a number for goes out as VANISHED without EARLIER, when the command is done.
Task<Result<void>> tell_vanished(Fetching& fetching, Uid uid_next) {
  if (uid_next.value() <= 1) co_return Result<void>();
  const MailboxView& view = fetching.session.view();
  auto vanished = fetching.snapshot.vanished_since(fetching.mailbox.id, *fetching.command.changed_since);
  if (!vanished) co_return std::move(vanished.error());
  const UidSet named = fetching.command.set.resolve_uids(Uid(uid_next.value() - 1));
  UidSet gone = vanished->uids.intersection(named).difference(view.uids());
  co_await fetching.session.tell_vanished_earlier(std::move(gone));
  co_return Result<void>();
}

// Each change of a mailbox takes one mod-sequence at least, so their distance bounds the number of changes.
bool few_changes(const wire::Fetch& command, const store::MailboxInfo& mailbox) {
  if (!command.changed_since) return false;
  return *command.changed_since >= mailbox.highest_mod_seq ||
         mailbox.highest_mod_seq.value() - command.changed_since->value() <= kChangesAtOnceMax;
}

}  // namespace

Task<Reply> run(Session& session, wire::Fetch command) {
  if (command.vanished && !session.enabled(Feature::kQresync)) co_return bad("QRESYNC has not been enabled");
  const auto mailbox = session.selected_mailbox();
  if (!mailbox) co_return refused(mailbox.error());
  auto uids = named_messages(session.view(), command);
  if (!uids) co_return no_such_message();
  // RFC 9394, section 3.4: of all that are named, whether they have changed since or not. VANISHED goes by the set alone: what is
  // gone has no place among the messages.
  if (command.partial) {
    const auto [begin, end] = command.partial->of(uids->size());
    uids = part_of(*uids, begin, end);
  }
  const FetchNeeds needs(command.items);
  if (needs.mod_seq || command.changed_since) session.enable(Feature::kCondstore);

  const store::Snapshot snapshot = session.store().snapshot();
  const bool may_set_seen = needs.sets_seen && !session.view().read_only() && session.rights(*mailbox).has(auth::Right::kSeen);
  Fetching fetching{session, command, needs, *mailbox, snapshot, may_set_seen, session.actor(*mailbox)};
  std::uint64_t gone = 0;
  // Of the snapshot, so that the bound holds for what is read from it and no change is cut off.
  const auto present = snapshot.mailbox(mailbox->id);
  if (!present) co_return refused(present.error());
  if (command.vanished) {
    const auto told = co_await tell_vanished(fetching, present->uid_next);
    if (!told) co_return refused(told.error());
  }
  if (few_changes(command, *present)) {
    const auto fetched = co_await fetch_changed(fetching, *uids);
    if (!fetched) co_return refused(fetched.error());
  } else {
    const auto fetched = co_await fetch_each(fetching, *uids);
    if (!fetched) co_return refused(fetched.error());
    gone = *fetched;
  }
  if (fetching.unreadable > 0) co_return no("Some of the messages could not be read", wire::code::kCorruption);
  if (fetching.undecodable > 0) co_return no("The transfer encoding of a part is unknown", wire::code::kUnknownCte);
  if (fetching.too_large > 0) co_return no("Ask for less of each message at once", wire::code::kLimit);
  // RFC 2180, section 4.1.2, with the code of RFC 5530. A UID that is not there is ignored (RFC 3501, section 6.4.8).
  if (gone > 0 && !command.uid) co_return no("Some of the messages no longer exist", wire::code::kExpungeIssued);
  co_return ok("FETCH completed");
}

}  // namespace imapd::session

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "imapd/base/uid_set.h"
#include "imapd/session/sequence_map.h"
#include "imapd/store/mailbox.h"
#include "imapd/store/verbs.h"
#include "imapd/wire/command.h"
#include "imapd/wire/response.h"

namespace imapd::session {

// What one client has been told of the mailbox that it has selected, and so what its message numbers mean.
//
// Operation    take() is given what the store knows to have changed; tell_some() turns that into EXPUNGE (or VANISHED), EXISTS,
//              RECENT and FETCH lines. Where EXPUNGE may not be sent (RFC 3501, section 7.4.1) it is withheld: the messages keep their
//              numbers until a later call may tell it, while everything else is told. So for the client, and here, a message
//              exists until its EXPUNGE was sent.
// Invariants   I5: told_mod_seq() stays below the mod-sequence of every EXPUNGE that has not been sent.
// Concurrency  One session's strand.
// Limits       See SequenceMap. What was expunged is remembered as ranges, at most kGoneRangesMax of them.
class MailboxView {
 public:
  enum class Expunges { kTell, kWithhold };
  // How messages are named to this client: by numbers; the same, but VANISHED for EXPUNGE (QRESYNC: RFC 7162, section 3.2.10);
  // by UIDs alone (UIDONLY: RFC 9586), VANISHED and UIDFETCH.
  enum class Names { kNumbers, kVanished, kUidsOnly };
  static constexpr std::size_t kGoneRangesMax = 4096;

  // `uids` is of the same snapshot as `info`.
  MailboxView(const store::MailboxInfo& info, UidSet uids, wire::OpenMode mode);

  MailboxId mailbox() const { return mailbox_; }
  UidValidity uid_validity() const { return uid_validity_; }
  bool read_only() const { return mode_ == wire::OpenMode::kReadOnly; }

  // --- numbers ---
  std::uint32_t exists() const { return known_.size(); }
  std::optional<Uid> uid_at(std::uint32_t number) const { return known_.uid_at(number); }
  std::optional<std::uint32_t> number_of(Uid uid) const { return known_.number_of(uid); }
  Uid largest_uid() const { return known_.largest(); }
  const UidSet& uids() const { return known_.uids(); }
  // The messages that a set of numbers names. nullopt: it names one that is not there (answer BAD).
  std::optional<UidSet> resolve_numbers(const wire::SequenceSet& numbers) const;
  // Those messages of a set of UIDs that the client knows; the others are ignored (RFC 3501, section 6.4.8).
  UidSet resolve_uids(const wire::SequenceSet& uids) const;
  // Those UIDs of the set whose messages this client was shown and whose EXPUNGE it has been sent. With resolve_uids(): all that
  // it was ever shown. A message that is gone and whose EXPUNGE is withheld is still among resolve_uids().
  UidSet expunged_before(const wire::SequenceSet& uids) const;

  // --- `$`, the result that was saved last (RFC 5182) ---
  // The sets above may name it. What is expunged leaves it as its EXPUNGE is sent.
  void save(UidSet uids) { saved_ = std::move(uids); }
  const UidSet& saved() const { return saved_; }

  // --- \Recent, which is a flag of this view and not of a message (RFC 3501, section 2.3.2) ---
  bool recent(Uid uid) const { return recent_.contains(uid); }
  std::uint32_t recent_count() const { return static_cast<std::uint32_t>(recent_.size()); }
  void add_recent(const UidSet& uids);

  // --- what was told ---
  // The HIGHESTMODSEQ that may be sent now: everything up to it has been told, each EXPUNGE included.
  ModSeq told_mod_seq() const {
    const ModSeq told = pending() ? floor_ : pulled_;
    return flags_passed_over_ ? std::min(told, *flags_passed_over_) : told;
  }
  // MODSEQ is part of every FETCH line with FLAGS from now on (RFC 7162, section 3.1).
  void enable_mod_seq() { mod_seq_enabled_ = true; }
  bool mod_seq_enabled() const { return mod_seq_enabled_; }
  void set_names(Names names) { names_ = names; }
  Names names() const { return names_; }
  // Begins a line about a message that the client knows: `* n FETCH (`, or `* u UIDFETCH (`.
  wire::FetchWriter fetch_line(Uid uid, wire::ResponseWriter& out) const;
  // `* n FETCH (UID u FLAGS (...) MODSEQ (m))`, and remembers it as told. Nothing when the client does not know the message.
  void show(const store::MessageState& message, wire::ResponseWriter& out);
  // The client has been shown FLAGS as of `message` by a line that the caller wrote.
  void told(const store::MessageState& message);
  // The end of a STORE.SILENT that named `flags`: `FETCH (UID u MODSEQ (m))` when MODSEQ is enabled, else nothing. If somebody
  // else changed another flag that this client has not been told, show() instead: .SILENT keeps only one's own changes quiet
  // (RFC 3501, section 6.4.6).
  void stored_silently(const store::MessageState& message, const FlagSet& flags, wire::ResponseWriter& out);

  // Whether tell_some() shows the flags that others changed (RFC 5465: FlagChange). What was passed over meanwhile is told when it
  // does again; told_mod_seq() does not go past it.
  void set_tells_flags(bool tells);

  // From now on show() names the annotations (RFC 5257) that a change of the claim has changed.
  void tell_annotations() { tells_annotations_ = true; }

  // --- synchronizing ---
  // What to ask the store for: Snapshot::changes_since(mailbox(), pulled()).
  ModSeq pulled() const { return pulled_; }
  Uid uid_next() const { return uid_next_; }
  // While `changes.more`, only tell_some(kWithhold) may be called before the next piece is taken: new messages have numbers
  // only then.
  // `present`: the snapshot's UIDs; needed only when `changes` is kBehindHorizon.
  void take(store::Changes changes, const UidSet* present);
  // Writes what there is to tell until `out` holds about `bytes_max`; call again after flushing while it says kMore.
  enum class Progress { kDone, kMore };
  Progress tell_some(Expunges expunges, wire::ResponseWriter& out, std::size_t bytes_max);
  bool withholds_expunges() const { return !gone_untold_.empty(); }
  // What the client has a number for though it is gone: EXPUNGE is owed.
  const UidSet& expunges_owed() const { return gone_untold_; }

  // --- for results that are kept up to date (search_context.h) ---
  // From now on, or no longer: which messages come and change, whoever did it and whether the client is told of it otherwise or not.
  void watch(bool on);
  // Those since the last call that the client knows.
  UidSet take_watched();

 private:
  bool pending() const { return !gone_untold_.empty() || !arriving_.empty() || arrived_ || !changed_.empty(); }
  void tell_expunges(wire::ResponseWriter& out, std::size_t bytes_max);
  // Write as much of gone_untold_ as there is room for, and answer what.
  UidSet write_expunges(wire::ResponseWriter& out, std::size_t bytes_max) const;
  UidSet write_vanished(wire::ResponseWriter& out, std::size_t bytes_max) const;
  void remember_gone(const UidSet& gone);
  ModSeq known_mod_seq(Uid uid) const;
  bool claim_changed(const store::MessageState& message) const;

  const MailboxId mailbox_;
  const UidValidity uid_validity_;
  const wire::OpenMode mode_;
  bool mod_seq_enabled_ = false;
  Names names_ = Names::kNumbers;
  SequenceMap known_;
  UidSet recent_;
  UidSet saved_;
  UidSet gone_told_;    // Shown once, EXPUNGE sent.
  UidSet gone_untold_;  // In known_, but gone: EXPUNGE owed.
  UidSet arriving_;     // New in pieces of the changes taken so far; in known_ once all were taken.
  bool arrived_ = false;                     // EXISTS owed.
  std::vector<store::MessageState> changed_;  // FETCH owed, in reverse order.
  ModSeq pulled_;  // The store's changes up to here were taken.
  ModSeq floor_;   // pulled_ as it was when nothing was owed.
  Uid uid_next_;   // Messages from here on have not been announced.
  bool watching_ = false;
  std::vector<Uid> watched_;
  bool tells_flags_ = true;
  bool tells_annotations_ = false;
  std::unordered_set<Uid> claims_changed_;  // Of those in changed_, while tells_annotations_.
  std::optional<ModSeq> flags_passed_over_;  // All changes of flags up to here were told, and not all after it.
  std::unordered_map<Uid, ModSeq> told_;  // Shown as of a mod-sequence after pulled_.
};

}  // namespace imapd::session

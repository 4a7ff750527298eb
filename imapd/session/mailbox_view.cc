#include "imapd/session/mailbox_view.h"

#include <algorithm>
#include <utility>

#include "imapd/base/check.h"
#include "imapd/ext/annotate.h"
#include "imapd/search/match.h"
#include "imapd/session/vanished.h"

namespace imapd::session {

MailboxView::MailboxView(const store::MailboxInfo& info, UidSet uids, wire::OpenMode mode)
    : mailbox_(info.id),
      uid_validity_(info.uid_validity),
      mode_(mode),
      known_(std::move(uids)),
      pulled_(info.highest_mod_seq),
      floor_(info.highest_mod_seq),
      uid_next_(info.uid_next) {}

std::optional<UidSet> MailboxView::resolve_numbers(const wire::SequenceSet& numbers) const {
  UidSet named = numbers.has_saved() ? saved_ : UidSet();
  if (exists() == 0 && !numbers.ranges().empty()) return std::nullopt;
  for (const auto& range : numbers.resolve(exists())) {
    if (range.first == 0 || range.last > exists()) return std::nullopt;
    named.add_range(*uid_at(range.first), *uid_at(range.last));
  }
  return named.intersection(uids());
}

UidSet MailboxView::resolve_uids(const wire::SequenceSet& named) const {
  UidSet resolved = named.resolve_uids(largest_uid());
  if (named.has_saved()) {
    for (const UidSet::Range& range : saved_.ranges()) resolved.add_range(range.first, range.last);
  }
  return resolved.intersection(uids());
}

UidSet MailboxView::expunged_before(const wire::SequenceSet& named) const {
  return named.resolve_uids(largest_uid()).intersection(gone_told_).difference(uids());
}

void MailboxView::add_recent(const UidSet& recent) {
  for (const UidSet::Range& range : recent.ranges()) recent_.add_range(range.first, range.last);
}

ModSeq MailboxView::known_mod_seq(Uid uid) const {
  const auto at = told_.find(uid);
  return at == told_.end() ? pulled_ : std::max(pulled_, at->second);
}

bool MailboxView::claim_changed(const store::MessageState& message) const {
  return search::flag_mod_seq(message, SystemFlag::kClaimed) > known_mod_seq(message.uid);
}

wire::FetchWriter MailboxView::fetch_line(Uid uid, wire::ResponseWriter& out) const {
  if (names_ == Names::kUidsOnly) return wire::FetchWriter(out, uid);
  return wire::FetchWriter(out, *number_of(uid));
}

void MailboxView::show(const store::MessageState& message, wire::ResponseWriter& out) {
  if (!number_of(message.uid)) return;
  wire::FetchWriter line = fetch_line(message.uid, out);
  if (names_ != Names::kUidsOnly) line.uid(message.uid);
  line.flags(message.flags, recent(message.uid));
  if (mod_seq_enabled_) line.mod_seq(message.mod_seq);
  const bool taken = claims_changed_.erase(message.uid) > 0;
  if (taken || (tells_annotations_ && claim_changed(message))) line.formed("ANNOTATION", ext::changed_annotations());
  line.finish();
  told(message);
}

void MailboxView::told(const store::MessageState& message) {
  if (message.mod_seq <= pulled_) return;
  ModSeq& known = told_[message.uid];
  known = std::max(known, message.mod_seq);
}

void MailboxView::stored_silently(const store::MessageState& message, const FlagSet& flags, wire::ResponseWriter& out) {
  if (!number_of(message.uid)) return;
  const ModSeq known = known_mod_seq(message.uid);
  const bool others_untold =
      std::any_of(message.flag_mod_seqs.begin(), message.flag_mod_seqs.end(), [&](const store::FlagModSeq& changed) {
        if (changed.mod_seq <= known) return false;
        const auto flag = Flag::parse(changed.flag);
        return !flag || !flags.contains(*flag);
      });
  if (others_untold) {
    show(message, out);
    return;
  }
  if (mod_seq_enabled_) {
    wire::FetchWriter line = fetch_line(message.uid, out);
    if (names_ != Names::kUidsOnly) line.uid(message.uid);
    line.mod_seq(message.mod_seq);
    line.finish();
  }
  told(message);
}

void MailboxView::set_tells_flags(bool tells) {
  tells_flags_ = tells;
  if (!tells || !flags_passed_over_) return;
  // Asked for again from there, they come with the next changes.
  const ModSeq from = *std::exchange(flags_passed_over_, std::nullopt);
  if (pending()) floor_ = std::min(floor_, from);
  pulled_ = std::min(pulled_, from);
}

void MailboxView::take(store::Changes changes, const UidSet* present) {
  if (!pending()) floor_ = pulled_;
  UidSet vanished = changes.vanished.intersection(uids());
  arriving_ = arriving_.difference(changes.vanished);
  if (changes.completeness == store::Changes::Completeness::kBehindHorizon) {
    CHECK(present != nullptr);
    vanished = uids().difference(*present);
    arriving_ = arriving_.intersection(*present);
  }
  for (const UidSet::Range& range : vanished.ranges()) gone_untold_.add_range(range.first, range.last);

  std::vector<store::MessageState> changed;
  for (store::MessageState& message : changes.changed) {
    if (watching_) watched_.push_back(message.uid);
    if (message.uid >= uid_next_) {
      arriving_.add(message.uid);
    } else if (message.mod_seq > known_mod_seq(message.uid) && uids().contains(message.uid)) {
      if (tells_annotations_ && claim_changed(message)) claims_changed_.insert(message.uid);
      changed.push_back(std::move(message));
    }
  }
  // A piece of the changes may hold a message and a later one another with a smaller UID: numbers are given once all are known.
  if (!changes.more) {
    arriving_.for_each([this](Uid uid) { known_.append(uid); });
    arrived_ = arrived_ || !arriving_.empty();
    arriving_ = UidSet();
    uid_next_ = std::max(uid_next_, changes.uid_next);
  }

  // What is owed from an earlier take() and has changed again is shown in its later state only.
  if (!changed_.empty()) {
    std::unordered_map<Uid, ModSeq> newer;
    for (const auto& message : changed) newer.emplace(message.uid, message.mod_seq);
    std::erase_if(changed_, [&](const auto& message) { return newer.contains(message.uid); });
  }
  std::reverse(changed.begin(), changed.end());
  changed_.insert(changed_.begin(), std::make_move_iterator(changed.begin()), std::make_move_iterator(changed.end()));

  pulled_ = std::max(pulled_, changes.highest_mod_seq);
  std::erase_if(told_, [this](const auto& entry) { return entry.second <= pulled_; });
}

void MailboxView::watch(bool on) {
  watching_ = on;
  if (!on) watched_ = {};
}

UidSet MailboxView::take_watched() {
  std::vector<Uid> watched = std::exchange(watched_, {});
  std::ranges::sort(watched);
  UidSet uids;
  for (const Uid uid : watched) uids.add(uid);
  return uids.intersection(known_.uids());
}

MailboxView::Progress MailboxView::tell_some(Expunges expunges, wire::ResponseWriter& out, std::size_t bytes_max) {
  if (expunges == Expunges::kTell) {
    tell_expunges(out, bytes_max);
    if (!gone_untold_.empty()) return Progress::kMore;
  }
  if (arrived_) {
    out.exists(exists());
    out.recent(recent_count());
    arrived_ = false;
  }
  if (!tells_flags_ && !changed_.empty()) {
    if (!flags_passed_over_) flags_passed_over_ = floor_;
    changed_.clear();
    claims_changed_.clear();  // Found anew when flags are told again.
  }
  while (!changed_.empty()) {
    if (out.out().size() >= bytes_max) return Progress::kMore;
    // One that is gone and whose EXPUNGE is withheld still has its number: the flags it had last are true of it.
    const store::MessageState message = std::move(changed_.back());
    changed_.pop_back();
    show(message, out);
  }
  return Progress::kDone;
}

UidSet MailboxView::write_expunges(wire::ResponseWriter& out, std::size_t bytes_max) const {
  UidSet told;
  std::uint32_t removed = 0;
  for (const UidSet::Range& range : gone_untold_.ranges()) {
    for (std::uint64_t uid = range.first.value(); uid <= range.last.value(); ++uid) {
      if (out.out().size() >= bytes_max) return told;
      const Uid gone(static_cast<std::uint32_t>(uid));
      // Each line renumbers what is behind it, so the next one counts from there (RFC 3501, section 7.4.1).
      out.expunge(*number_of(gone) - removed);
      ++removed;
      told.add(gone);
    }
  }
  return told;
}

UidSet MailboxView::write_vanished(wire::ResponseWriter& out, std::size_t bytes_max) const {
  UidSet told;
  for (UidRangeChunks chunks(gone_untold_); out.out().size() < bytes_max;) {
    const UidSet chunk = chunks.next();
    if (chunk.empty()) break;
    out.vanished(chunk, false);
    for (const UidSet::Range& range : chunk.ranges()) told.add_range(range.first, range.last);
  }
  return told;
}

void MailboxView::tell_expunges(wire::ResponseWriter& out, std::size_t bytes_max) {
  const UidSet told = names_ == Names::kNumbers ? write_expunges(out, bytes_max) : write_vanished(out, bytes_max);
  if (told.empty()) return;
  known_.remove(told);
  recent_ = recent_.difference(told);
  saved_ = saved_.difference(told);
  gone_untold_ = gone_untold_.difference(told);
  remember_gone(told);
  std::erase_if(told_, [&](const auto& entry) { return told.contains(entry.first); });
  std::erase_if(claims_changed_, [&](Uid uid) { return told.contains(uid); });
}

void MailboxView::remember_gone(const UidSet& gone) {
  for (const UidSet::Range& range : gone.ranges()) gone_told_.add_range(range.first, range.last);
  const auto& ranges = gone_told_.ranges();
  if (ranges.size() <= kGoneRangesMax) return;
  // The older half becomes one range. The UIDs in its gaps were never shown, or are known and so not asked for: a client that
  // names one is told "gone" where it could be told nothing, never the other way round.
  UidSet merged = UidSet::range(ranges.front().first, ranges[ranges.size() / 2].last);
  for (std::size_t i = ranges.size() / 2 + 1; i < ranges.size(); ++i) merged.add_range(ranges[i].first, ranges[i].last);
  gone_told_ = std::move(merged);
}

}  // namespace imapd::session

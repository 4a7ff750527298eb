#include "imapd/session/mailbox_view.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace imapd::session {
namespace {

using store::Changes;
using store::MessageState;

constexpr std::size_t kNoBound = 1 << 20;

store::MailboxInfo mailbox(std::uint32_t uid_next, std::uint64_t mod_seq) {
  store::MailboxInfo info;
  info.id = MailboxId(1);
  info.uid_validity = UidValidity(7);
  info.uid_next = Uid(uid_next);
  info.highest_mod_seq = ModSeq(mod_seq);
  return info;
}

MessageState message(std::uint32_t uid, std::uint64_t mod_seq, FlagSet flags = {}) {
  MessageState state;
  state.serial = Serial(uid);
  state.uid = Uid(uid);
  state.mod_seq = ModSeq(mod_seq);
  state.flags = std::move(flags);
  return state;
}

Changes changes(std::uint64_t highest, std::uint32_t uid_next, std::vector<MessageState> changed, UidSet vanished = {}) {
  Changes all;
  all.highest_mod_seq = ModSeq(highest);
  all.uid_next = Uid(uid_next);
  all.changed = std::move(changed);
  all.vanished = std::move(vanished);
  return all;
}

MailboxView view_of(std::uint32_t count, std::uint64_t mod_seq) {
  UidSet uids;
  if (count > 0) uids.add_range(Uid(1), Uid(count));
  return MailboxView(mailbox(count + 1, mod_seq), uids, wire::OpenMode::kReadWrite);
}

std::string told(MailboxView& view, MailboxView::Expunges expunges) {
  std::string text;
  wire::ResponseWriter out(text);
  EXPECT_EQ(view.tell_some(expunges, out, kNoBound), MailboxView::Progress::kDone);
  return text;
}

constexpr auto kTell = MailboxView::Expunges::kTell;
constexpr auto kWithhold = MailboxView::Expunges::kWithhold;

TEST(MailboxView, NewMessagesAreAnnouncedWithExists) {
  auto view = view_of(2, 10);
  view.add_recent(UidSet::of(Uid(3)));
  view.take(changes(11, 4, {message(3, 11)}), nullptr);
  EXPECT_EQ(told(view, kTell), "* 3 EXISTS\r\n* 1 RECENT\r\n");
  EXPECT_EQ(view.told_mod_seq(), ModSeq(11));
}

TEST(MailboxView, ChangesOfOthersAreToldWithUidAndOnceEnabledWithModSeq) {
  auto view = view_of(2, 10);
  view.take(changes(11, 3, {message(2, 11, {SystemFlag::kSeen})}), nullptr);
  EXPECT_EQ(told(view, kTell), "* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n");
  view.enable_mod_seq();
  view.take(changes(12, 3, {message(2, 12)}), nullptr);
  EXPECT_EQ(told(view, kTell), "* 2 FETCH (UID 2 FLAGS () MODSEQ (12))\r\n");
}

TEST(MailboxView, WithheldExpungeKeepsNumbersAndHoldsBackHighestModSeq) {
  auto view = view_of(4, 10);
  view.take(changes(12, 6, {message(3, 12, {SystemFlag::kFlagged}), message(5, 12)}, UidSet::of(Uid(2))), nullptr);
  EXPECT_EQ(told(view, kWithhold), "* 5 EXISTS\r\n* 0 RECENT\r\n* 3 FETCH (UID 3 FLAGS (\\Flagged))\r\n");
  EXPECT_EQ(view.told_mod_seq(), ModSeq(10));
  EXPECT_EQ(view.uid_at(2), Uid(2));
  EXPECT_TRUE(view.withholds_expunges());

  EXPECT_EQ(told(view, kTell), "* 2 EXPUNGE\r\n");
  EXPECT_EQ(view.told_mod_seq(), ModSeq(12));
  EXPECT_EQ(view.uid_at(2), Uid(3));
}

TEST(MailboxView, ExpungesCountDownAsTheyAreSent) {
  auto view = view_of(11, 10);
  UidSet gone;
  for (const std::uint32_t uid : {3u, 4u, 7u, 11u}) gone.add(Uid(uid));
  view.take(changes(11, 12, {}, gone), nullptr);
  // The example of RFC 3501, section 6.4.3.
  EXPECT_EQ(told(view, kTell), "* 3 EXPUNGE\r\n* 3 EXPUNGE\r\n* 5 EXPUNGE\r\n* 8 EXPUNGE\r\n");
}

TEST(MailboxView, WhatTheClientWasShownIsNotEchoed) {
  auto view = view_of(2, 10);
  view.told(message(1, 11));
  view.take(changes(11, 3, {message(1, 11)}), nullptr);
  EXPECT_EQ(told(view, kTell), "");
  view.told(message(1, 12));
  view.take(changes(13, 3, {message(1, 13)}), nullptr);  // Changed again by somebody else.
  EXPECT_EQ(told(view, kTell), "* 1 FETCH (UID 1 FLAGS ())\r\n");
}

TEST(MailboxView, SilentStoreShowsWhatOthersChangedMeanwhile) {
  auto view = view_of(2, 10);
  std::string text;
  wire::ResponseWriter out(text);
  auto state = message(1, 12, {SystemFlag::kDeleted, SystemFlag::kSeen});
  state.flag_mod_seqs = {{"\\Deleted", ModSeq(12)}, {"\\Seen", ModSeq(11)}};
  view.stored_silently(state, {SystemFlag::kDeleted}, out);
  EXPECT_EQ(text, "* 1 FETCH (UID 1 FLAGS (\\Deleted \\Seen))\r\n");

  text.clear();
  auto quiet = message(2, 13, {SystemFlag::kDeleted});
  quiet.flag_mod_seqs = {{"\\Deleted", ModSeq(13)}, {"\\Seen", ModSeq(9)}};
  view.stored_silently(quiet, {SystemFlag::kDeleted}, out);
  EXPECT_EQ(text, "");
  view.take(changes(13, 3, {state, quiet}), nullptr);
  EXPECT_EQ(told(view, kTell), "");
}

TEST(MailboxView, SilentStoreOwesModSeqOnceEnabled) {
  auto view = view_of(2, 10);
  view.enable_mod_seq();
  std::string text;
  wire::ResponseWriter out(text);
  view.stored_silently(message(2, 13), {SystemFlag::kDeleted}, out);
  EXPECT_EQ(text, "* 2 FETCH (UID 2 MODSEQ (13))\r\n");
}

TEST(MailboxView, BehindTheHorizonTheUidsThatAreThereDecide) {
  auto view = view_of(5, 10);
  auto all = changes(20, 7, {message(6, 20)});
  all.completeness = Changes::Completeness::kBehindHorizon;
  const UidSet present = UidSet::of(Uid(2)).add(Uid(5)).add(Uid(6));
  view.take(std::move(all), &present);
  EXPECT_EQ(told(view, kTell), "* 1 EXPUNGE\r\n* 2 EXPUNGE\r\n* 2 EXPUNGE\r\n* 3 EXISTS\r\n* 0 RECENT\r\n");
}

// Used to lose message 3: piece one told of UIDNEXT 5, so in piece two it seemed to be an old one.
TEST(MailboxView, NewMessagesInSeveralPiecesAllArrive) {
  auto view = view_of(2, 10);
  auto first = changes(12, 6, {message(5, 11), message(4, 12)});
  first.more = true;
  view.take(std::move(first), nullptr);
  EXPECT_EQ(view.told_mod_seq(), ModSeq(10));
  view.take(changes(20, 6, {message(3, 20)}, UidSet::of(Uid(5))), nullptr);
  EXPECT_EQ(told(view, kTell), "* 4 EXISTS\r\n* 0 RECENT\r\n");
  EXPECT_EQ(view.uid_at(3), Uid(3));
  EXPECT_EQ(view.uid_at(4), Uid(4));
  EXPECT_EQ(view.told_mod_seq(), ModSeq(20));
}

// All pieces used to be held before any of them was told.
TEST(MailboxView, FlagsAreToldBetweenPiecesWhileNumbersStay) {
  auto view = view_of(3, 10);
  auto first = changes(12, 5, {message(3, 11), message(4, 12)}, UidSet::of(Uid(1)));
  first.more = true;
  view.take(std::move(first), nullptr);
  EXPECT_EQ(told(view, MailboxView::Expunges::kWithhold), "* 3 FETCH (UID 3 FLAGS ())\r\n");
  EXPECT_EQ(view.told_mod_seq(), ModSeq(10));
  view.take(changes(13, 5, {message(2, 13)}), nullptr);
  EXPECT_EQ(told(view, kTell), "* 1 EXPUNGE\r\n* 3 EXISTS\r\n* 0 RECENT\r\n* 1 FETCH (UID 2 FLAGS ())\r\n");
  EXPECT_EQ(view.told_mod_seq(), ModSeq(13));
}

TEST(MailboxView, NumbersThatAreNotThereAreRefused) {
  auto view = view_of(3, 10);
  EXPECT_EQ(view.resolve_numbers({{2, 3}}), UidSet::range(Uid(2), Uid(3)));
  EXPECT_EQ(view.resolve_numbers({{1, wire::SequenceSet::kStar}}), UidSet::range(Uid(1), Uid(3)));
  EXPECT_EQ(view.resolve_numbers({{3, 4}}), std::nullopt);
  EXPECT_EQ(view_of(0, 10).resolve_numbers({{1, 1}}), std::nullopt);
}

TEST(MailboxView, UidsThatWereNeverShownAreIgnoredAndThoseThatAreGoneAreKnown) {
  MailboxView view(mailbox(11, 10), UidSet::range(Uid(3), Uid(10)), wire::OpenMode::kReadWrite);
  view.take(changes(11, 11, {}, UidSet::of(Uid(5))), nullptr);
  EXPECT_EQ(view.resolve_uids({{1, 6}}), UidSet::range(Uid(3), Uid(6)));
  EXPECT_TRUE(view.expunged_before({{1, 6}}).empty());
  told(view, kTell);
  EXPECT_EQ(view.resolve_uids({{1, 6}}), UidSet::range(Uid(3), Uid(4)).add(Uid(6)));
  EXPECT_EQ(view.expunged_before({{1, 6}}), UidSet::of(Uid(5)));
}

TEST(MailboxView, GoneMessagesAreRememberedInBoundedMemory) {
  const auto count = static_cast<std::uint32_t>(4 * MailboxView::kGoneRangesMax);
  auto view = view_of(count, 10);
  UidSet odd;
  for (std::uint32_t uid = 1; uid <= count; uid += 2) odd.add(Uid(uid));
  view.take(changes(11, count + 1, {}, odd), nullptr);
  told(view, kTell);
  // Nothing that was shown and is gone was forgotten, nothing that is there is taken for gone.
  EXPECT_EQ(view.expunged_before({{1, count}}), odd);
}

TEST(MailboxView, MuchToTellIsToldInPieces) {
  auto view = view_of(1000, 10);
  std::vector<MessageState> changed;
  UidSet gone;
  for (std::uint32_t uid = 1; uid <= 1000; ++uid) {
    if (uid % 2 == 0) {
      changed.push_back(message(uid, 10 + uid));
    } else {
      gone.add(Uid(uid));
    }
  }
  view.take(changes(1010, 1001, std::move(changed), gone), nullptr);
  std::string text;
  wire::ResponseWriter out(text);
  int pieces = 0;
  while (view.tell_some(kTell, out, 512) == MailboxView::Progress::kMore) {
    EXPECT_LT(text.size(), 600u);
    EXPECT_EQ(view.told_mod_seq(), ModSeq(10));
    text.clear();
    ++pieces;
  }
  EXPECT_GT(pieces, 20);
  EXPECT_EQ(view.exists(), 500u);
  EXPECT_EQ(view.told_mod_seq(), ModSeq(1010));
}

std::string flags_of(const MessageState& state) {
  std::string flags;
  wire::append_flags(flags, state.flags, wire::ClaimedAs::kBoth);
  return flags.substr(1, flags.size() - 2);
}

// What a client makes of the lines: an array of messages, as RFC 3501 tells it to.
class ClientModel {
 public:
  explicit ClientModel(std::uint32_t count) {
    for (std::uint32_t uid = 1; uid <= count; ++uid) messages_.push_back({uid, ""});
  }
  void read(const std::string& lines) {
    std::istringstream all(lines);
    std::string line;
    while (std::getline(all, line)) read_line(line);
  }
  // What the client would do by FETCH (UID FLAGS) after EXISTS.
  void learn_new(const MailboxView& view, const std::map<std::uint32_t, MessageState>& living) {
    for (std::size_t i = 0; i < messages_.size(); ++i) {
      const auto uid = view.uid_at(static_cast<std::uint32_t>(i + 1));
      ASSERT_TRUE(uid);
      if (messages_[i].uid == 0) {
        const auto at = living.find(uid->value());
        messages_[i] = {uid->value(), at == living.end() ? "" : flags_of(at->second)};
      }
      ASSERT_EQ(messages_[i].uid, uid->value());
    }
    ASSERT_EQ(messages_.size(), view.exists());
  }
  bool knows(std::uint32_t uid) const {
    return std::any_of(messages_.begin(), messages_.end(), [&](const Message& m) { return m.uid == uid; });
  }
  std::map<std::uint32_t, std::string> flags() const {
    std::map<std::uint32_t, std::string> all;
    for (const Message& known : messages_) all[known.uid] = known.flags;
    return all;
  }

 private:
  struct Message {
    std::uint32_t uid;
    std::string flags;
  };
  void read_line(const std::string& line) {
    std::istringstream words(line);
    std::string star, kind;
    std::size_t number = 0;
    words >> star >> number >> kind;
    if (kind.starts_with("EXPUNGE")) {
      ASSERT_LE(number, messages_.size());
      messages_.erase(messages_.begin() + static_cast<std::ptrdiff_t>(number) - 1);
    } else if (kind.starts_with("EXISTS")) {
      ASSERT_GE(number, messages_.size());
      messages_.resize(number, Message{0, ""});
    } else if (kind == "FETCH") {
      ASSERT_GE(number, 1u);
      ASSERT_LE(number, messages_.size());
      const auto uid = static_cast<std::uint32_t>(std::stoul(line.substr(line.find("UID ") + 4)));
      Message& known = messages_[number - 1];
      if (known.uid == 0) known.uid = uid;
      ASSERT_EQ(known.uid, uid);
      known.flags = line.substr(line.find("FLAGS (") + 7, line.find(')') - line.find("FLAGS (") - 7);
    }
  }
  std::vector<Message> messages_;
};

// The mailbox itself: the latest state of each message and when each vanished.
class MailboxModel {
 public:
  explicit MailboxModel(std::uint32_t count) {
    for (std::uint32_t uid = 1; uid <= count; ++uid) living_[uid] = message(uid, uid);
    next_uid_ = count + 1;
    mod_seq_ = count;
  }
  void change(std::mt19937& random) {
    ++mod_seq_;
    const auto what = random() % 4;
    if (what == 0 || living_.empty()) {
      living_[next_uid_] = message(next_uid_, mod_seq_);
      ++next_uid_;
      return;
    }
    auto at = std::next(living_.begin(), static_cast<std::ptrdiff_t>(random() % living_.size()));
    if (what == 1) {
      vanished_[at->first] = mod_seq_;
      living_.erase(at);
      return;
    }
    FlagSet flags;
    if (random() % 2 == 0) flags.add(SystemFlag::kSeen);
    if (random() % 2 == 0) flags.add(SystemFlag::kClaimed);
    at->second = message(at->first, mod_seq_, flags);
  }
  Changes since(ModSeq since) const {
    Changes all = changes(mod_seq_, next_uid_, {});
    for (const auto& [uid, state] : living_) {
      if (state.mod_seq > since) all.changed.push_back(state);
    }
    std::sort(all.changed.begin(), all.changed.end(), [](const auto& a, const auto& b) { return a.mod_seq < b.mod_seq; });
    for (const auto& [uid, when] : vanished_) {
      if (ModSeq(when) > since) all.vanished.add(Uid(uid));
    }
    return all;
  }
  const std::map<std::uint32_t, MessageState>& living() const { return living_; }
  const std::map<std::uint32_t, std::uint64_t>& vanished() const { return vanished_; }
  std::uint64_t mod_seq() const { return mod_seq_; }

 private:
  std::map<std::uint32_t, MessageState> living_;
  std::map<std::uint32_t, std::uint64_t> vanished_;
  std::uint32_t next_uid_;
  std::uint64_t mod_seq_;
};

// As Snapshot::changes_since() with a count_max.
void take_in_pieces(MailboxView& view, const MailboxModel& model, std::size_t count_max) {
  for (bool more = true; more;) {
    Changes piece = model.since(view.pulled());
    more = piece.changed.size() > count_max;
    piece.more = more;
    if (more) {
      piece.changed.resize(count_max);
      piece.highest_mod_seq = piece.changed.back().mod_seq;
      for (const auto& [uid, when] : model.vanished()) {
        if (ModSeq(when) > piece.highest_mod_seq) piece.vanished.remove(Uid(uid));
      }
    }
    view.take(std::move(piece), nullptr);
  }
}

void run_seed(unsigned seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::uint32_t kCount = 8;
  MailboxModel model(kCount);
  auto view = view_of(kCount, kCount);
  ClientModel client(kCount);
  for (int step = 0; step < 120; ++step) {
    for (unsigned i = 0; i < random() % 4; ++i) model.change(random);
    take_in_pieces(view, model, 1 + random() % 4);
    const auto expunges = random() % 3 == 0 ? kTell : kWithhold;
    std::string text;
    wire::ResponseWriter out(text);
    const std::size_t piece = 1 + random() % 200;
    while (view.tell_some(expunges, out, piece) == MailboxView::Progress::kMore) {
      client.read(text);
      text.clear();
    }
    if (expunges == kWithhold) {
      ASSERT_EQ(text.find("EXPUNGE"), std::string::npos);
    }
    client.read(text);
    client.learn_new(view, model.living());
    // I5: a message that vanished at or before told_mod_seq() is not known to the client any more.
    for (const auto& [uid, when] : model.vanished()) {
      if (ModSeq(when) <= view.told_mod_seq()) {
        ASSERT_FALSE(client.knows(uid));
      }
    }
    if (expunges == kTell) {
      ASSERT_EQ(view.told_mod_seq(), ModSeq(model.mod_seq()));
    }
    const auto known = client.flags();
    for (const auto& [uid, state] : model.living()) {
      ASSERT_TRUE(known.contains(uid));
      ASSERT_EQ(known.at(uid), flags_of(state));
    }
  }
}

TEST(MailboxView, ClientAndMailboxAgreeWhateverHappens) {
  for (unsigned seed = 1; seed <= 100 && !::testing::Test::HasFatalFailure(); ++seed) run_seed(seed);
}

}  // namespace
}  // namespace imapd::session

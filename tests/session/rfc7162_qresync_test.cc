// RFC 7162, section 3.2: the conversations of its examples as they go here, and what goes wrong elsewhere. UIDs of the examples
// are kept where they name messages; mod-sequences are the store's.
#include <gmock/gmock.h>

#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class QresyncTest : public SelectedTest {
 protected:
  Talker& enabled_client(const std::string& user = "ann") {
    Talker& talker = connect(user);
    EXPECT_THAT(talker.run("ENABLE QRESYNC"), ElementsAre("* ENABLED QRESYNC", StartsWith("OK ")));
    return talker;
  }
  Talker& qresync_client(const std::string& user = "ann") {
    Talker& talker = enabled_client(user);
    EXPECT_TRUE(talker.run("SELECT q").back().starts_with("OK [READ-WRITE]"));
    return talker;
  }
  std::string validity() { return std::to_string(server_.store().mailbox(queue_.id)->uid_validity.value()); }
  // SELECT with QRESYNC's parameters after the UIDVALIDITY; only the lines that tell changes, and the tagged one.
  Lines resync(Talker& talker, const std::string& parameters, const std::string& verb = "SELECT") {
    Lines all = talker.run(verb + " q (QRESYNC (" + validity() + " " + parameters + "))");
    Lines kept;
    for (std::string& line : all) {
      if (line.find("VANISHED") != std::string::npos || line.find("FETCH") != std::string::npos || &line == &all.back()) {
        kept.push_back(std::move(line));
      }
    }
    return kept;
  }
};

TEST_F(QresyncTest, IsAdvertisedAndEnabledWithCondstore) {
  fill(1);
  Talker& client = selected_client();
  EXPECT_LINES(client.run("CAPABILITY").front(), HasSubstr(" QRESYNC"));
  EXPECT_LINES(client.run("ENABLE QRESYNC"),
               ElementsAre(StartsWith("* OK [HIGHESTMODSEQ " + highest() + "]"), "* ENABLED QRESYNC", StartsWith("OK ")));
  store_flags(1, {SystemFlag::kSeen});
  EXPECT_LINES(client.run("NOOP"), ElementsAre(shown(1, 1), StartsWith("OK ")));
}

TEST_F(QresyncTest, NeedsEnable) {
  fill(1);
  Talker& client = condstore_client();
  EXPECT_LINES(client.run("SELECT q (QRESYNC (1 1))"), ElementsAre(StartsWith("BAD ")));
  EXPECT_LINES(client.run("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)"), ElementsAre(StartsWith("BAD ")));
}

TEST_F(QresyncTest, VanishedNeedsUidFetchAndChangedSince) {
  fill(1);
  Talker& client = qresync_client();
  EXPECT_LINES(client.run("FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)"), ElementsAre(StartsWith("BAD ")));
  EXPECT_LINES(client.run("UID FETCH 1:* (FLAGS) (VANISHED)"), ElementsAre(StartsWith("BAD ")));
}

// Section 3.2.5, the example with another UIDVALIDITY.
TEST_F(QresyncTest, AnotherUidValidityIsOpenedAsIfNothingHadBeenSaid) {
  fill(5);
  expunge({2});
  Talker& client = enabled_client();
  const Lines lines = client.run("SELECT q (QRESYNC (1 1 1:3))");
  EXPECT_THAT(lines, Contains("* 4 EXISTS"));
  EXPECT_THAT(lines, Contains(StartsWith("* OK [UIDVALIDITY " + validity() + "]")));
  EXPECT_THAT(lines, Contains(StartsWith("* OK [HIGHESTMODSEQ " + highest() + "]")));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("VANISHED"))));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("FETCH"))));
  EXPECT_THAT(lines.back(), StartsWith("OK [READ-WRITE]"));
}

// Section 3.2.5.1: VANISHED before FETCH, only of the known UIDs, and CLOSED for the mailbox that was selected.
TEST_F(QresyncTest, SelectTellsWhatChangedAmongTheKnown) {
  fill(9);
  Talker& client = qresync_client();
  const std::string seen = highest();
  expunge({1, 2, 6});
  store_flags(4, {SystemFlag::kSeen});
  store_flags(8, {SystemFlag::kDraft});
  fill(1);
  const Lines lines = client.run("SELECT q (QRESYNC (" + validity() + " " + seen + " 2:6))");
  EXPECT_THAT(lines.front(), StartsWith("* OK [CLOSED]"));
  EXPECT_THAT(lines, Contains("* 7 EXISTS"));
  const Lines tail(lines.end() - 3, lines.end());
  EXPECT_THAT(tail, ElementsAre("* VANISHED (EARLIER) 2,6", shown(2, 4), StartsWith("OK [READ-WRITE]")));
}

TEST_F(QresyncTest, WithoutKnownUidsAllAreKnown) {
  fill(4);
  const std::string seen = highest();
  expunge({4});
  fill(1);
  Talker& client = enabled_client();
  EXPECT_LINES(resync(client, seen), ElementsAre("* VANISHED (EARLIER) 4", shown(4, 5), StartsWith("OK ")));
  EXPECT_LINES(resync(client, seen, "EXAMINE"), ElementsAre("* VANISHED (EARLIER) 4", shown(4, 5), StartsWith("OK [READ-ONLY]")));
  EXPECT_LINES(resync(client, highest()), ElementsAre(StartsWith("OK ")));
}

TEST_F(QresyncTest, MailboxThatNeverHadAMessageTellsNothing) {
  Talker& client = enabled_client();
  EXPECT_LINES(resync(client, "1"), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(resync(client, "1 1:4294967295"), ElementsAre(StartsWith("OK ")));
}

TEST_F(QresyncTest, SetsAtTheEdges) {
  fill(3);
  const std::string seen = highest();
  expunge({1, 3});
  Talker& client = enabled_client();
  EXPECT_LINES(resync(client, seen + " 1"), ElementsAre("* VANISHED (EARLIER) 1", StartsWith("OK ")));
  EXPECT_LINES(resync(client, seen + " 3:4294967295"), ElementsAre("* VANISHED (EARLIER) 3", StartsWith("OK ")));
  EXPECT_LINES(resync(client, seen + " 2"), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(resync(client, "9223372036854775807"), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(resync(client, seen + " 1:*"), ElementsAre(StartsWith("BAD ")));
  EXPECT_LINES(resync(client, seen + " 0"), ElementsAre(StartsWith("BAD ")));
  EXPECT_LINES(resync(client, "0"), ElementsAre(StartsWith("BAD ")));
}

TEST_F(QresyncTest, SeveralSelectParametersAtOnce) {
  fill(2);
  const std::string seen = highest();
  expunge({1});
  Talker& client = enabled_client();
  const std::string qresync = "QRESYNC (" + validity() + " " + seen + ")";
  for (const std::string& parameters : {"CONDSTORE " + qresync, qresync + " CONDSTORE"}) {
    EXPECT_LINES(client.run("SELECT q (" + parameters + ")"), Contains("* VANISHED (EARLIER) 1"));
  }
}

// Section 3.2.5.2: what matches is known to the client, whatever its mod-sequence.
TEST_F(QresyncTest, MatchingPairsShortenVanished) {
  fill(10);
  expunge({2, 4});  // 1 3 5 6 7 8 9 10
  const std::string after_first = "1";
  expunge({8});  // 1 3 5 6 7 9 10
  Talker& client = enabled_client();
  EXPECT_LINES(resync(client, after_first + " 1:10"), Contains("* VANISHED (EARLIER) 2,4,8"));
  EXPECT_LINES(resync(client, after_first + " 1:10 (3,5 5,7)"), Contains("* VANISHED (EARLIER) 8"));
  EXPECT_LINES(resync(client, after_first + " 1:10 (3,6 5,8)"), Contains("* VANISHED (EARLIER) 8"));
  EXPECT_LINES(resync(client, after_first + " (2,3:7 3,5:9)"), Contains("* VANISHED (EARLIER) 8"));
  EXPECT_LINES(resync(client, after_first + " (6:7 9:10)"), Not(Contains(HasSubstr("VANISHED"))));
  EXPECT_LINES(resync(client, after_first + " (2 2)"), Contains("* VANISHED (EARLIER) 2,4,8"));
  EXPECT_LINES(resync(client, after_first + " (1:4294967295 1:4294967295)"), Contains("* VANISHED (EARLIER) 2,4,8"));
}

TEST_F(QresyncTest, PairsMustBeOfOneLengthAndAscend) {
  fill(3);
  Talker& client = enabled_client();
  EXPECT_LINES(resync(client, "1 1:3 (1:2 1)"), ElementsAre(StartsWith("BAD ")));
  EXPECT_LINES(resync(client, "1 (2,1 1,2)"), ElementsAre(StartsWith("BAD ")));
  EXPECT_LINES(resync(client, "1 (1,1 1,2)"), ElementsAre(StartsWith("BAD ")));
  EXPECT_LINES(resync(client, "1 (1:* 1:*)"), ElementsAre(StartsWith("BAD ")));
}

// Section 3.2.6, example 1.
TEST_F(QresyncTest, UidFetchVanishedTellsBothBeforeFetch) {
  fill(12);
  const std::string seen = highest();
  expunge({3, 5, 11});
  store_flags(4, {SystemFlag::kSeen});
  Talker& client = qresync_client();
  EXPECT_LINES(client.run("UID FETCH 3:10 (FLAGS) (CHANGEDSINCE " + seen + " VANISHED)"),
               ElementsAre("* VANISHED (EARLIER) 3,5", shown(3, 4), StartsWith("OK ")));
}

// cyrus-imapd#6071.
TEST_F(QresyncTest, StarReachesWhatVanishedBehindTheLastMessage) {
  fill(6);
  const std::string seen = highest();
  expunge({5, 6});
  Talker& client = qresync_client();
  EXPECT_LINES(client.run("UID FETCH 1:* (FLAGS) (CHANGEDSINCE " + seen + " VANISHED)"),
               ElementsAre("* VANISHED (EARLIER) 5:6", StartsWith("OK ")));
  EXPECT_LINES(client.run("UID FETCH 5:* (FLAGS) (CHANGEDSINCE " + seen + " VANISHED)"),
               ElementsAre("* VANISHED (EARLIER) 5:6", StartsWith("OK ")));
  EXPECT_LINES(client.run("UID FETCH 1:4294967295 (FLAGS) (CHANGEDSINCE " + seen + " VANISHED)"),
               ElementsAre("* VANISHED (EARLIER) 5:6", StartsWith("OK ")));
  EXPECT_LINES(client.run("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 9223372036854775807 VANISHED)"), ElementsAre(StartsWith("OK ")));
}

TEST_F(QresyncTest, AllOfAnEmptyMailboxVanished) {
  fill(2);
  expunge({1, 2});
  Talker& client = qresync_client();
  EXPECT_LINES(client.run("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)"),
               ElementsAre("* VANISHED (EARLIER) 1:2", StartsWith("OK ")));
  EXPECT_LINES(client.run("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 0 VANISHED)"),
               ElementsAre("* VANISHED (EARLIER) 1:2", StartsWith("OK ")));
}

// Section 3.2.10: the two forms are never mixed up. What this client still counts goes out without EARLIER.
TEST_F(QresyncTest, WhatIsStillCountedVanishesWithoutEarlier) {
  fill(4);
  const std::string seen = highest();
  expunge({1});
  Talker& client = qresync_client();
  expunge({3});
  const Lines lines = client.run("UID FETCH 1:* (FLAGS) (CHANGEDSINCE " + seen + " VANISHED)");
  EXPECT_THAT(lines, ElementsAre("* VANISHED (EARLIER) 1", "* VANISHED 3", StartsWith("OK ")));
}

// Section 3.2.7, with the numbers of section 3.2.10's example.
TEST_F(QresyncTest, ExpungeAnswersVanishedAndHighestModSeq) {
  fill(11);
  for (const std::uint32_t uid : {3u, 4u, 7u, 11u}) store_flags(uid, {SystemFlag::kDeleted});
  Talker& client = qresync_client();
  EXPECT_LINES(client.run("EXPUNGE"), ElementsAre("* VANISHED 3:4,7,11", StartsWith("OK [HIGHESTMODSEQ " + highest() + "]")));
  EXPECT_LINES(client.run("EXPUNGE"), ElementsAre(AllOf(StartsWith("OK "), Not(HasSubstr("HIGHESTMODSEQ")))));
}

// Section 3.2.9.
TEST_F(QresyncTest, UidExpungeAnswersVanishedAndHighestModSeq) {
  fill(5);
  for (const std::uint32_t uid : {2u, 3u, 4u, 5u}) store_flags(uid, {SystemFlag::kDeleted});
  Talker& client = qresync_client();
  EXPECT_LINES(client.run("UID EXPUNGE 1:4"), ElementsAre("* VANISHED 2:4", StartsWith("OK [HIGHESTMODSEQ " + highest() + "]")));
}

// Section 3.2.8: "The server MUST NOT send the updated per-mailbox modification sequence".
TEST_F(QresyncTest, CloseTellsNothing) {
  fill(2);
  store_flags(2, {SystemFlag::kDeleted});
  Talker& client = qresync_client();
  EXPECT_LINES(client.run("CLOSE"), ElementsAre(AllOf(StartsWith("OK "), Not(HasSubstr("HIGHESTMODSEQ")))));
  EXPECT_FALSE(exists(2));
}

TEST_F(QresyncTest, MoveAnswersVanished) {
  server_.make_queue("other", {{"anyone", kRights}});
  fill(3);
  Talker& client = qresync_client();
  const Lines lines = client.run("UID MOVE 1,3 other");
  EXPECT_THAT(lines, ElementsAre(HasSubstr("[COPYUID "), "* VANISHED 1,3", StartsWith("OK [HIGHESTMODSEQ " + highest() + "]")));
}

TEST_F(QresyncTest, IdleTellsVanished) {
  fill(3);
  Talker& client = qresync_client();
  const std::string tag = client.client().start("IDLE");
  EXPECT_THAT(client.client().line(), StartsWith("+ "));
  expunge({2});
  std::string line = client.client().line();
  while (line.find(" FETCH ") != std::string::npos) line = client.client().line();  // It was marked as deleted first.
  EXPECT_EQ(line, "* VANISHED 2");
  client.client().send("DONE\r\n");
  EXPECT_TRUE(client.client().finish(tag).tagged.starts_with("OK "));
}

// Section 3.2.10.2, last but one paragraph, and section 6.
TEST_F(QresyncTest, CommandsWithNumbersDelayVanished) {
  fill(4);
  Talker& client = qresync_client();
  const std::string told = highest();
  expunge({2});
  for (const char* command : {"FETCH 1 (UID)", "STORE 1 +FLAGS.SILENT (\\Seen)", "SEARCH 1:4", "UID SEARCH 3:4",
                              "UID SEARCH OR SEEN NOT 1"}) {
    const Lines lines = client.run(command);
    EXPECT_THAT(lines, Not(Contains(HasSubstr("VANISHED")))) << command;
    EXPECT_THAT(lines, Contains(StartsWith("* OK [HIGHESTMODSEQ " + told + "]"))) << command;
  }
  EXPECT_LINES(client.run("UID SEARCH UID 3:4"), Contains("* VANISHED 2"));
}

// A message that came and went unseen is in no VANISHED without EARLIER (section 3.2.10.2).
TEST_F(QresyncTest, VanishedNamesOnlyWhatWasAnnounced) {
  fill(2);
  Talker& client = qresync_client();
  fill(1);
  expunge({3});
  EXPECT_LINES(client.run("NOOP"), ElementsAre(StartsWith("OK ")));
  fill(1);
  EXPECT_LINES(client.run("NOOP"), ElementsAre("* 3 EXISTS", "* 0 RECENT", StartsWith("OK ")));
}

TEST_F(QresyncTest, ManyVanishedAreToldInLinesOfSaneLength) {
  constexpr std::uint32_t kCount = 1200;
  fill(kCount);
  const std::string seen = highest();
  Talker& told = qresync_client();
  std::vector<std::uint32_t> odd;
  for (std::uint32_t uid = 1; uid <= kCount; uid += 2) odd.push_back(uid);
  store::StoreFlags mark;
  store::Expunge request;
  mark.mailbox = request.mailbox = queue_.id;
  for (const std::uint32_t uid : odd) mark.uids.add(Uid(uid));
  mark.change.flags = {SystemFlag::kDeleted};
  mark.actor = request.actor = administrator();
  ASSERT_TRUE(support::await(server_.store(), &store::Store::store_flags, std::move(mark)));
  ASSERT_TRUE(support::await(server_.store(), &store::Store::expunge, std::move(request)));
  Talker& later = enabled_client();
  const auto check = [&](const Lines& lines, const std::string& prefix) {
    std::size_t named = 0;
    for (const std::string& line : lines) {
      if (!line.starts_with(prefix)) continue;
      EXPECT_LE(line.size(), 8000u);
      named += static_cast<std::size_t>(std::count(line.begin(), line.end(), ',')) + 1;
    }
    EXPECT_EQ(named, odd.size());
  };
  check(told.run("NOOP"), "* VANISHED ");
  check(resync(later, seen), "* VANISHED (EARLIER) ");
}

// RFC 7162, section 3.1.5: entry names, per flag.
TEST_F(QresyncTest, SearchModSeqByEntryName) {
  fill(3);
  store_flags(1, {SystemFlag::kFlagged});
  const std::string flagged = mod_seq(1);
  store_flags(1, {*Flag::parse("$Note")});
  Talker& client = qresync_client();
  for (const char* type : {"all", "priv", "shared"}) {
    const std::string entry = std::string("MODSEQ \"/flags/\\\\Flagged\" ") + type + " ";
    EXPECT_LINES(client.run("UID SEARCH " + entry + flagged), Contains("* SEARCH 1 (MODSEQ " + mod_seq(1) + ")"));
    EXPECT_LINES(client.run("UID SEARCH " + entry + mod_seq(1)), Contains("* SEARCH"));
  }
  EXPECT_LINES(client.run("UID SEARCH MODSEQ \"/flags/$note\" all " + mod_seq(1)), Contains(StartsWith("* SEARCH 1 ")));
  EXPECT_LINES(client.run("UID SEARCH MODSEQ " + mod_seq(1)), Contains(StartsWith("* SEARCH 1 ")));
}

}  // namespace
}  // namespace imapd::session

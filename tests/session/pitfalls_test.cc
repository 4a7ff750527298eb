// What went wrong in other servers and clients, each as a test of what happens here.
#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ClaimPitfallTest : public SelectedTest {};
class FeedPitfallTest : public SelectedTest {};

// Angus and JavaMail take `\De…` for \Deleted, `\R…` for \Recent and so on by the first letters.
TEST_F(ClaimPitfallTest, ClaimedIsTheOnlyBackslashFlagAdded) {
  const Lines lines = connect().run("SELECT q");
  EXPECT_THAT(lines, Contains("* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\Claimed $Claimed $Scheduled)"));
}

TEST_F(ClaimPitfallTest, ClaimingWhatIsClaimedIsNoSilentSuccess) {
  fill(1);
  Talker& winner = condstore_client();
  Talker& loser = condstore_client("bob");
  EXPECT_LINES(winner.run("UID STORE 1 (UNCHANGEDSINCE " + mod_seq(1) + ") +FLAGS.SILENT (\\Claimed)"),
               ElementsAre(silent(1, 1), StartsWith("OK Cond")));
  // The token that is read after the winner's claim is fresh, and still no key to it.
  EXPECT_LINES(loser.run("UID STORE 1 (UNCHANGEDSINCE " + mod_seq(1) + ") +FLAGS.SILENT (\\Claimed)"),
               ElementsAre(shown(1, 1), StartsWith("OK [MODIFIED 1] ")));
  EXPECT_EQ(message(1).claim->user, "ann");
}

TEST_F(ClaimPitfallTest, ClaimingWithoutUnchangedSinceWhatIsClaimedIsInUse) {
  fill(1);
  Talker& winner = selected_client();
  Talker& loser = selected_client("bob");
  EXPECT_LINES(winner.run("STORE 1 +FLAGS ($Claimed)"),
               ElementsAre("* 1 FETCH (UID 1 FLAGS (\\Claimed $Claimed))", StartsWith("OK ")));
  EXPECT_LINES(loser.run("STORE 1 +FLAGS (\\Claimed)"),
               ElementsAre("* 1 FETCH (UID 1 FLAGS (\\Claimed $Claimed))", StartsWith("NO [INUSE] ")));
  // Not even for the holder: without its token it may be another thread of it that asks.
  EXPECT_LINES(winner.run("STORE 1 +FLAGS.SILENT (\\Claimed)").back(), StartsWith("NO [INUSE] "));
}

TEST_F(ClaimPitfallTest, HolderRenewsByItsToken) {
  fill(1);
  Talker& holder = condstore_client();
  EXPECT_LINES(holder.run("UID STORE 1 (UNCHANGEDSINCE 0) +FLAGS.SILENT (\\Claimed)").back(), StartsWith("OK Cond"));
  const std::string token = mod_seq(1);
  EXPECT_LINES(holder.run("UID STORE 1 (UNCHANGEDSINCE " + token + ") +FLAGS.SILENT ($Claimed)"),
               ElementsAre(silent(1, 1), StartsWith("OK Cond")));
  EXPECT_NE(mod_seq(1), token);
  EXPECT_LINES(holder.run("UID STORE 1 (UNCHANGEDSINCE " + token + ") +FLAGS.SILENT (\\Claimed)").back(),
               StartsWith("OK [MODIFIED 1] "));
}

TEST_F(ClaimPitfallTest, ExpungedUidIsToldApartFromWon) {
  fill(3);
  Talker& client = condstore_client();
  const std::string seen = highest();
  expunge({2});
  EXPECT_LINES(client.run("UID STORE 2 (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT (\\Claimed)").back(),
               StartsWith("NO [MODIFIED 2] "));
  // And it is also when the EXPUNGE has been told.
  EXPECT_LINES(client.run("NOOP").back(), StartsWith("OK "));
  EXPECT_LINES(client.run("UID STORE 2 (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT (\\Claimed)"),
               ElementsAre(StartsWith("NO [MODIFIED 2] ")));
  EXPECT_LINES(client.run("UID STORE 2 +FLAGS (\\Claimed)"), ElementsAre(StartsWith("NO [EXPUNGEISSUED] ")));
}

// RFC 3501, section 6.4.8.
TEST_F(ClaimPitfallTest, UidNeverShownIsIgnored) {
  fill(3);
  expunge({2});
  Talker& client = condstore_client();
  EXPECT_LINES(client.run("UID STORE 2 (UNCHANGEDSINCE 1) +FLAGS.SILENT (\\Claimed)"), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(client.run("UID STORE 77 (UNCHANGEDSINCE 1) +FLAGS.SILENT (\\Claimed)"), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(client.run("UID STORE 2 +FLAGS (\\Seen)"), ElementsAre(StartsWith("OK ")));
}

TEST_F(ClaimPitfallTest, RefusedBatchSaysWhichMessages) {
  fill(5);
  Talker& one = condstore_client();
  Talker& two = condstore_client("bob");
  const std::string seen = highest();
  EXPECT_LINES(one.run("UID STORE 2,4 (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT (\\Claimed)").back(), StartsWith("OK Cond"));
  EXPECT_LINES(
      two.run("UID STORE 1:5 (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT (\\Claimed)"),
      ElementsAre(silent(1, 1), shown(2, 2), silent(3, 3), shown(4, 4), silent(5, 5), StartsWith("OK [MODIFIED 2,4] ")));
}

TEST_F(ClaimPitfallTest, OperatorsSeenMakesNoTokenStale) {
  fill(1);
  Talker& client = condstore_client();
  const std::string seen = highest();
  store_flags(1, FlagSet{SystemFlag::kSeen});
  EXPECT_LINES(client.run("UID STORE 1 (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT (\\Claimed)").back(), StartsWith("OK Cond"));
}

TEST_F(ClaimPitfallTest, ClaimedAndReleasedInBetweenMakesTheTokenStale) {
  fill(1);
  Talker& fast = condstore_client();
  Talker& slow = condstore_client("bob");
  const std::string seen = highest();
  EXPECT_LINES(fast.run("UID STORE 1 (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT (\\Claimed)").back(), StartsWith("OK Cond"));
  EXPECT_LINES(fast.run("UID STORE 1 -FLAGS.SILENT (\\Claimed)").back(), StartsWith("OK "));
  EXPECT_LINES(slow.run("UID STORE 1 (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT (\\Claimed)").back(),
               StartsWith("OK [MODIFIED 1] "));
  EXPECT_LINES(slow.run("UID STORE 1 (UNCHANGEDSINCE " + mod_seq(1) + ") +FLAGS.SILENT (\\Claimed)").back(),
               StartsWith("OK Cond"));
}

TEST_F(ClaimPitfallTest, UnchangedSinceZeroClaimsOnceUnderBothNames) {
  fill(2);
  Talker& client = condstore_client();
  EXPECT_LINES(client.run("UID STORE 1 (UNCHANGEDSINCE 0) +FLAGS.SILENT (\\Claimed)").back(), StartsWith("OK Cond"));
  EXPECT_LINES(client.run("UID STORE 1 (UNCHANGEDSINCE 0) +FLAGS.SILENT ($Claimed)").back(), StartsWith("OK [MODIFIED 1] "));
  EXPECT_LINES(client.run("UID STORE 2 (UNCHANGEDSINCE 0) +FLAGS.SILENT ($Claimed)").back(), StartsWith("OK Cond"));
  EXPECT_LINES(client.run("UID STORE 2 (UNCHANGEDSINCE 0) +FLAGS.SILENT (\\Claimed)").back(), StartsWith("OK [MODIFIED 2] "));
}

TEST_F(ClaimPitfallTest, ModifiedNamesNumbersForStoreAndUidsForUidStore) {
  fill(6);
  expunge({1, 2, 4});
  Talker& client = condstore_client();
  const std::string seen = highest();
  store_flags(5, FlagSet{SystemFlag::kFlagged});
  EXPECT_LINES(client.run("STORE 1:3 (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT (\\Flagged)").back(),
               StartsWith("OK [MODIFIED 2] "));
  store_flags(6, FlagSet{SystemFlag::kAnswered});
  EXPECT_LINES(client.run("UID STORE 3:6 (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT (\\Answered)").back(),
               StartsWith("OK [MODIFIED 6] "));
}

TEST_F(ClaimPitfallTest, DuplicateIdsDoNotFailOnTheSecondPass) {
  fill(9);
  Talker& client = condstore_client();
  const Lines lines = client.run("UID STORE 7,3:9 (UNCHANGEDSINCE " + highest() + ") +FLAGS.SILENT (\\Claimed)");
  EXPECT_THAT(lines, testing::SizeIs(8));
  EXPECT_THAT(lines.back(), StartsWith("OK Cond"));
}

TEST_F(ClaimPitfallTest, SilentStillOwesUidAndModSeq) {
  fill(1);
  Talker& client = condstore_client();
  EXPECT_LINES(client.run("STORE 1 +FLAGS.SILENT (\\Seen)"), ElementsAre(silent(1, 1), StartsWith("OK ")));
  Talker& without = selected_client();
  EXPECT_LINES(without.run("STORE 1 +FLAGS.SILENT (\\Draft)"), ElementsAre(StartsWith("OK ")));
}

TEST_F(ClaimPitfallTest, ReadOnlyStoreIsNotOk) {
  fill(1);
  Talker& client = connect();
  EXPECT_LINES(client.run("EXAMINE q").back(), StartsWith("OK [READ-ONLY]"));
  EXPECT_LINES(client.run("STORE 1 +FLAGS (\\Claimed)"), ElementsAre(StartsWith("NO [READ-ONLY] ")));
  EXPECT_LINES(client.run("UID STORE 1 (UNCHANGEDSINCE 1) +FLAGS.SILENT (\\Claimed)"),
               ElementsAre(StartsWith("NO [READ-ONLY] ")));
  EXPECT_FALSE(message(1).claim);
}

TEST_F(ClaimPitfallTest, ReplacingFlagsDoesNotWipeTheClaim) {
  fill(1);
  Talker& holder = condstore_client();
  Talker& reader = condstore_client("bob");
  EXPECT_LINES(holder.run("STORE 1 +FLAGS (\\Claimed)").back(), StartsWith("OK "));
  EXPECT_LINES(
      reader.run("STORE 1 FLAGS (\\Seen)"),
      ElementsAre("* 1 FETCH (UID 1 FLAGS (\\Seen \\Claimed $Claimed) MODSEQ (" + mod_seq(1) + "))", StartsWith("OK ")));
  EXPECT_LINES(reader.run("STORE 1 FLAGS ()").back(), StartsWith("OK "));
  EXPECT_EQ(message(1).claim->user, "ann");
}

TEST_F(ClaimPitfallTest, HolderIsNoKeyword) {
  fill(1);
  Talker& holder = selected_client();
  EXPECT_LINES(holder.run("STORE 1 +FLAGS (\\Claimed)").back(), StartsWith("OK "));
  EXPECT_TRUE(flags(1).keywords().empty());
  EXPECT_FALSE(message(1).claim->holder.empty());
}

TEST_F(ClaimPitfallTest, OnlyItsHolderMayDeleteWhatIsClaimed) {
  fill(2);
  Talker& holder = selected_client();
  Talker& other = selected_client("bob");
  EXPECT_LINES(holder.run("STORE 1 +FLAGS (\\Claimed)").back(), StartsWith("OK "));
  EXPECT_LINES(other.run("STORE 1:2 +FLAGS.SILENT (\\Deleted)"),
               ElementsAre(StartsWith("* 1 FETCH "), StartsWith("NO [INUSE] ")));
  EXPECT_FALSE(flags(1).contains(SystemFlag::kDeleted));
  EXPECT_TRUE(flags(2).contains(SystemFlag::kDeleted));
  EXPECT_LINES(other.run("STORE 1 -FLAGS (\\Claimed)").back(), StartsWith("NO [NOPERM] "));
  EXPECT_LINES(other.run("MOVE 1 INBOX"), Contains(StartsWith("NO [INUSE] ")));
  EXPECT_LINES(holder.run("STORE 1 +FLAGS (\\Deleted)").back(), StartsWith("OK "));
  EXPECT_LINES(other.run("EXPUNGE"), AllOf(Contains("* 2 EXPUNGE"), Not(Contains("* 1 EXPUNGE"))));
  EXPECT_LINES(holder.run("EXPUNGE"), Contains("* 1 EXPUNGE"));
  EXPECT_FALSE(exists(1));
}

// With UNCHANGEDSINCE too: MODIFIED would make a client try again for ever.
TEST_F(ClaimPitfallTest, WhatTryingAgainCannotCureIsNotModified) {
  fill(1);
  Talker& holder = condstore_client();
  Talker& other = condstore_client("bob");
  EXPECT_LINES(holder.run("STORE 1 +FLAGS (\\Claimed)").back(), StartsWith("OK "));
  EXPECT_LINES(other.run("STORE 1 (UNCHANGEDSINCE " + highest() + ") +FLAGS.SILENT (\\Deleted)"),
               ElementsAre(shown(1, 1), StartsWith("NO [INUSE] ")));
  EXPECT_LINES(other.run("STORE 1 (UNCHANGEDSINCE " + highest() + ") -FLAGS.SILENT (\\Claimed)"),
               ElementsAre(shown(1, 1), StartsWith("NO [NOPERM] ")));
}

// --- the change feed ---

// SEARCH MODSEQ is at least, CHANGEDSINCE is more, UNCHANGEDSINCE is at most.
TEST_F(FeedPitfallTest, TheThreeBoundsAreTheirOwn) {
  fill(2);
  Talker& client = condstore_client();
  const std::string exact = mod_seq(2);
  const std::string before = std::to_string(std::stoull(exact) - 1);
  EXPECT_LINES(client.run("SEARCH MODSEQ " + exact), ElementsAre("* SEARCH 2 (MODSEQ " + exact + ")", StartsWith("OK ")));
  EXPECT_LINES(client.run("FETCH 1:2 UID (CHANGEDSINCE " + exact + ")"), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(client.run("FETCH 1:2 UID (CHANGEDSINCE " + before + ")"),
               ElementsAre("* 2 FETCH (UID 2 MODSEQ (" + exact + "))", StartsWith("OK ")));
  EXPECT_LINES(client.run("STORE 2 (UNCHANGEDSINCE " + before + ") +FLAGS (\\Seen)").back(), StartsWith("OK [MODIFIED 2] "));
  EXPECT_LINES(client.run("STORE 2 (UNCHANGEDSINCE " + exact + ") +FLAGS (\\Seen)").back(), StartsWith("OK Cond"));
}

// RFC 5162, erratum 1810.
TEST_F(FeedPitfallTest, HighestModSeqDoesNotRunAheadOfExpunges) {
  fill(3);
  Talker& client = selected_client();
  const std::string before = highest();
  expunge({1});
  store_flags(2, FlagSet{SystemFlag::kFlagged});
  const Lines lines = client.run("FETCH 2:3 (FLAGS MODSEQ)");
  for (const std::string& line : lines) {
    const auto at = line.find("[HIGHESTMODSEQ ");
    if (at == std::string::npos) continue;
    EXPECT_LE(std::stoull(line.substr(at + 15)), std::stoull(before)) << line;
  }
  EXPECT_THAT(lines, Not(Contains(EndsWith(" EXPUNGE"))));
  EXPECT_LINES(client.run("NOOP"), Contains("* 1 EXPUNGE"));
}

TEST_F(FeedPitfallTest, ModSeqsOfSixtyThreeBitsAreTaken) {
  fill(1);
  Talker& client = condstore_client();
  EXPECT_LINES(client.run("SEARCH MODSEQ 9223372036854775807"), ElementsAre("* SEARCH", StartsWith("OK ")));
  EXPECT_LINES(client.run("FETCH 1 UID (CHANGEDSINCE 9223372036854775807)"), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(client.run("FETCH 1 UID (CHANGEDSINCE 4294967296)"), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(client.run("STORE 1 (UNCHANGEDSINCE 9223372036854775807) +FLAGS.SILENT (\\Seen)").back(), StartsWith("OK Cond"));
}

// iOS sends it.
TEST_F(FeedPitfallTest, ChangedSinceZeroIsEverything) {
  fill(2);
  EXPECT_LINES(condstore_client().run("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 0)"),
               ElementsAre(shown(1, 1), shown(2, 2), StartsWith("OK ")));
}

TEST_F(FeedPitfallTest, BookkeepingChangesNoModSeq) {
  fill(2);
  Talker& client = selected_client();
  const std::string before = highest();
  for (const char* command : {"CHECK", "NOOP", "SEARCH TEXT body", "FETCH 1:2 (FLAGS BODY.PEEK[])", "EXAMINE q",
                              "FETCH 1 BODY[]", "STATUS q (UNSEEN RECENT)", "SELECT q", "EXPUNGE", "CLOSE"}) {
    EXPECT_LINES(client.run(command).back(), StartsWith("OK")) << command;
    EXPECT_EQ(highest(), before) << command;
  }
}

TEST_F(FeedPitfallTest, EnableIsAnsweredAndGivesHighestModSeq) {
  fill(1);
  Talker& client = selected_client();
  EXPECT_LINES(client.run("ENABLE CONDSTORE"),
               AllOf(Contains("* ENABLED CONDSTORE"), Contains(StartsWith("* OK [HIGHESTMODSEQ " + highest() + "]"))));
}

TEST_F(FeedPitfallTest, EveryEnablingCommandGivesHighestModSeqOnce) {
  fill(1);
  for (const char* command :
       {"SEARCH MODSEQ 1", "STATUS q (HIGHESTMODSEQ)", "FETCH 1 (MODSEQ)", "FETCH 1 (UID) (CHANGEDSINCE 1)",
        "STORE 1 (UNCHANGEDSINCE 1) +FLAGS (\\Seen)", "ENABLE CONDSTORE"}) {
    Talker& client = selected_client();
    EXPECT_LINES(client.run(command), Contains(StartsWith("* OK [HIGHESTMODSEQ "))) << command;
    EXPECT_LINES(client.run(command), Not(Contains(StartsWith("* OK [HIGHESTMODSEQ ")))) << command;
    store_flags(1, FlagSet{SystemFlag::kFlagged});
    EXPECT_LINES(client.run("NOOP"), Contains(shown(1, 1))) << command;
    store_flags(1, FlagSet{SystemFlag::kFlagged}, store::FlagChange::Mode::kRemove);
  }
}

TEST_F(FeedPitfallTest, SeveralSelectParametersAtOnceAreUnderstood) {
  fill(1);
  EXPECT_LINES(connect().run("SELECT q (CONDSTORE)").back(), StartsWith("OK [READ-WRITE]"));
  // QRESYNC is not enabled (RFC 7162, section 3.2.5), which is said of it and not of the syntax.
  EXPECT_LINES(connect().run("SELECT q (CONDSTORE QRESYNC (1 1 1:2))").back(), HasSubstr("QRESYNC"));
}

TEST_F(FeedPitfallTest, UnsolicitedFetchInIdleHasUidFlagsAndModSeq) {
  fill(3);
  expunge({1});
  Talker& client = condstore_client();
  client.client().send("i IDLE\r\n");
  EXPECT_THAT(client.client().line(), StartsWith("+ "));
  store_flags(3, FlagSet{SystemFlag::kSeen});
  EXPECT_EQ(client.client().line(), shown(2, 3));
  client.client().send("DONE\r\n");
  EXPECT_THAT(client.client().line(), StartsWith("i OK"));
}

TEST_F(FeedPitfallTest, CommandBehindDoneInOnePacketIsRun) {
  fill(1);
  Talker& client = selected_client();
  client.client().send("i IDLE\r\n");
  EXPECT_THAT(client.client().line(), StartsWith("+ "));
  client.client().send("DONE\r\nn UID SEARCH ALL\r\n");
  EXPECT_THAT(client.client().line(), StartsWith("i OK"));
  EXPECT_EQ(client.client().line(), "* SEARCH 1");
  EXPECT_THAT(client.client().line(), StartsWith("n OK"));
}

TEST_F(FeedPitfallTest, PipelinedDeleteAndExpungeRunInOrder) {
  fill(3);
  Talker& client = selected_client();
  client.client().send("a UID STORE 2 +FLAGS.SILENT (\\Deleted)\r\nb UID EXPUNGE 2\r\nc UID SEARCH ALL\r\n");
  EXPECT_THAT(client.client().line(), StartsWith("a OK"));
  EXPECT_EQ(client.client().line(), "* 2 EXPUNGE");
  EXPECT_THAT(client.client().line(), StartsWith("b OK"));
  EXPECT_EQ(client.client().line(), "* SEARCH 1 3");
  EXPECT_THAT(client.client().line(), StartsWith("c OK"));
}

}  // namespace
}  // namespace imapd::session

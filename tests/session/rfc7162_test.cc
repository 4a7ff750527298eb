// The conversations of RFC 7162, section 3.1, as they go here. Numbers of the examples are kept where they name messages;
// mod-sequences are the store's. FETCH lines carry UID as well: section 3.2.4, which section 3.1.4.2 recommends.
#include <gmock/gmock.h>

#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Rfc7162Test = SelectedTest;

TEST_F(Rfc7162Test, Example1SelectAnswersHighestModSeq) {
  fill(3);
  Talker& client = connect();
  const Lines lines = client.run("SELECT q");
  EXPECT_THAT(lines, Contains(StartsWith("* OK [HIGHESTMODSEQ " + highest() + "]")));
  EXPECT_THAT(lines.back(), StartsWith("OK [READ-WRITE]"));
}

// Every mailbox here keeps mod-sequences.
TEST_F(Rfc7162Test, Example2NoModSeqIsNeverAnswered) {
  fill(1);
  EXPECT_LINES(connect().run("SELECT q (CONDSTORE)"), Not(Contains(HasSubstr("NOMODSEQ"))));
}

TEST_F(Rfc7162Test, Example3AllMessagesPassTheTest) {
  fill(8);
  expunge({1, 2, 3, 5});  // 4, 6, 7 and 8 stay: numbers 1, 2, 3 and 4.
  Talker& client = condstore_client();
  const std::string seen = highest();
  const Lines lines = client.run("UID STORE 6,4,8 (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT (\\Deleted)");
  EXPECT_THAT(lines, ElementsAre(silent(1, 4), silent(2, 6), silent(4, 8), StartsWith("OK ")));
  EXPECT_THAT(lines.back(), Not(HasSubstr("MODIFIED")));
}

TEST_F(Rfc7162Test, Example4TheLastMessageByItsStar) {
  fill(5);
  Talker& client = condstore_client();
  const std::string seen = highest();
  const Lines lines = client.run("STORE * (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT (\\Deleted $Processed)");
  EXPECT_THAT(lines, ElementsAre(silent(5, 5), StartsWith("OK ")));
}

// Against the RFC's own text, the examples 4 and 5 answer mod-sequences smaller than the UNCHANGEDSINCE which they passed, and
// in example 5 a command before (example 4) would have enabled CONDSTORE already.
TEST_F(Rfc7162Test, Example5TheFirstEnablingCommandAnswersHighestModSeq) {
  fill(5);
  store_flags(5, {SystemFlag::kDeleted});
  Talker& client = selected_client();
  const std::string seen = highest();
  const Lines lines = client.run("STORE 5 (UNCHANGEDSINCE " + seen + ") -FLAGS.SILENT (\\Deleted)");
  EXPECT_THAT(lines, ElementsAre(StartsWith("* OK [HIGHESTMODSEQ " + seen + "]"), silent(5, 5), StartsWith("OK ")));
  const Lines again = client.run("STORE 5 (UNCHANGEDSINCE " + highest() + ") +FLAGS.SILENT (\\Deleted)");
  EXPECT_THAT(again, ElementsAre(silent(5, 5), StartsWith("OK ")));
}

// Examples 6 and 7: those that failed are named, and shown too.
TEST_F(Rfc7162Test, Example7TheFailedOnesAreNamedAndShown) {
  fill(9);
  Talker& client = condstore_client();
  const std::string seen = highest();
  store_flags(7, {SystemFlag::kSeen, SystemFlag::kDeleted});
  store_flags(9, {SystemFlag::kDeleted, SystemFlag::kAnswered});
  const Lines lines = client.run("STORE 7,5,9 (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT (\\Deleted)");
  EXPECT_THAT(lines, ElementsAre(silent(5, 5), shown(7, 7), shown(9, 9), StartsWith("OK [MODIFIED 7,9] ")));
  EXPECT_FALSE(flags(7).contains(SystemFlag::kDraft));
}

TEST_F(Rfc7162Test, Example8ZeroFailsWhileTheKeywordIsSet) {
  fill(12);
  store_flags(12, {*Flag::parse("$MDNSent")});
  Talker& client = condstore_client();
  const Lines lines = client.run("STORE 12 (UNCHANGEDSINCE 0) +FLAGS.SILENT ($MDNSent)");
  EXPECT_THAT(lines, ElementsAre(shown(12, 12), StartsWith("OK [MODIFIED 12] ")));
}

TEST_F(Rfc7162Test, ZeroPassesWhileTheKeywordIsNotSet) {
  fill(2);
  store_flags(2, {SystemFlag::kSeen});
  Talker& client = condstore_client();
  const Lines lines = client.run("STORE 2 (UNCHANGEDSINCE 0) +FLAGS.SILENT ($MDNSent)");
  EXPECT_THAT(lines, ElementsAre(silent(2, 2), StartsWith("OK ")));
  EXPECT_THAT(lines.back(), Not(HasSubstr("MODIFIED")));
}

// "A system flag MUST always be considered existent, whether it was set or not."
TEST_F(Rfc7162Test, ZeroAlwaysFailsForASystemFlag) {
  fill(1);
  Talker& client = condstore_client();
  EXPECT_LINES(client.run("STORE 1 (UNCHANGEDSINCE 0) +FLAGS (\\Flagged)"),
               ElementsAre(shown(1, 1), StartsWith("OK [MODIFIED 1] ")));
}

// The example needs the NOOP to find out why; here it was shown at once (as the text recommends), so NOOP has nothing to tell.
TEST_F(Rfc7162Test, Example9OneOfManyFailed) {
  fill(15);
  Talker& client = condstore_client();
  const std::string seen = highest();
  store_flags(11, {*Flag::parse("$Processed")});
  const Lines lines = client.run("STORE 10:15 (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT ($Processed)");
  EXPECT_THAT(lines, ElementsAre(silent(10, 10), shown(11, 11), silent(12, 12), silent(13, 13), silent(14, 14), silent(15, 15),
                                 StartsWith("OK [MODIFIED 11] ")));
  EXPECT_LINES(client.run("NOOP"), ElementsAre(StartsWith("OK ")));
}

// The second half of examples 9 and 10: another flag has changed. Mod-sequences are kept for each flag, so the discouraged
// MODIFIED never comes; section 3.1.12 gives the answer line.
TEST_F(Rfc7162Test, Example10AnotherFlagsChangeIsNoConflict) {
  fill(3);
  Talker& client = condstore_client();
  const std::string seen = highest();
  store_flags(2, {SystemFlag::kDeleted, SystemFlag::kAnswered});
  const Lines lines = client.run("STORE 1:3 (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT ($Processed)");
  EXPECT_THAT(lines, ElementsAre(silent(1, 1), shown(2, 2), silent(3, 3), StartsWith("OK ")));
  EXPECT_THAT(lines.back(), Not(HasSubstr("MODIFIED")));
  EXPECT_TRUE(flags(2).contains(*Flag::parse("$Processed")));
}

TEST_F(Rfc7162Test, ReplacingFlagsIsTestedAgainstAllOfThem) {
  fill(1);
  Talker& client = condstore_client();
  const std::string seen = highest();
  store_flags(1, {SystemFlag::kAnswered});
  EXPECT_LINES(client.run("STORE 1 (UNCHANGEDSINCE " + seen + ") FLAGS (\\Seen)"),
               ElementsAre(shown(1, 1), StartsWith("OK [MODIFIED 1] ")));
}

// In the example MODIFIED names only message 2, and what it asked for shows as FLAGS (\SEEN) though nothing else is said of 4
// to
// 7. Here the messages that are gone are named as well: what was asked for and is not in MODIFIED was done.
TEST_F(Rfc7162Test, Example11SomeAreGone) {
  fill(7);
  Talker& client = condstore_client();
  const std::string seen = highest();
  store_flags(2, {SystemFlag::kDeleted, SystemFlag::kAnswered});
  store_flags(2, {SystemFlag::kSeen});
  expunge({4, 5, 6, 7});
  const Lines lines = client.run("STORE 1:7 (UNCHANGEDSINCE " + seen + ") +FLAGS (\\SEEN)");
  EXPECT_THAT(lines, Contains(shown(1, 1)));
  EXPECT_THAT(lines, Contains(shown(2, 2)));
  EXPECT_THAT(lines, Contains(shown(3, 3)));
  EXPECT_THAT(lines, Not(Contains(EndsWith(" EXPUNGE"))));
  EXPECT_THAT(lines.back(), StartsWith("NO [MODIFIED 2,4:7] "));
  const Lines told = client.run("NOOP");
  EXPECT_THAT(told, Contains("* 4 EXPUNGE").Times(4));
  const std::string second = mod_seq(2);
  const Lines retried = client.run("STORE 2 (UNCHANGEDSINCE " + second + ") +FLAGS (\\Seen)");
  EXPECT_THAT(retried, ElementsAre(shown(2, 2), StartsWith("OK ")));
  EXPECT_THAT(retried.back(), Not(HasSubstr("MODIFIED")));
}

TEST_F(Rfc7162Test, AMessageNamedTwiceIsStoredOnce) {
  fill(9);
  Talker& client = condstore_client();
  const std::string seen = highest();
  const Lines lines = client.run("STORE 7,3:9 (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT (\\Deleted)");
  EXPECT_THAT(lines, testing::SizeIs(8));
  EXPECT_THAT(lines.back(), Not(HasSubstr("MODIFIED")));
}

TEST_F(Rfc7162Test, Example12ChangedSinceIsStrictAndAddsModSeq) {
  fill(8);
  Talker& client = selected_client();
  const std::string before = highest();
  store_flags(4, {SystemFlag::kSeen});
  const std::string at_four = mod_seq(4);
  store_flags(6, {SystemFlag::kDeleted});
  const Lines all = client.run("UID FETCH 1:* (FLAGS) (CHANGEDSINCE " + before + ")");
  EXPECT_THAT(all, ElementsAre(StartsWith("* OK [HIGHESTMODSEQ "), shown(4, 4), shown(6, 6), StartsWith("OK ")));
  EXPECT_LINES(client.run("UID FETCH 1:* (FLAGS) (CHANGEDSINCE " + at_four + ")"), ElementsAre(shown(6, 6), StartsWith("OK ")));
  EXPECT_LINES(client.run("UID FETCH 1:5 (FLAGS) (CHANGEDSINCE " + at_four + ")"), ElementsAre(StartsWith("OK ")));
}

TEST_F(Rfc7162Test, Example13FetchModSeq) {
  fill(3);
  Talker& client = condstore_client();
  EXPECT_LINES(client.run("FETCH 1:3 (MODSEQ)"),
               ElementsAre("* 1 FETCH (MODSEQ (" + mod_seq(1) + "))", "* 2 FETCH (MODSEQ (" + mod_seq(2) + "))",
                           "* 3 FETCH (MODSEQ (" + mod_seq(3) + "))", StartsWith("OK ")));
}

// All flags are shared here, \Seen included, so the RFC's third session is told of all of them. The UID and MODSEQ items are
// those of sessions that have enabled CONDSTORE; session 3 has not.
TEST_F(Rfc7162Test, Example14ChangesAreToldToOtherSessions) {
  fill(7);
  Talker& one = condstore_client();
  Talker& two = condstore_client();
  Talker& three = selected_client("bob");
  EXPECT_LINES(one.run("STORE 7 +FLAGS.SILENT (\\Deleted)"), ElementsAre(silent(7, 7), StartsWith("OK ")));
  EXPECT_LINES(two.run("NOOP"), ElementsAre(shown(7, 7), StartsWith("OK ")));
  EXPECT_LINES(three.run("NOOP"), ElementsAre("* 7 FETCH (UID 7 FLAGS (\\Deleted))", StartsWith("OK ")));
  EXPECT_LINES(one.run("STORE 7 +FLAGS.SILENT (\\Seen)"), ElementsAre(silent(7, 7), StartsWith("OK ")));
  EXPECT_LINES(two.run("NOOP"), ElementsAre(shown(7, 7), StartsWith("OK ")));
  EXPECT_LINES(one.run("STORE 7 -FLAGS.SILENT (\\Answered \\Seen)"), ElementsAre(silent(7, 7), StartsWith("OK ")));
  EXPECT_LINES(two.run("NOOP"), ElementsAre(shown(7, 7), StartsWith("OK ")));
  EXPECT_LINES(one.run("NOOP"), ElementsAre(StartsWith("OK ")));
}

TEST_F(Rfc7162Test, Example15SearchByTheModSeqOfOneFlag) {
  fill(6);
  store_flags(2, {SystemFlag::kDraft});
  const std::string since = mod_seq(2);
  store_flags(5, {SystemFlag::kDraft});
  store_flags(6, {SystemFlag::kSeen});
  Talker& client = condstore_client();
  EXPECT_LINES(client.run("SEARCH MODSEQ \"/flags/\\\\draft\" all " + since),
               ElementsAre("* SEARCH 2 5 (MODSEQ " + mod_seq(5) + ")", StartsWith("OK ")));
  EXPECT_LINES(client.run("SEARCH MODSEQ " + since),
               ElementsAre("* SEARCH 2 5 6 (MODSEQ " + mod_seq(6) + ")", StartsWith("OK ")));
}

TEST_F(Rfc7162Test, Example16NothingFoundHasNoModSeq) {
  fill(3);
  Talker& client = condstore_client();
  EXPECT_LINES(client.run("SEARCH OR NOT MODSEQ 1 LARGER 50000"), ElementsAre("* SEARCH", StartsWith("OK ")));
}

TEST_F(Rfc7162Test, Example17StatusHighestModSeq) {
  fill(3);
  const Lines lines = connect().run("STATUS q (UIDNEXT MESSAGES HIGHESTMODSEQ)");
  EXPECT_THAT(lines, ElementsAre(AllOf(StartsWith("* STATUS q ("), HasSubstr("MESSAGES 3"), HasSubstr("UIDNEXT 4"),
                                       HasSubstr("HIGHESTMODSEQ " + highest())),
                                 StartsWith("OK ")));
}

TEST_F(Rfc7162Test, Example18SelectWithCondstoreEnables) {
  fill(2);
  Talker& client = connect();
  const Lines lines = client.run("SELECT q (CONDSTORE)");
  EXPECT_THAT(lines, Contains(StartsWith("* OK [HIGHESTMODSEQ " + highest() + "]")).Times(1));
  store_flags(1, {SystemFlag::kSeen});
  EXPECT_LINES(client.run("NOOP"), ElementsAre(shown(1, 1), StartsWith("OK ")));
}

TEST_F(Rfc7162Test, Example19ExtendedSearch) {
  fill(5);
  store_flags(4, {SystemFlag::kSeen});
  for (const std::uint32_t uid : {1, 2, 3, 5}) store_flags(uid, {SystemFlag::kFlagged});
  Talker& client = condstore_client();
  const Lines lines = client.run("SEARCH RETURN (ALL) MODSEQ " + mod_seq(1));
  EXPECT_THAT(lines,
              ElementsAre("* ESEARCH (TAG \"" + client.last_tag() + "\") ALL 1:3,5 MODSEQ " + mod_seq(5), StartsWith("OK ")));
}

// Section 3.1.11.
TEST_F(Rfc7162Test, AddingWhatIsThereChangesNoModSeq) {
  fill(1);
  store_flags(1, {SystemFlag::kSeen});
  Talker& client = condstore_client();
  const std::string before = highest();
  EXPECT_LINES(client.run("STORE 1 +FLAGS.SILENT (\\Seen)").back(), StartsWith("OK "));
  EXPECT_LINES(client.run("STORE 1 -FLAGS.SILENT (\\Draft)").back(), StartsWith("OK "));
  EXPECT_EQ(highest(), before);
}

// RFC 4731, section 3.2.
TEST_F(Rfc7162Test, ExtendedSearchAnswersTheModSeqOfWhatItReturns) {
  fill(4);
  Talker& client = condstore_client();
  store_flags(3, {SystemFlag::kDraft});
  store_flags(2, {SystemFlag::kDraft});
  store_flags(4, {SystemFlag::kDraft});
  store_flags(3, {SystemFlag::kSeen});
  const std::string key = " MODSEQ \"/flags/\\\\draft\" all " + mod_seq(2);
  const auto result = [&](const std::string& options) {
    const Lines lines = client.run("SEARCH RETURN (" + options + ")" + key);
    return lines.front().substr(("* ESEARCH (TAG \"" + client.last_tag() + "\")").size());
  };
  EXPECT_EQ(result("MIN"), " MIN 2 MODSEQ " + mod_seq(2));
  EXPECT_EQ(result("MAX"), " MAX 4 MODSEQ " + mod_seq(4));
  EXPECT_EQ(result("MIN MAX"), " MIN 2 MAX 4 MODSEQ " + mod_seq(4));
  EXPECT_EQ(result("MIN COUNT"), " MIN 2 COUNT 2 MODSEQ " + mod_seq(4));
}

}  // namespace
}  // namespace imapd::session

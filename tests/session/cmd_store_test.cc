#include "imapd/base/limits.h"
#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class StoreTest : public SelectedTest {
 protected:
  // Selects a queue with one message, on which everybody has these rights.
  Talker& with_rights(const std::string& rights) {
    shelf_ = server_.make_queue("shelf", {{"anyone", rights}});
    server_.append(shelf_, "Subject: x\r\n\r\n");
    Talker& client = connect();
    client.run("EXAMINE shelf");
    client.run("SELECT shelf");
    client.run("SELECT shelf");
    return client;
  }
  store::MailboxInfo shelf_;
};

TEST_F(StoreTest, FlagsAreAddedRemovedAndReplaced) {
  fill(1);
  Talker& client = selected_client();
  EXPECT_LINES(client.run("STORE 1 +FLAGS (\\Seen Junk)").front(), "* 1 FETCH (UID 1 FLAGS (\\Seen Junk))");
  EXPECT_LINES(client.run("STORE 1 -FLAGS Junk").front(), "* 1 FETCH (UID 1 FLAGS (\\Seen))");
  EXPECT_LINES(client.run("STORE 1 FLAGS (\\Draft Other)").front(), "* 1 FETCH (UID 1 FLAGS (\\Draft Other))");
  EXPECT_LINES(client.run("STORE 1 FLAGS ()").front(), "* 1 FETCH (UID 1 FLAGS ())");
  EXPECT_LINES(client.run("STORE 1 +FLAGS.SILENT (\\Seen)"), ElementsAre(StartsWith("OK ")));
}

TEST_F(StoreTest, SilenceCoversOnlyOnesOwnChange) {
  fill(1);
  Talker& client = selected_client();
  store_flags(1, {SystemFlag::kAnswered});
  EXPECT_LINES(client.run("STORE 1 +FLAGS.SILENT (\\Seen)"),
               ElementsAre("* 1 FETCH (UID 1 FLAGS (\\Answered \\Seen))", StartsWith("OK ")));
}

TEST_F(StoreTest, NumberThatIsNotThereIsBadAndUidIsIgnored) {
  fill(1);
  Talker& client = selected_client();
  EXPECT_LINES(client.run("STORE 2 +FLAGS (\\Seen)"), ElementsAre(StartsWith("BAD ")));
  EXPECT_LINES(client.run("UID STORE 2 +FLAGS (\\Seen)"), ElementsAre(StartsWith("OK ")));
}

TEST_F(StoreTest, NumberWhoseMessageIsGoneIsExpungeIssued) {
  fill(2);
  Talker& client = selected_client();
  expunge({1});
  EXPECT_LINES(client.run("STORE 1:2 +FLAGS (\\Seen)"),
               ElementsAre("* 2 FETCH (UID 2 FLAGS (\\Seen))", StartsWith("NO [EXPUNGEISSUED] ")));
}

// RFC 4314, section 4.
TEST_F(StoreTest, FlagsWithoutTheRightAreLeftAlone) {
  Talker& client = with_rights("lrs");
  EXPECT_LINES(client.run("STORE 1 +FLAGS (\\Seen \\Flagged)").front(), "* 1 FETCH (UID 1 FLAGS (\\Seen))");
  EXPECT_LINES(client.run("STORE 1 +FLAGS (\\Flagged)"), ElementsAre(StartsWith("NO [NOPERM] ")));
  EXPECT_LINES(client.run("STORE 1 +FLAGS (\\Deleted)"), ElementsAre(StartsWith("NO [NOPERM] ")));
  // A replacement leaves those of other kinds as they are.
  EXPECT_LINES(client.run("STORE 1 FLAGS ()"), ElementsAre("* 1 FETCH (UID 1 FLAGS ())", StartsWith("OK ")));
}

TEST_F(StoreTest, ClaimIsNeverLeftAloneSilently) {
  Talker& client = with_rights("lrst");
  EXPECT_LINES(client.run("STORE 1 +FLAGS (\\Seen \\Claimed)"), ElementsAre(StartsWith("NO [NOPERM] ")));
}

TEST_F(StoreTest, DeletedNeedsItsOwnRight) {
  Talker& client = with_rights("lrt");
  EXPECT_LINES(client.run("STORE 1 +FLAGS (\\Deleted)").front(), "* 1 FETCH (UID 1 FLAGS (\\Deleted))");
  EXPECT_LINES(client.run("STORE 1 +FLAGS (\\Seen)"), ElementsAre(StartsWith("NO [NOPERM] ")));
}

// A STORE goes to the store in pieces of 1,000 messages.
TEST_F(StoreTest, MoreThanOnePieceIsDecidedAndToldAsOne) {
  fill(2001);
  Talker& client = condstore_client();
  const std::string token = highest();
  store_flags(1000, FlagSet{SystemFlag::kFlagged});
  store_flags(1001, FlagSet{SystemFlag::kFlagged});
  const Lines lines = client.run("STORE 1:* (UNCHANGEDSINCE " + token + ") +FLAGS.SILENT (\\Flagged)");
  ASSERT_EQ(lines.size(), 2002u);
  EXPECT_EQ(lines[0], silent(1, 1));
  EXPECT_EQ(lines[999], shown(1000, 1000));
  EXPECT_EQ(lines[1000], shown(1001, 1001));
  EXPECT_EQ(lines[2000], silent(2001, 2001));
  EXPECT_THAT(lines.back(), StartsWith("OK [MODIFIED 1000:1001]"));
}

TEST_F(StoreTest, ServerKeywordsAreNotForClients) {
  fill(1);
  Talker& client = selected_client();
  EXPECT_LINES(client.run("STORE 1 +FLAGS ($Scheduled)"), ElementsAre(StartsWith("NO [CANNOT] ")));
  EXPECT_LINES(client.run("STORE 1 -FLAGS ($scheduled)"), ElementsAre(StartsWith("NO [CANNOT] ")));
  EXPECT_LINES(client.run("STORE 1 FLAGS (\\Seen $Scheduled)").front(), "* 1 FETCH (UID 1 FLAGS (\\Seen))");
}

TEST_F(StoreTest, KeywordsHaveALargestLength) {
  fill(1);
  Talker& client = selected_client();
  const std::string longest(limits::kKeywordBytesMax, 'k');
  EXPECT_LINES(client.run("STORE 1 +FLAGS (" + longest + ")").back(), StartsWith("OK "));
  EXPECT_LINES(client.run("STORE 1 +FLAGS (k" + longest + ")").back(), testing::Not(StartsWith("OK ")));
}

TEST_F(StoreTest, ConflictAndHeldMessageAreBothNamed) {
  fill(3);
  Talker& holder = condstore_client("bob");
  holder.run("STORE 3 +FLAGS.SILENT (\\Claimed)");
  Talker& client = condstore_client();
  const std::string seen = highest();
  store_flags(2, {SystemFlag::kDeleted});
  const Lines lines = client.run("STORE 1:3 (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT (\\Deleted)");
  EXPECT_THAT(lines,
              ElementsAre(silent(1, 1), shown(2, 2), shown(3, 3), StartsWith("* NO [INUSE] "), StartsWith("NO [MODIFIED 2] ")));
}

// Claim rule 4.
TEST_F(StoreTest, AdministratorReleasesWhatOthersHold) {
  fill(1);
  selected_client().run("STORE 1 +FLAGS.SILENT (\\Claimed)");
  EXPECT_LINES(selected_client("bob").run("STORE 1 -FLAGS (\\Claimed)").back(), StartsWith("NO [NOPERM] "));
  EXPECT_LINES(selected_client("admin").run("STORE 1 -FLAGS (\\Claimed)").back(), StartsWith("OK "));
  EXPECT_FALSE(message(1).claim);
}

// Claim rule 3.
TEST_F(StoreTest, AReconnectedUserSettlesButDoesNotRenew) {
  fill(1);
  {
    Talker gone(server_, "ann");
    gone.run("SELECT q");
    gone.run("STORE 1 +FLAGS.SILENT (\\Claimed)");
    gone.run("LOGOUT");
    EXPECT_EQ(gone.client().line(), "<closed>");
  }
  Talker& back = condstore_client();
  EXPECT_LINES(back.run("STORE 1 (UNCHANGEDSINCE " + mod_seq(1) + ") +FLAGS.SILENT (\\Claimed)").back(),
               StartsWith("OK [MODIFIED 1] "));
  EXPECT_LINES(back.run("STORE 1 +FLAGS.SILENT (\\Deleted)").back(), StartsWith("OK "));
  EXPECT_LINES(back.run("EXPUNGE"), Contains("* 1 EXPUNGE"));
}

}  // namespace
}  // namespace imapd::session

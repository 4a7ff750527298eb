#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class CopyTest : public SelectedTest {
 protected:
  store::MailboxInfo target_ = server_.make_queue("target", {{"anyone", kRights}});
  std::string copied(const std::string& from, const std::string& to) {
    return "[COPYUID " + std::to_string(target_.uid_validity.value()) + " " + from + " " + to + "] ";
  }
};

TEST_F(CopyTest, CopyAnswersCopyUid) {
  fill(3);
  expunge({1});
  Talker& client = selected_client();
  EXPECT_LINES(client.run("COPY 1:2 target"), ElementsAre(StartsWith("OK " + copied("2:3", "1:2"))));
  EXPECT_LINES(client.run("UID COPY 3 target"), ElementsAre(StartsWith("OK " + copied("3", "3"))));
}

TEST_F(CopyTest, TargetThatCouldBeMadeIsTryCreate) {
  fill(1);
  Talker& client = selected_client();
  EXPECT_LINES(client.run("COPY 1 nowhere"), ElementsAre(StartsWith("NO [TRYCREATE] ")));
  EXPECT_LINES(client.run("MOVE 1 nowhere"), ElementsAre(StartsWith("NO [TRYCREATE] ")));
  EXPECT_LINES(client.run("COPY 1 \"a//b\""), ElementsAre(StartsWith("NO [NONEXISTENT] ")));
}

TEST_F(CopyTest, TargetWithoutTheRightToInsertIsNoPerm) {
  fill(1);
  server_.make_queue("locked", {{"anyone", "lr"}});
  EXPECT_LINES(selected_client().run("COPY 1 locked"), ElementsAre(StartsWith("NO [NOPERM] ")));
}

TEST_F(CopyTest, UidThatIsNotThereIsIgnoredAndNumberIsNot) {
  fill(2);
  Talker& client = selected_client();
  EXPECT_LINES(client.run("UID COPY 9 target"), ElementsAre(StartsWith("OK COPY")));
  EXPECT_LINES(client.run("COPY 9 target"), ElementsAre(StartsWith("BAD ")));
  expunge({1});
  EXPECT_LINES(client.run("COPY 1:2 target").back(), StartsWith("NO [EXPUNGEISSUED] "));
  EXPECT_EQ(server_.store().mailbox(target_.id)->counters.messages, 0u);
}

TEST_F(CopyTest, CopyOfAClaimedMessageIsReady) {
  fill(1);
  Talker& client = selected_client();
  client.run("STORE 1 +FLAGS.SILENT (\\Claimed \\Flagged)");
  EXPECT_LINES(client.run("COPY 1 target").back(), StartsWith("OK "));
  client.run("SELECT target");
  EXPECT_LINES(client.run("FETCH 1 FLAGS").front(), StartsWith("* 1 FETCH (FLAGS (\\Flagged"));
  EXPECT_LINES(client.run("SEARCH KEYWORD \\Claimed").front(), "* SEARCH");
}

// RFC 6851, section 4.3.
TEST_F(CopyTest, MoveAnswersCopyUidBeforeItsExpunges) {
  fill(4);
  Talker& client = selected_client();
  EXPECT_LINES(client.run("MOVE 2:3 target"),
               ElementsAre(StartsWith("* OK " + copied("2:3", "1:2")), "* 2 EXPUNGE", "* 2 EXPUNGE", StartsWith("OK MOVE")));
  EXPECT_LINES(client.run("UID MOVE 4,77 target"),
               ElementsAre(StartsWith("* OK " + copied("4", "3")), "* 2 EXPUNGE", StartsWith("OK MOVE")));
  EXPECT_FALSE(exists(2));
}

// RFC 6851, section 4.4.
TEST_F(CopyTest, MoveTellsCondstoreClientsTheHighestModSeq) {
  fill(1);
  EXPECT_LINES(condstore_client().run("MOVE 1 target").back(), StartsWith("OK [HIGHESTMODSEQ " + highest() + "] "));
}

TEST_F(CopyTest, MoveOfWhatOthersHoldIsInUseAndNamed) {
  fill(3);
  Talker& holder = selected_client("bob");
  holder.run("STORE 2 +FLAGS.SILENT (\\Claimed)");
  const Lines lines = selected_client().run("MOVE 1:3 target");
  EXPECT_THAT(lines.front(), StartsWith("* OK " + copied("1,3", "1:2")));
  EXPECT_THAT(lines.back(), StartsWith("NO [INUSE] "));
  EXPECT_THAT(lines.back(), HasSubstr("UID 2"));
  EXPECT_TRUE(exists(2));
  EXPECT_LINES(holder.run("UID MOVE 2 target").back(), StartsWith("OK "));
}

TEST_F(CopyTest, MoveNeedsToWriteWhereItTakesAway) {
  fill(1);
  Talker& reader = connect();
  reader.run("EXAMINE q");
  EXPECT_LINES(reader.run("MOVE 1 target"), ElementsAre(StartsWith("NO [READ-ONLY] ")));
  EXPECT_LINES(reader.run("COPY 1 target"), ElementsAre(StartsWith("OK ")));
  server_.append(server_.make_queue("shelf", {{"anyone", "lrsw"}}), "Subject: x\r\n\r\n");
  reader.run("SELECT shelf");
  EXPECT_LINES(reader.run("MOVE 1 target"), ElementsAre(StartsWith("NO [NOPERM] ")));
}

}  // namespace
}  // namespace imapd::session

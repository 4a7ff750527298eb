// RFC 9586: no message number is sent or accepted once UIDONLY is enabled.
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

class UidOnlyTest : public SelectedTest {
 protected:
  Talker& uid_only_client(const std::string& features = "UIDONLY") {
    Talker& talker = connect();
    EXPECT_THAT(talker.run("ENABLE " + features).front(), HasSubstr("UIDONLY"));
    const Lines lines = talker.run("SELECT q");
    EXPECT_THAT(lines, Not(Contains(HasSubstr("[UNSEEN"))));
    EXPECT_TRUE(lines.back().starts_with("OK [READ-WRITE]"));
    return talker;
  }
};

TEST_F(UidOnlyTest, IsAdvertised) { EXPECT_LINES(connect().run("CAPABILITY").front(), HasSubstr(" UIDONLY")); }

TEST_F(UidOnlyTest, CommandsThatNeedNumbersAreRefused) {
  fill(3);
  Talker& client = uid_only_client();
  for (const char* command : {"FETCH 1 (FLAGS)", "STORE 1 +FLAGS (\\Seen)", "COPY 1 q", "MOVE 1 q", "SEARCH ALL", "UID SEARCH 1:3",
                              "UID SEARCH NOT (SEEN 2)", "UID SEARCH OR SEEN *"}) {
    EXPECT_LINES(client.run(command), ElementsAre(StartsWith("BAD [UIDREQUIRED] "))) << command;
  }
  EXPECT_LINES(client.run("UID SEARCH UID 2:*"), ElementsAre("* SEARCH 2 3", StartsWith("OK ")));
}

TEST_F(UidOnlyTest, FetchAnswersUidFetch) {
  fill(3);
  expunge({1});
  Talker& client = uid_only_client();
  EXPECT_LINES(client.run("UID FETCH 3 (FLAGS)"), ElementsAre("* 3 UIDFETCH (FLAGS ())", StartsWith("OK ")));
  EXPECT_LINES(client.run("UID FETCH 2 (UID RFC822.SIZE)"),
               ElementsAre(StartsWith("* 2 UIDFETCH (UID 2 RFC822.SIZE "), StartsWith("OK ")));
  EXPECT_LINES(client.run("UID FETCH 2 (BODY[TEXT])").front(), StartsWith("* 2 UIDFETCH (FLAGS (\\Seen) BODY[TEXT] {6}"));
}

TEST_F(UidOnlyTest, StoreAndOthersChangesAnswerUidFetch) {
  fill(3);
  expunge({1});
  Talker& client = uid_only_client("CONDSTORE UIDONLY");
  EXPECT_LINES(client.run("UID STORE 3 +FLAGS (\\Seen)"),
               ElementsAre("* 3 UIDFETCH (FLAGS (\\Seen) MODSEQ (" + mod_seq(3) + "))", StartsWith("OK ")));
  EXPECT_LINES(client.run("UID STORE 3 +FLAGS.SILENT (\\Draft)"),
               ElementsAre("* 3 UIDFETCH (MODSEQ (" + mod_seq(3) + "))", StartsWith("OK ")));
  store_flags(2, {SystemFlag::kFlagged});
  EXPECT_LINES(client.run("NOOP"),
               ElementsAre("* 2 UIDFETCH (FLAGS (\\Flagged) MODSEQ (" + mod_seq(2) + "))", StartsWith("OK ")));
}

TEST_F(UidOnlyTest, ExpungeAnswersVanished) {
  fill(4);
  store_flags(2, {SystemFlag::kDeleted});
  store_flags(4, {SystemFlag::kDeleted});
  Talker& client = uid_only_client();
  EXPECT_LINES(client.run("UID EXPUNGE 4"), ElementsAre("* VANISHED 4", StartsWith("OK ")));
  EXPECT_LINES(client.run("EXPUNGE"), ElementsAre("* VANISHED 2", StartsWith("OK ")));
  fill(1);
  EXPECT_LINES(client.run("NOOP"), ElementsAre("* 3 EXISTS", "* 0 RECENT", StartsWith("OK ")));
}

TEST_F(UidOnlyTest, EnabledWhileSelectedItHoldsFromThenOn) {
  fill(2);
  Talker& client = selected_client();
  EXPECT_LINES(client.run("FETCH 2 (UID)"), ElementsAre("* 2 FETCH (UID 2)", StartsWith("OK ")));
  EXPECT_LINES(client.run("ENABLE UIDONLY"), ElementsAre("* ENABLED UIDONLY", StartsWith("OK ")));
  expunge({1});
  EXPECT_LINES(client.run("NOOP"), ElementsAre("* VANISHED 1", StartsWith("OK ")));
}

TEST_F(UidOnlyTest, QresyncGoesWithoutMessageNumbers) {
  fill(4);
  Talker& client = uid_only_client("QRESYNC UIDONLY");
  const std::string seen = highest();
  expunge({1});
  store_flags(3, {SystemFlag::kSeen});
  const std::string known = "SELECT q (QRESYNC (" + std::to_string(queue_.uid_validity.value()) + " " + seen;
  EXPECT_LINES(client.run(known + " 1:4 (1 1)))"), ElementsAre(StartsWith("BAD [UIDREQUIRED] ")));
  const Lines lines = client.run(known + " 1:4))");
  EXPECT_THAT(lines, Contains("* VANISHED (EARLIER) 1"));
  EXPECT_THAT(lines, Contains("* 3 UIDFETCH (FLAGS (\\Seen) MODSEQ (" + mod_seq(3) + "))"));
  EXPECT_LINES(client.run("UID FETCH 1:* (FLAGS) (CHANGEDSINCE " + seen + " VANISHED)"),
               ElementsAre("* VANISHED (EARLIER) 1", StartsWith("* 3 UIDFETCH (FLAGS (\\Seen) MODSEQ ("), StartsWith("OK ")));
}

TEST_F(UidOnlyTest, ModifiedNamesUids) {
  fill(3);
  expunge({1});
  Talker& client = uid_only_client("CONDSTORE UIDONLY");
  const std::string seen = highest();
  store_flags(3, {SystemFlag::kFlagged});
  EXPECT_LINES(client.run("UID STORE 2:3 (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT (\\Flagged)").back(),
               StartsWith("OK [MODIFIED 3] "));
}

}  // namespace
}  // namespace imapd::session

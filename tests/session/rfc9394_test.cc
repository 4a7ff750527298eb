#include "tests/session/selected_fixture.h"

// RFC 9394 (PARTIAL). Its section 3.2 is in rfc5182_test.cc.
namespace imapd::session {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

class PartialTest : public SelectedTest {
 protected:
  // The UIDs 1, 2, 5, 6, 8, 9 and 10.
  Talker& client_of_seven() {
    fill(10);
    expunge({3, 4, 7});
    return selected_client();
  }
  static std::string result(Talker& client, const std::string& range) {
    const std::string line = client.run("UID SEARCH RETURN (PARTIAL " + range + ") UNDELETED UNKEYWORD $Junk").front();
    const std::string head = "* ESEARCH (TAG \"" + client.last_tag() + "\") UID PARTIAL ";
    return line.starts_with(head) ? line.substr(head.size()) : line;
  }
};

TEST_F(PartialTest, IsAdvertised) {
  EXPECT_THAT(connect().run("CAPABILITY").front(), testing::HasSubstr(" PARTIAL "));
}

// Section 3.1: from both ends, over the end, beyond the end, and in either order of the two numbers.
TEST_F(PartialTest, SearchAnswersWithThatPartOfTheResults) {
  Talker& client = client_of_seven();
  EXPECT_EQ(result(client, "-1:-3"), "(-1:-3 8:10)");
  EXPECT_EQ(result(client, "-3:-1"), "(-3:-1 8:10)");
  EXPECT_EQ(result(client, "6:9"), "(6:9 9:10)");
  EXPECT_EQ(result(client, "1:3"), "(1:3 1:2,5)");
  EXPECT_EQ(result(client, "3:1"), "(3:1 1:2,5)");
  EXPECT_EQ(result(client, "7:7"), "(7:7 10)");
  EXPECT_EQ(result(client, "8:10"), "(8:10 NIL)");
  EXPECT_EQ(result(client, "-8:-10"), "(-8:-10 NIL)");
  EXPECT_EQ(result(client, "-7:-4294967295"), "(-7:-4294967295 1)");
  EXPECT_THAT(client.run("SEARCH RETURN (PARTIAL 1:2 ALL) ALL").back(), StartsWith("BAD "));
  EXPECT_THAT(client.run("SEARCH RETURN (PARTIAL 1:2 PARTIAL 3:4) ALL").back(), StartsWith("BAD "));
}

// Section 3.3.
TEST_F(PartialTest, UidFetchAnswersForThatPartOfTheSet) {
  Talker& client = client_of_seven();
  EXPECT_LINES(client.run("UID FETCH 2:9 (UID FLAGS) (PARTIAL -1:-3)"),
               ElementsAre("* 4 FETCH (UID 6 FLAGS ())", "* 5 FETCH (UID 8 FLAGS ())", "* 6 FETCH (UID 9 FLAGS ())",
                           StartsWith("OK ")));
  EXPECT_LINES(client.run("UID FETCH 2:9 (UID FLAGS) (PARTIAL 1:2)"),
               ElementsAre("* 2 FETCH (UID 2 FLAGS ())", "* 3 FETCH (UID 5 FLAGS ())", StartsWith("OK ")));
  EXPECT_LINES(client.run("UID FETCH 2:9 (UID) (PARTIAL 5:6)"), ElementsAre("* 6 FETCH (UID 9)", StartsWith("OK ")));
  EXPECT_LINES(client.run("UID FETCH 2:9 (UID) (PARTIAL 6:9)"), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(client.run("UID FETCH 3:4 (UID) (PARTIAL 1:1)"), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(client.run("UID FETCH 1:* ALL (PARTIAL 9:8)"), ElementsAre(StartsWith("OK ")));
  EXPECT_THAT(client.run("FETCH 1:2 (UID) (PARTIAL 1:1)").back(), StartsWith("BAD "));
}

// What is fetched outside of the range would have been marked as read.
TEST_F(PartialTest, UidFetchReadsNothingOutsideOfTheRange) {
  Talker& client = client_of_seven();
  client.run("UID FETCH 1:* (BODY[]) (PARTIAL 2:3)");
  EXPECT_EQ(client.run("UID SEARCH SEEN").front(), "* SEARCH 2 5");
}

TEST_F(PartialTest, UidFetchTakesTheSavedResult) {
  Talker& client = client_of_seven();
  client.run("UID SEARCH RETURN (SAVE) UID 1,5:9");
  EXPECT_LINES(client.run("UID FETCH $ (UID) (PARTIAL -2:-3)"),
               ElementsAre("* 4 FETCH (UID 6)", "* 5 FETCH (UID 8)", StartsWith("OK ")));
}

// Section 3.4: first the range, then what of it has changed, in whatever order they are written.
TEST_F(PartialTest, OfTheRangeOnlyWhatHasChangedIsShown) {
  fill(10);
  Talker& client = condstore_client();
  const std::string since = highest();
  store_flags(2, FlagSet{SystemFlag::kFlagged});
  store_flags(8, FlagSet{SystemFlag::kFlagged});
  store_flags(10, FlagSet{SystemFlag::kAnswered});
  client.run("NOOP");
  for (const std::string& modifiers : {"PARTIAL -1:-5 CHANGEDSINCE " + since, "CHANGEDSINCE " + since + " PARTIAL -1:-5"}) {
    EXPECT_LINES(client.run("UID FETCH 1:9 (FLAGS) (" + modifiers + ")"), ElementsAre(shown(8, 8), StartsWith("OK ")));
  }
  EXPECT_LINES(client.run("UID FETCH 1:9 (FLAGS) (PARTIAL 3:7 CHANGEDSINCE " + since + ")"), ElementsAre(StartsWith("OK ")));
}

TEST_F(PartialTest, VanishedIsToldOfTheWholeSet) {
  fill(10);
  Talker& client = connect();
  client.run("ENABLE QRESYNC");
  const std::string since = highest();
  expunge({3, 4, 7});
  store_flags(9, FlagSet{SystemFlag::kFlagged});
  client.run("SELECT q");
  EXPECT_LINES(client.run("UID FETCH 1:9 (FLAGS) (PARTIAL -1:-2 CHANGEDSINCE " + since + " VANISHED)"),
               ElementsAre("* VANISHED (EARLIER) 3:4,7", shown(6, 9), StartsWith("OK ")));
}

// RFC 9586.
TEST_F(PartialTest, WorksByUidsAlone) {
  Talker& client = client_of_seven();
  client.run("ENABLE UIDONLY");
  EXPECT_LINES(client.run("UID FETCH 1:* (FLAGS) (PARTIAL -1:-2)"),
               ElementsAre("* 9 UIDFETCH (FLAGS ())", "* 10 UIDFETCH (FLAGS ())", StartsWith("OK ")));
}

}  // namespace
}  // namespace imapd::session

#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::StartsWith;

class SearchTest : public SelectedTest {
 protected:
  static std::string first(Talker& talker, const std::string& command) { return talker.run(command).front(); }
};

TEST_F(SearchTest, EveryKindOfKeyIsAnswered) {
  append("From: ann@example.org\r\nSubject: red\r\nDate: Mon, 1 Jan 2024 10:00:00 +0000\r\n\r\napple\r\n", {SystemFlag::kSeen});
  append("From: bob@example.org\r\nSubject: green\r\nDate: Tue, 2 Jan 2024 10:00:00 +0000\r\n\r\npear\r\n",
         {SystemFlag::kFlagged});
  append("To: ann@example.org\r\nSubject: =?utf-8?q?gr=C3=BCn?=\r\n\r\nplum, much longer than the others\r\n",
         {*Flag::parse("Junk")});
  Talker& client = selected_client();
  const std::pair<const char*, const char*> cases[] = {
      {"ALL", "* SEARCH 1 2 3"},
      {"SEEN", "* SEARCH 1"},
      {"UNSEEN", "* SEARCH 2 3"},
      {"FLAGGED UNSEEN", "* SEARCH 2"},
      {"KEYWORD junk", "* SEARCH 3"},
      {"UNKEYWORD Junk", "* SEARCH 1 2"},
      {"KEYWORD \\Claimed", "* SEARCH"},
      {"UNKEYWORD $Claimed", "* SEARCH 1 2 3"},
      {"NEW", "* SEARCH"},
      {"OLD", "* SEARCH 1 2 3"},
      {"FROM ANN", "* SEARCH 1"},
      {"TO ann", "* SEARCH 3"},
      {"HEADER Subject RED", "* SEARCH 1"},
      {"HEADER Date \"\"", "* SEARCH 1 2"},
      {"SENTON 2-Jan-2024", "* SEARCH 2"},
      {"SENTSINCE 1-Jan-2024", "* SEARCH 1 2"},
      {"BEFORE 1-Jan-2024", "* SEARCH"},
      {"BODY PEAR", "* SEARCH 2"},
      {"TEXT green", "* SEARCH 2"},
      {"NOT BODY plum", "* SEARCH 1 2"},
      {"OR BODY apple SUBJECT green", "* SEARCH 1 2"},
      {"LARGER 1000", "* SEARCH"},
      {"SMALLER 1000", "* SEARCH 1 2 3"},
      {"2:*", "* SEARCH 2 3"},
      {"NOT 2", "* SEARCH 1 3"},
      {"UID 3,1", "* SEARCH 1 3"},
      {"7:9", "* SEARCH"},
      {"CHARSET UTF-8 SUBJECT green", "* SEARCH 2"},
      {"CHARSET us-ascii SUBJECT green", "* SEARCH 2"},
  };
  for (const auto& [keys, expected] : cases) EXPECT_EQ(first(client, std::string("SEARCH ") + keys), expected) << keys;
  client.client().send("z SEARCH CHARSET UTF-8 SUBJECT {5+}\r\ngr\xC3\xBCn\r\n");
  EXPECT_EQ(client.client().line(), "* SEARCH 3");
  EXPECT_THAT(client.client().line(), StartsWith("z OK"));
}

TEST_F(SearchTest, UnknownCharsetIsNamedWithThoseThatAreKnown) {
  EXPECT_LINES(selected_client().run("SEARCH CHARSET KOI8-R ALL"),
               ElementsAre(StartsWith("NO [BADCHARSET (US-ASCII UTF-8)] ")));
}

TEST_F(SearchTest, ClaimedIsFoundUnderBothNames) {
  fill(2);
  Talker& client = selected_client();
  client.run("STORE 2 +FLAGS.SILENT (\\Claimed)");
  EXPECT_EQ(first(client, "SEARCH KEYWORD \\Claimed"), "* SEARCH 2");
  EXPECT_EQ(first(client, "SEARCH KEYWORD $Claimed"), "* SEARCH 2");
  EXPECT_EQ(first(client, "UID SEARCH UNKEYWORD $claimed"), "* SEARCH 1");
}

TEST_F(SearchTest, NumbersStayThoseOfTheClientWhileExpungesAreWithheld) {
  fill(4);
  Talker& client = selected_client();
  expunge({2});
  EXPECT_LINES(client.run("SEARCH ALL"), ElementsAre("* SEARCH 1 3 4", StartsWith("OK ")));
  EXPECT_LINES(client.run("SEARCH 3:4"), ElementsAre("* SEARCH 3 4", StartsWith("OK ")));
  EXPECT_LINES(client.run("UID SEARCH ALL"), ElementsAre("* SEARCH 1 3 4", "* 2 EXPUNGE", StartsWith("OK ")));
  EXPECT_LINES(client.run("SEARCH ALL"), ElementsAre("* SEARCH 1 2 3", StartsWith("OK ")));
}

TEST_F(SearchTest, ExtendedAnswersHaveWhatWasAskedFor) {
  fill(6);
  for (const std::uint32_t uid : {2, 3, 4, 6}) store_flags(uid, {SystemFlag::kFlagged});
  expunge({1});
  Talker& client = selected_client();
  const auto answer = [&](const std::string& command) {
    const std::string line = first(client, command);
    return line.substr(("* ESEARCH (TAG \"" + client.last_tag() + "\")").size());
  };
  EXPECT_EQ(answer("SEARCH RETURN (MIN MAX COUNT ALL) FLAGGED"), " MIN 1 MAX 5 ALL 1:3,5 COUNT 4");
  EXPECT_EQ(answer("UID SEARCH RETURN (ALL) FLAGGED"), " UID ALL 2:4,6");
  EXPECT_EQ(answer("SEARCH RETURN () FLAGGED"), " ALL 1:3,5");
  EXPECT_EQ(answer("UID SEARCH RETURN (MIN) FLAGGED"), " UID MIN 2");
  EXPECT_EQ(answer("SEARCH RETURN (MAX) FLAGGED"), " MAX 5");
  EXPECT_EQ(answer("SEARCH RETURN (COUNT) DELETED"), " COUNT 0");
  EXPECT_EQ(answer("SEARCH RETURN (MIN ALL) DELETED"), "");
}

TEST_F(SearchTest, EmptyMailboxHasNothing) { EXPECT_EQ(first(selected_client(), "SEARCH 1:* NOT UID *"), "* SEARCH"); }

TEST_F(SearchTest, RecentIsFoundOnce) {
  server_.append(queue_, "Subject: x\r\n\r\n");
  Talker& client = selected_client();
  EXPECT_EQ(first(client, "SEARCH RECENT"), "* SEARCH 1");
  EXPECT_EQ(first(client, "SEARCH NEW"), "* SEARCH 1");
  EXPECT_EQ(first(selected_client("bob"), "SEARCH RECENT"), "* SEARCH");
}

}  // namespace
}  // namespace imapd::session

#include "tests/session/selected_fixture.h"

// RFC 5182 (SEARCHRES), and RFC 9394, section 3.2.
namespace imapd::session {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

class SearchResTest : public SelectedTest {
 protected:
  // 21 messages; 2, 10 to 15 and 21 are flagged.
  Talker& of_the_examples() {
    for (std::uint32_t uid = 1; uid <= 21; ++uid) {
      const bool flagged = uid == 2 || uid == 21 || (uid >= 10 && uid <= 15);
      append("Subject: message\r\n\r\nbody\r\n", flagged ? FlagSet{SystemFlag::kFlagged} : FlagSet{});
    }
    return selected_client();
  }
  static std::string saved(Talker& talker) { return talker.run("SEARCH $").front(); }
  static std::string without_tag(std::string line) {
    const auto end = line.find(')');
    return line.starts_with("* ESEARCH (TAG") ? "* ESEARCH" + line.substr(end + 1) : line;
  }
};

// Example 1.
TEST_F(SearchResTest, SaveAloneSendsNoLineAndFetchUsesIt) {
  Talker& client = of_the_examples();
  EXPECT_LINES(client.run("SEARCH RETURN (SAVE) FLAGGED 1:11 NOT FROM \"Smith\""), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(client.run("FETCH $ (UID)"),
               ElementsAre("* 2 FETCH (UID 2)", "* 10 FETCH (UID 10)", "* 11 FETCH (UID 11)", StartsWith("OK ")));
}

// Example 2.
TEST_F(SearchResTest, PipelinedCommandsUseTheResultOfTheOneBefore) {
  Talker& client = of_the_examples();
  client.client().send("A282 SEARCH RETURN (SAVE) 2:3 FLAGGED\r\nA283 FETCH $ (UID)\r\n");
  EXPECT_THAT(client.client().line(), StartsWith("A282 OK"));
  EXPECT_EQ(client.client().line(), "* 2 FETCH (UID 2)");
  EXPECT_THAT(client.client().line(), StartsWith("A283 OK"));
}

// Examples 3 and 4.
TEST_F(SearchResTest, OneSearchIsTheInputOfAnother) {
  Talker& client = of_the_examples();
  client.run("SEARCH RETURN (SAVE) FLAGGED");
  EXPECT_EQ(client.run("UID SEARCH UID $ SMALLER 4096").front(), "* SEARCH 2 10 11 12 13 14 15 21");
  EXPECT_EQ(client.run("UID SEARCH $ SMALLER 4096").front(), "* SEARCH 2 10 11 12 13 14 15 21");
  EXPECT_EQ(client.run("SEARCH (OR $ 1,3000:3021) TEXT body").front(), "* SEARCH 1 2 10 11 12 13 14 15 21");
  EXPECT_EQ(client.run("SEARCH NOT $ 1:4").front(), "* SEARCH 1 3 4");
}

// Example 5, and section 2.1.
TEST_F(SearchResTest, NoEmptiesTheResultOnlyWhereItWasToBeSaved) {
  Talker& client = of_the_examples();
  client.run("SEARCH RETURN (SAVE) 1:3");
  EXPECT_THAT(client.run("SEARCH RETURN (SAVE) FOO").back(), StartsWith("BAD "));
  EXPECT_THAT(client.run("SEARCH RETURN (COUNT) CHARSET KOI8-R ALL").back(), StartsWith("NO [BADCHARSET"));
  client.run("SEARCH 7");
  EXPECT_EQ(saved(client), "* SEARCH 1 2 3");
  EXPECT_THAT(client.run("SEARCH RETURN (SAVE) CHARSET KOI8-R (OR $ 1,3000:3021) TEXT XXXX").back(),
              StartsWith("NO [BADCHARSET"));
  EXPECT_EQ(saved(client), "* SEARCH");
}

// Example 6.
TEST_F(SearchResTest, AnEmptyResultIsNoErrorAnywhere) {
  Talker& client = of_the_examples();
  client.run("CREATE INBOX/other");
  for (const char* const command : {"FETCH $ (FLAGS)", "UID FETCH $ (FLAGS)", "STORE $ +FLAGS (\\Deleted)", "UID STORE $ FLAGS ()",
                                    "COPY $ INBOX/other", "UID COPY $ INBOX/other", "MOVE $ INBOX/other", "UID MOVE $ INBOX/other", "UID EXPUNGE $"}) {
    EXPECT_LINES(client.run(command), ElementsAre(StartsWith("OK "))) << command;
  }
  EXPECT_EQ(saved(client), "* SEARCH");
}

// Example 7, and every other command with a set.
TEST_F(SearchResTest, EveryCommandWithASetTakesIt) {
  Talker& client = of_the_examples();
  client.run("CREATE INBOX/other");
  client.run("SEARCH RETURN (SAVE) 2:3");
  EXPECT_THAT(client.run("COPY $ INBOX/other").back(), StartsWith("OK [COPYUID "));
  EXPECT_THAT(client.run("UID COPY $ INBOX/other").back(), StartsWith("OK [COPYUID "));
  EXPECT_LINES(client.run("STORE $ +FLAGS.SILENT (\\Deleted)"), ElementsAre(StartsWith("OK ")));
  EXPECT_EQ(client.run("SEARCH DELETED").front(), "* SEARCH 2 3");
  EXPECT_LINES(client.run("UID STORE $ -FLAGS.SILENT (\\Deleted)"), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(client.run("UID STORE 2 +FLAGS.SILENT (\\Deleted)"), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(client.run("UID EXPUNGE $"), ElementsAre("* 2 EXPUNGE", StartsWith("OK ")));
  EXPECT_EQ(saved(client), "* SEARCH 2");
  EXPECT_EQ(client.run("UID FETCH $ (UID)").front(), "* 2 FETCH (UID 3)");
  EXPECT_EQ(client.run("UID FETCH 1,$ (UID)").front(), "* 1 FETCH (UID 1)");
  EXPECT_THAT(client.run("MOVE $ INBOX/other").front(), StartsWith("* OK [COPYUID "));
  EXPECT_EQ(saved(client), "* SEARCH");
}

// Example 9.
TEST_F(SearchResTest, TheLaterResultReplacesTheEarlier) {
  Talker& client = of_the_examples();
  client.run("SEARCH RETURN (SAVE) 1:3");
  client.run("SEARCH RETURN (SAVE) 5");
  EXPECT_EQ(saved(client), "* SEARCH 5");
}

// Example 10 and the table of section 2.4; the table of RFC 9394, section 3.2.
TEST_F(SearchResTest, WhatIsSavedDependsOnWhatIsReturned) {
  Talker& client = of_the_examples();
  struct Row {
    const char* options;
    const char* line;
    const char* saved;
  };
  constexpr Row kRows[] = {
      {"ALL SAVE", "* ESEARCH ALL 2,10:15,21", "* SEARCH 2 10 11 12 13 14 15 21"},
      {"SAVE MIN", "* ESEARCH MIN 2", "* SEARCH 2"},
      {"MAX SAVE", "* ESEARCH MAX 21", "* SEARCH 21"},
      {"MAX SAVE MIN", "* ESEARCH MIN 2 MAX 21", "* SEARCH 2 21"},
      {"MAX SAVE MIN COUNT", "* ESEARCH MIN 2 MAX 21 COUNT 8", "* SEARCH 2 10 11 12 13 14 15 21"},
      {"ALL SAVE MIN", "* ESEARCH MIN 2 ALL 2,10:15,21", "* SEARCH 2 10 11 12 13 14 15 21"},
      {"SAVE PARTIAL 2:3", "* ESEARCH PARTIAL (2:3 10:11)", "* SEARCH 10 11"},
      {"SAVE PARTIAL -2:-3 MIN", "* ESEARCH MIN 2 PARTIAL (-2:-3 14:15)", "* SEARCH 2 14 15"},
      {"SAVE PARTIAL 2:3 MAX", "* ESEARCH MAX 21 PARTIAL (2:3 10:11)", "* SEARCH 10 11 21"},
      {"SAVE PARTIAL 2:3 MAX MIN", "* ESEARCH MIN 2 MAX 21 PARTIAL (2:3 10:11)", "* SEARCH 2 10 11 21"},
      {"SAVE PARTIAL 9:12", "* ESEARCH PARTIAL (9:12 NIL)", "* SEARCH"},
      {"SAVE PARTIAL 2:3 COUNT", "* ESEARCH COUNT 8 PARTIAL (2:3 10:11)", "* SEARCH 2 10 11 12 13 14 15 21"},
  };
  for (const Row& row : kRows) {
    const Lines lines = client.run("SEARCH RETURN (" + std::string(row.options) + ") FLAGGED");
    EXPECT_EQ(without_tag(lines.front()), row.line) << row.options;
    EXPECT_EQ(saved(client), row.saved) << row.options;
  }
  EXPECT_EQ(without_tag(client.run("SEARCH RETURN (SAVE MIN) ANSWERED").front()), "* ESEARCH");
  EXPECT_EQ(saved(client), "* SEARCH");
}

// Section 2.1.
TEST_F(SearchResTest, WhatIsExpungedLeavesItOnceThatIsTold) {
  Talker& client = of_the_examples();
  client.run("SEARCH RETURN (SAVE) 9:12");
  expunge({10});
  EXPECT_EQ(client.run("UID FETCH $ (UID)").front(), "* 9 FETCH (UID 9)");
  EXPECT_EQ(client.run("UID SEARCH $").front(), "* SEARCH 9 11 12");
  client.run("NOOP");
  EXPECT_EQ(saved(client), "* SEARCH 9 10 11");
}

// Section 2.1.
TEST_F(SearchResTest, SelectEmptiesIt) {
  Talker& client = of_the_examples();
  client.run("SEARCH RETURN (SAVE) ALL");
  client.run("SELECT q");
  EXPECT_EQ(saved(client), "* SEARCH");
}

TEST_F(SearchResTest, SetsThatAreKnownFromBeforeDoNotHoldIt) {
  Talker& client = connect();
  EXPECT_THAT(client.run("SELECT q (QRESYNC (1 1 $))").back(), StartsWith("BAD "));
}

}  // namespace
}  // namespace imapd::session

#include "imapd/base/limits.h"
#include "tests/session/selected_fixture.h"

// RFC 5267 (CONTEXT=SEARCH, CONTEXT=SORT). ESORT is in rfc5256_test.cc, PARTIAL in rfc9394_test.cc.
namespace imapd::session {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ContextTest : public SelectedTest {
 protected:
  void append_subject(const std::string& subject) { append("Subject: " + subject + "\r\n\r\nbody\r\n"); }
  // The lines of a command that tell of changed results, without `* ESEARCH (TAG "x") `.
  static Lines told(Talker& client, const std::string& tag, const std::string& command = "NOOP") {
    const std::string head = "* ESEARCH (TAG \"" + tag + "\") ";
    Lines told;
    for (const std::string& line : client.run(command)) {
      if (line.starts_with(head)) told.push_back(line.substr(head.size()));
    }
    return told;
  }
  // Gives the command its first updates under this tag.
  static std::string updated(Talker& client, const std::string& command) {
    EXPECT_THAT(client.run(command).back(), HasSubstr("completed, will notify"));
    return client.last_tag();
  }
};

TEST_F(ContextTest, IsAdvertised) {
  const std::string capabilities = connect().run("CAPABILITY").front();
  EXPECT_THAT(capabilities, HasSubstr(" CONTEXT=SEARCH "));
  EXPECT_THAT(capabilities, HasSubstr(" CONTEXT=SORT "));
}

// Section 4.2.
TEST_F(ContextTest, TheHintChangesNothing) {
  fill(3);
  Talker& client = selected_client();
  EXPECT_LINES(client.run("SEARCH RETURN (CONTEXT COUNT) UNDELETED UNKEYWORD $Junk"),
               ElementsAre("* ESEARCH (TAG \"" + client.last_tag() + "\") COUNT 3", "OK SEARCH completed"));
  EXPECT_LINES(client.run("SORT RETURN (CONTEXT) (SIZE) UTF-8 ALL"),
               ElementsAre("* ESEARCH (TAG \"" + client.last_tag() + "\") ALL 1:3", "OK SORT completed"));
  append_subject("new");
  EXPECT_LINES(client.run("NOOP"), Not(Contains(HasSubstr("ESEARCH"))));
}

// Sections 4.3, 4.3.3, 4.3.4 and 4.3.5: B01 to B04.
TEST_F(ContextTest, TheConversationOfTheRfc) {
  fill(5);
  store_flags(1, FlagSet{SystemFlag::kDeleted, *Flag::parse("$Junk")});
  Client client(server_, "ann");
  client.command("SELECT q");
  converse(client, R"(
    C: B01 UID SEARCH RETURN (UPDATE COUNT) DELETED KEYWORD $Junk
    S: * ESEARCH (TAG "B01") UID COUNT 1
    S: B01 OK SEARCH completed, will notify
    C: B01 SORT RETURN (UPDATE) (SIZE) UTF-8 FLAGGED
    S: B01 BAD ...
    C: B01 UID SEARCH RETURN (UPDATE) FLAGGED
    S: B01 BAD ...
    C: F1 STORE 3:4 +FLAGS (\Deleted $Junk \Seen)
    S: * 3 FETCH ...
    S: * 4 FETCH ...
    S: * ESEARCH (TAG "B01") UID ADDTO (0 3:4)
    S: F1 OK ...
    C: F2 STORE 3 -FLAGS ($Junk)
    S: * 3 FETCH ...
    S: * ESEARCH (TAG "B01") UID REMOVEFROM (0 3)
    S: F2 OK ...
    C: F3 STORE 3 +FLAGS (\Seen)
    S: * 3 FETCH ...
    S: F3 OK ...
  )");
  expunge({4});
  // Without EXPUNGE: the numbers of this client do not change yet.
  converse(client, R"(
    C: F4 FETCH 1 (UID)
    S: * 1 FETCH (UID 1)
    S: * ESEARCH (TAG "B01") UID REMOVEFROM (0 4)
    S: F4 OK ...
    C: B03 NOOP
    S: * 4 EXPUNGE
    S: B03 OK ...
    C: B04 CANCELUPDATE "B01"
    S: B04 OK No further updates
    C: F5 STORE 2 +FLAGS (\Deleted $Junk)
    S: * 2 FETCH ...
    S: F5 OK ...
    C: B05 CANCELUPDATE "B01"
    S: B05 BAD ...
    C: B01 UID SEARCH RETURN (UPDATE MIN) DELETED
    S: * ESEARCH (TAG "B01") UID MIN 1
    S: B01 OK SEARCH completed, will notify
  )");
}

TEST_F(ContextTest, NewMessagesComeAfterTheirExists) {
  fill(2);
  Talker& client = selected_client();
  const std::string tag = updated(client, "SEARCH RETURN (UPDATE) UNSEEN");
  append_subject("new");
  append("Subject: read\r\n\r\nbody", FlagSet{SystemFlag::kSeen});
  append_subject("new");
  EXPECT_LINES(client.run("NOOP"), ElementsAre("* 5 EXISTS", StartsWith("* 0 RECENT"),
                                               "* ESEARCH (TAG \"" + tag + "\") ADDTO (0 3,5)", StartsWith("OK ")));
}

// Numbers in ESEARCH are those before the EXPUNGE lines that follow.
TEST_F(ContextTest, WhatIsGoneIsToldBeforeItsExpunge) {
  fill(6);
  Talker& client = selected_client();
  const std::string tag = updated(client, "SEARCH RETURN (UPDATE COUNT) ALL");
  expunge({2, 3, 5});
  EXPECT_LINES(client.run("NOOP"), ElementsAre("* ESEARCH (TAG \"" + tag + "\") REMOVEFROM (0 2:3,5)", "* 2 EXPUNGE", "* 2 EXPUNGE",
                                               "* 3 EXPUNGE", StartsWith("OK ")));
  EXPECT_EQ(told(client, tag, "STORE 3 +FLAGS (\\Seen)"), Lines{});
}

TEST_F(ContextTest, QresyncAndUidOnly) {
  fill(4);
  Talker& client = connect();
  client.run("ENABLE QRESYNC");
  client.run("SELECT q");
  const std::string tag = updated(client, "SEARCH RETURN (UPDATE COUNT) ALL");
  expunge({1});
  EXPECT_LINES(client.run("NOOP"),
               ElementsAre("* ESEARCH (TAG \"" + tag + "\") REMOVEFROM (0 1)", "* VANISHED 1", StartsWith("OK ")));
  client.run("ENABLE UIDONLY");
  expunge({3});
  EXPECT_LINES(client.run("NOOP"),
               ElementsAre("* ESEARCH (TAG \"" + tag + "\") UID REMOVEFROM (0 3)", "* VANISHED 3", StartsWith("OK ")));
}

// Section 4.3: numbers mean the messages that had them when the command came; so does `$`. UIDs may be yet to come.
TEST_F(ContextTest, TheProgramKeepsItsMessages) {
  fill(4);
  Talker& client = selected_client();
  client.run("SEARCH RETURN (SAVE) 2:3");
  const std::string numbers = updated(client, "UID SEARCH RETURN (UPDATE COUNT) 2:* UNSEEN");
  const std::string saved = updated(client, "UID SEARCH RETURN (UPDATE COUNT) $ UNSEEN");
  const std::string uids = updated(client, "UID SEARCH RETURN (UPDATE COUNT) UID 2:* UNSEEN");
  const std::string below = updated(client, "UID SEARCH RETURN (UPDATE COUNT) UID 1:5 UNSEEN");
  expunge({1});
  client.run("NOOP");
  store_flags(2, FlagSet{SystemFlag::kSeen});
  append_subject("new");
  append_subject("new");
  const Lines lines = client.run("NOOP");
  EXPECT_THAT(lines, Contains("* ESEARCH (TAG \"" + numbers + "\") UID REMOVEFROM (0 2)"));
  EXPECT_THAT(lines, Contains("* ESEARCH (TAG \"" + saved + "\") UID REMOVEFROM (0 2)"));
  EXPECT_THAT(lines, Contains("* ESEARCH (TAG \"" + uids + "\") UID REMOVEFROM (0 2) ADDTO (0 5:6)"));
  EXPECT_THAT(lines, Contains("* ESEARCH (TAG \"" + below + "\") UID REMOVEFROM (0 2) ADDTO (0 5)"));
}

// Section 4.3.3: each pair is a position and what is inserted there.
TEST_F(ContextTest, SortedResultsAreToldByPosition) {
  for (const char* const subject : {"d", "b", "f"}) append_subject(subject);
  Talker& client = selected_client();
  EXPECT_LINES(client.run("UID SORT RETURN (UPDATE ALL) (SUBJECT) UTF-8 UNDELETED"),
               ElementsAre("* ESEARCH (TAG \"" + client.last_tag() + "\") UID ALL 2,1,3", "OK SORT completed, will notify"));
  const std::string tag = client.last_tag();
  append_subject("c");  // 4
  append_subject("a");  // 5
  append_subject("g");  // 6
  append_subject("d");  // 7: equal ones stand in the order of the mailbox.
  EXPECT_EQ(told(client, tag), Lines{"UID ADDTO (2 4 1 5 6 6 5 7)"});  // a(5) b(2) c(4) d(1) d(7) f(3) g(6)
  EXPECT_EQ(told(client, tag, "UID STORE 2,3 +FLAGS.SILENT (\\Deleted)"), Lines{"UID REMOVEFROM (2 2 5 3)"});
  EXPECT_EQ(told(client, tag, "UID STORE 3 -FLAGS.SILENT (\\Deleted)"), Lines{"UID ADDTO (5 3)"});
  expunge({1, 5});
  EXPECT_EQ(told(client, tag), Lines{"UID REMOVEFROM (3 1 1 5)"});
  // What the client made of it is what a new SORT answers.
  EXPECT_EQ(client.run("UID SORT (SUBJECT) UTF-8 UNDELETED").front(), "* SORT 4 7 3 6");
}

TEST_F(ContextTest, SortedResultsInNumbersAndReverse) {
  for (const char* const subject : {"x", "b", "d"}) append_subject(subject);
  Talker& client = selected_client();
  expunge({1});
  client.run("NOOP");
  const std::string tag = updated(client, "SORT RETURN (UPDATE) (REVERSE SUBJECT) UTF-8 ALL");  // d(2) b(1)
  append_subject("c");
  append_subject("e");
  EXPECT_EQ(told(client, tag), Lines{"ADDTO (2 3 1 4)"});  // e(4) d(2) c(3) b(1)
  expunge({3});
  EXPECT_EQ(told(client, tag), Lines{"REMOVEFROM (2 2)"});
}

TEST_F(ContextTest, IdleTellsAtOnce) {
  fill(2);
  Talker& client = selected_client();
  const std::string tag = updated(client, "SEARCH RETURN (UPDATE COUNT) FLAGGED");
  client.client().send("i IDLE\r\n");
  EXPECT_THAT(client.client().line(), StartsWith("+ "));
  store_flags(2, FlagSet{SystemFlag::kFlagged});
  EXPECT_THAT(client.client().line(), StartsWith("* 2 FETCH "));
  EXPECT_EQ(client.client().line(), "* ESEARCH (TAG \"" + tag + "\") ADDTO (0 2)");
  client.client().send("DONE\r\n");
  EXPECT_THAT(client.client().line(), StartsWith("i OK"));
}

// Flags that the client changes itself, in silence too, and those that it is not shown.
TEST_F(ContextTest, OnesOwnChangesCount) {
  fill(2);
  Talker& client = selected_client();
  const std::string tag = updated(client, "SEARCH RETURN (UPDATE COUNT) UNSEEN");
  EXPECT_EQ(told(client, tag, "STORE 1 +FLAGS.SILENT (\\Seen)"), Lines{"REMOVEFROM (0 1)"});
  EXPECT_EQ(told(client, tag, "FETCH 2 (BODY[])"), Lines{"REMOVEFROM (0 2)"});
}

// Section 4.3.1.
TEST_F(ContextTest, TooManyAreRefusedAndTheRestIsHonoured) {
  fill(1);
  Talker& client = selected_client();
  std::string first;
  for (std::size_t i = 0; i < limits::kSearchContextsMax; ++i) {
    const std::string tag = updated(client, "SEARCH RETURN (UPDATE COUNT) UNSEEN");
    if (first.empty()) first = tag;
  }
  Lines lines = client.run("UID SORT RETURN (UPDATE COUNT) (SIZE) UTF-8 ALL");
  const std::string tag = client.last_tag();
  EXPECT_THAT(lines, ElementsAre("* ESEARCH (TAG \"" + tag + "\") UID COUNT 1", "* NO [NOUPDATE \"" + tag + "\"] Too many contexts",
                                 "OK SORT completed, will not notify"));
  lines = client.run("SEARCH RETURN (UPDATE) ALL");
  EXPECT_THAT(lines, Contains(StartsWith("* NO [NOUPDATE \"" + client.last_tag() + "\"]")));
  EXPECT_EQ(told(client, tag, "STORE 1 +FLAGS (\\Seen)"), Lines{});
  EXPECT_EQ(client.run("CANCELUPDATE \"" + first + "\"").back(), "OK No further updates");
  updated(client, "SEARCH RETURN (UPDATE COUNT) SEEN");
}

TEST_F(ContextTest, TheyEndWithTheSelectedMailbox) {
  fill(1);
  Talker& client = selected_client();
  const std::string tag = updated(client, "SEARCH RETURN (UPDATE COUNT) UNSEEN");
  client.run("SELECT q");
  EXPECT_EQ(told(client, tag, "STORE 1 +FLAGS (\\Seen)"), Lines{});
  EXPECT_THAT(client.run("CANCELUPDATE \"" + tag + "\"").back(), StartsWith("BAD "));
  updated(client, "SEARCH RETURN (UPDATE COUNT) SEEN");
  client.run("UNSELECT");
  EXPECT_THAT(client.run("CANCELUPDATE \"" + client.last_tag() + "\"").back(), StartsWith("BAD "));
}

TEST_F(ContextTest, CancelsAllThatAreNamedOrNone) {
  fill(1);
  Talker& client = selected_client();
  const std::string a = updated(client, "SEARCH RETURN (UPDATE COUNT) UNSEEN");
  const std::string b = updated(client, "SEARCH RETURN (UPDATE COUNT) SEEN");
  EXPECT_THAT(client.run("CANCELUPDATE \"" + a + "\" \"none\"").back(), StartsWith("BAD "));
  EXPECT_EQ(told(client, a, "STORE 1 +FLAGS (\\Seen)"), Lines{"REMOVEFROM (0 1)"});
  EXPECT_THAT(client.run("CANCELUPDATE \"" + a + "\" \"" + b + "\"").back(), StartsWith("OK "));
  EXPECT_LINES(client.run("STORE 1 -FLAGS (\\Seen)"), Not(Contains(HasSubstr("ESEARCH"))));
}

// Section 4.4: the two have nothing to do with each other. RFC 5182: only what SAVE keeps is not answered.
TEST_F(ContextTest, WithPartialAndSave) {
  fill(5);
  Talker& client = selected_client();
  EXPECT_LINES(client.run("UID SEARCH RETURN (UPDATE PARTIAL 1:2) UNSEEN"),
               ElementsAre("* ESEARCH (TAG \"" + client.last_tag() + "\") UID PARTIAL (1:2 1:2)", StartsWith("OK ")));
  EXPECT_EQ(told(client, std::string(client.last_tag()), "STORE 5 +FLAGS (\\Seen)"), Lines{"UID REMOVEFROM (0 5)"});
  EXPECT_LINES(client.run("UID SEARCH RETURN (UPDATE SAVE) UNSEEN"), ElementsAre(StartsWith("OK ")));
  EXPECT_EQ(client.run("SEARCH $").front(), "* SEARCH 1 2 3 4");
}

}  // namespace
}  // namespace imapd::session

// IMAP4rev2 (RFC 9051), by section: its example conversations, and what appendix E says is other than in IMAP4rev1, once the
// client has enabled it.
#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Rfc9051Test : public SelectedTest {
 protected:
  Talker& rev2_client(const std::string& user = "ann") {
    Talker& talker = connect(user);
    EXPECT_THAT(talker.run("ENABLE IMAP4rev2"), ElementsAre("* ENABLED IMAP4rev2", StartsWith("OK ")));
    return talker;
  }
  Talker& selected_rev2_client() {
    Talker& talker = rev2_client();
    EXPECT_THAT(talker.run("SELECT q").back(), StartsWith("OK [READ-WRITE]"));
    return talker;
  }
};

TEST_F(Rfc9051Test, BothRevisionsAreAdvertisedAndEnableChangesNothingOfThat) {
  Talker& client = connect();
  const Lines before = client.run("CAPABILITY");
  EXPECT_THAT(before.front(), HasSubstr("* CAPABILITY IMAP4rev1 IMAP4rev2 "));
  client.run("ENABLE IMAP4rev2");
  EXPECT_EQ(client.run("CAPABILITY"), before);
}

TEST_F(Rfc9051Test, Section6_3_1_EnableIsAdditive) {
  converse(connect().client(), R"(
    C: a1 ENABLE IMAP4rev2 X-GOOD-IDEA
    S: * ENABLED IMAP4rev2
    S: a1 OK ...
    C: a2 ENABLE CONDSTORE
    S: * ENABLED CONDSTORE
    S: a2 OK ...
    C: a3 SELECT q
    S: * FLAGS ...
    S: * OK [PERMANENTFLAGS ...
    S: * 0 EXISTS
    S: * OK [UIDVALIDITY ...
    S: * OK [UIDNEXT ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ ...
    S: * OK [ANNOTATIONS ...
    S: * LIST (\HasNoChildren) "/" q
    S: a3 OK [READ-WRITE] ...
  )");
}

TEST_F(Rfc9051Test, Sections6_3_2And6_3_3_SelectTellsTheNameAndNeitherRecentNorUnseen) {
  fill(3);
  server_.append(queue_, "recent\r\n");
  server_.make_queue("Drafts");
  server_.make_queue("Drafts/old");
  Talker& client = rev2_client();
  client.run("SUBSCRIBE Drafts");
  converse(client.client(), R"(
    C: A142 SELECT q
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft ...)
    S: * OK [PERMANENTFLAGS (... \*)] ...
    S: * 4 EXISTS
    S: * OK [UIDVALIDITY ...] ...
    S: * OK [UIDNEXT 5] ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ ...
    S: * OK [ANNOTATIONS ...
    S: * LIST (\HasNoChildren) "/" q
    S: A142 OK [READ-WRITE] ...
    C: A143 SELECT Drafts
    S: * OK [CLOSED] ...
    S: * FLAGS ...
    S: * OK [PERMANENTFLAGS ...
    S: * 0 EXISTS
    S: * OK [UIDVALIDITY ...
    S: * OK [UIDNEXT 1] ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ ...
    S: * OK [ANNOTATIONS ...
    S: * LIST (\HasChildren \Subscribed) "/" Drafts
    S: A143 OK [READ-WRITE] ...
    C: A932 EXAMINE INBOX/Sent
    S: * OK [CLOSED] ...
    S: * FLAGS ...
    S: * OK [PERMANENTFLAGS ()] ...
    S: * 0 EXISTS
    S: * OK [UIDVALIDITY ...
    S: * OK [UIDNEXT 1] ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ ...
    S: * OK [ANNOTATIONS ...
    S: * LIST (\HasNoChildren \Sent) "/" INBOX/Sent
    S: A932 OK [READ-ONLY] ...
  )");
}

// One that does not speak IMAP4rev2 gets what it always got.
TEST_F(Rfc9051Test, UntilEnabledNothingChanges) {
  fill(1);
  Talker& client = connect();
  EXPECT_THAT(client.run("SELECT q"), AllOf(Contains(HasSubstr(" RECENT")), Contains(HasSubstr("[UNSEEN 1]")),
                                            Not(Contains(StartsWith("* LIST ")))));
  EXPECT_LINES(client.run("SEARCH ALL"), ElementsAre("* SEARCH 1", StartsWith("OK ")));
  EXPECT_THAT(client.run("CREATE \"\xc3\xa9\""), ElementsAre(StartsWith("BAD ")));
}

TEST_F(Rfc9051Test, AppendixE12_NoMessageIsRecentAndWhoKnowsOfThatIsToldLater) {
  Talker& rev2 = selected_rev2_client();
  server_.append(queue_, "new\r\n");
  EXPECT_LINES(rev2.run("NOOP"), ElementsAre("* 1 EXISTS", StartsWith("OK ")));
  EXPECT_LINES(rev2.run("FETCH 1 FLAGS"), ElementsAre("* 1 FETCH (FLAGS ())", StartsWith("OK ")));
  rev2.run("CLOSE");
  server_.append(queue_, "newer\r\n");
  rev2.run("SELECT q");
  EXPECT_LINES(rev2.run("FETCH 2 FLAGS"), ElementsAre("* 2 FETCH (FLAGS ())", StartsWith("OK ")));
  EXPECT_THAT(connect("bob").run("SELECT q"), Contains("* 2 RECENT"));
}

TEST_F(Rfc9051Test, Section6_3_4_CreateTellsTheNormalizedName) {
  Client client(server_, "admin");
  converse(client, "C: e ENABLE IMAP4rev2\n"
                   "S: * ENABLED IMAP4rev2\n"
                   "S: e OK ...\n"
                   "C: A003 CREATE owatagusiam/\n"
                   "S: A003 OK ...\n"
                   "C: A004 CREATE owatagusiam/blurdybloop\n"
                   "S: A004 OK ...\n"
                   "C: A005 CREATE \"e\xcc\x81\"\n"
                   "S: * LIST (\\HasNoChildren) \"/\" \"\xc3\xa9\" (\"OLDNAME\" (\"e\xcc\x81\"))\n"
                   "S: A005 OK ...\n"
                   "C: A006 CREATE \"\xc3\xa9\"\n"
                   "S: A006 NO [ALREADYEXISTS] ...\n");
}

TEST_F(Rfc9051Test, Section6_3_9_7_OldNameIsTheNameThatWasGiven) {
  server_.make_queue("\xc3\xa9");
  Client client(server_, "admin");
  converse(client, "C: e ENABLE IMAP4rev2\n"
                   "S: * ENABLED IMAP4rev2\n"
                   "S: e OK ...\n"
                   "C: a EXAMINE \"e\xcc\x81\"\n"
                   "S: * FLAGS ...\n"
                   "S: * OK [PERMANENTFLAGS ()] ...\n"
                   "S: * 0 EXISTS\n"
                   "S: * OK [UIDVALIDITY ...\n"
                   "S: * OK [UIDNEXT 1] ...\n"
                   "S: * OK [MAILBOXID ...\n"
                   "S: * OK [HIGHESTMODSEQ ...\n"
                   "S: * OK [ANNOTATIONS ...\n"
                   "S: * LIST (\\HasNoChildren) \"/\" \"\xc3\xa9\" (\"OLDNAME\" (\"e\xcc\x81\"))\n"
                   "S: a OK [READ-ONLY] ...\n"
                   "C: b UNSELECT\n"
                   "S: b OK ...\n"
                   "C: c RENAME \"e\xcc\x81\" new\n"
                   "S: * LIST (\\HasNoChildren) \"/\" new (\"OLDNAME\" (\"e\xcc\x81\"))\n"
                   "S: c OK ...\n"
                   "C: d RENAME new \"o\xcc\x88\"\n"
                   "S: * LIST (\\HasNoChildren) \"/\" \"\xc3\xb6\" (\"OLDNAME\" (new))\n"
                   "S: d OK ...\n"
                   "C: f DELETE \"o\xcc\x88\"\n"
                   "S: * LIST (\\NonExistent) \"/\" \"\xc3\xb6\" (\"OLDNAME\" (\"o\xcc\x88\"))\n"
                   "S: f OK ...\n"
                   "C: g DELETE q\n"
                   "S: g OK ...\n");
}

TEST_F(Rfc9051Test, Section6_3_5_WhatHoldsOnlyOtherMailboxesCannotBeDeleted) {
  server_.make_queue("foo/bar");
  Client client(server_, "admin");
  converse(client, R"(
    C: A685 DELETE foo
    S: A685 NO [HASCHILDREN] ...
    C: A686 DELETE foo/bar
    S: A686 OK ...
    C: A687 DELETE foo
    S: A687 OK ...
  )");
}

TEST_F(Rfc9051Test, Section6_3_11_Status) {
  fill(3);
  store_flags(2, {SystemFlag::kDeleted});
  Talker& client = rev2_client();
  EXPECT_LINES(client.run("STATUS q (UIDNEXT MESSAGES DELETED)"),
               ElementsAre("* STATUS q (UIDNEXT 4 MESSAGES 3 DELETED 1)", StartsWith("OK ")));
  EXPECT_LINES(client.run("STATUS q (SIZE UNSEEN)"), ElementsAre("* STATUS q (SIZE 78 UNSEEN 3)", StartsWith("OK ")));
}

TEST_F(Rfc9051Test, Section6_4_4_SearchAnswersEsearch) {
  fill(4);
  append("Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xd0\xbe\xd1\x82\xd0\xbf\xd1\x83\xd1\x81\xd0\xba\r\n");
  store_flags(2, {SystemFlag::kFlagged});
  store_flags(4, {SystemFlag::kFlagged});
  Talker& client = selected_rev2_client();
  client.client().send("A285 SEARCH CHARSET UTF-8 TEXT {12+}\r\n\xd0\xbe\xd1\x82\xd0\xbf\xd1\x83\xd1\x81\xd0\xba\r\n");
  converse(client.client(), R"~(
    S: * ESEARCH (TAG "A285") ALL 5
    S: A285 OK ...
    C: A282 SEARCH RETURN (MIN COUNT) FLAGGED SINCE 1-Feb-1970 NOT FROM "Smith"
    S: * ESEARCH (TAG "A282") MIN 2 COUNT 2
    S: A282 OK ...
    C: A283 SEARCH RETURN () FLAGGED SINCE 1-Feb-1970 NOT FROM "Smith"
    S: * ESEARCH (TAG "A283") ALL 2,4
    S: A283 OK ...
    C: A284 SEARCH TEXT "string not in mailbox"
    S: * ESEARCH (TAG "A284")
    S: A284 OK ...
    C: A286 SEARCH RETURN (MIN) UNSEEN
    S: * ESEARCH (TAG "A286") MIN 1
    S: A286 OK ...
    C: A287 UID SEARCH FLAGGED
    S: * ESEARCH (TAG "A287") UID ALL 2,4
    S: A287 OK ...
    C: A288 SEARCH CHARSET KOI8-R TEXT x
    S: A288 NO [BADCHARSET (US-ASCII UTF-8)] ...
    C: A289 SEARCH LARGER 5000000000
    S: * ESEARCH (TAG "A289")
    S: A289 OK ...
  )~");
  EXPECT_THAT(client.run("SEARCH BODY \"\xd0\xbe\xd1\x82\""), Contains(HasSubstr("ALL 5")));
}

TEST_F(Rfc9051Test, Section6_4_4_4_SavedResults) {
  fill(3);
  Talker& client = selected_rev2_client();
  converse(client.client(), R"~(
    C: A282 SEARCH RETURN (SAVE) SUBJECT message
    S: A282 OK ...
    C: A283 FETCH $ (UID)
    S: * 1 FETCH (UID 1)
    S: * 2 FETCH (UID 2)
    S: * 3 FETCH (UID 3)
    S: A283 OK ...
    C: C282 SEARCH RETURN (ALL) $ 2:3
    S: * ESEARCH (TAG "C282") ALL 2:3
    S: C282 OK ...
  )~");
}

TEST_F(Rfc9051Test, AppendixE15_KeywordsOfMailClients) {
  fill(1);
  Talker& client = selected_rev2_client();
  EXPECT_LINES(client.run("STORE 1 +FLAGS ($MDNSent $Forwarded $Junk $NonJunk $NotJunk $Phishing)"),
               ElementsAre(AllOf(StartsWith("* 1 FETCH ("), HasSubstr("$MDNSent"), HasSubstr("$Forwarded"), HasSubstr("$Junk"),
                                 HasSubstr("$NonJunk"), HasSubstr("$NotJunk"), HasSubstr("$Phishing")),
                           StartsWith("OK ")));
}

TEST_F(Rfc9051Test, AppendixE16_NamesAreUtf8) {
  Client client(server_, "admin");
  converse(client, "C: e ENABLE IMAP4rev2\n"
                   "S: * ENABLED IMAP4rev2\n"
                   "S: e OK ...\n"
                   "C: a CREATE \"\xd0\xbe\xd1\x82\xd0\xbf\xd1\x83\xd1\x81\xd0\xba/R & D\"\n"
                   "S: a OK ...\n"
                   "C: b LIST \"\" \"\xd0\xbe*\"\n"
                   "S: * LIST (...\\HasChildren) \"/\" \"\xd0\xbe\xd1\x82\xd0\xbf\xd1\x83\xd1\x81\xd0\xba\"\n"
                   "S: * LIST (\\HasNoChildren) \"/\" \"\xd0\xbe\xd1\x82\xd0\xbf\xd1\x83\xd1\x81\xd0\xba/R & D\"\n"
                   "S: b OK ...\n");
}

// Appendix E, 7 and 8.
TEST_F(Rfc9051Test, AppendixE7And8_CopyAndMove) {
  fill(2);
  server_.make_queue("to");
  Talker& client = selected_rev2_client();
  EXPECT_THAT(client.run("COPY 1 nowhere"), ElementsAre(StartsWith("NO [TRYCREATE]")));
  EXPECT_THAT(client.run("MOVE 1 nowhere"), ElementsAre(StartsWith("NO [TRYCREATE]")));
  EXPECT_THAT(client.run("MOVE 1 to"), Contains(HasSubstr("[COPYUID ")));
  EXPECT_THAT(client.run("UID MOVE 2 to"), Contains(HasSubstr("[COPYUID ")));
  EXPECT_FALSE(server_.store().find_mailbox({"", "nowhere"}));
}

TEST_F(Rfc9051Test, AppendixE21_UnsolicitedFetchNamesTheUid) {
  fill(2);
  expunge({1});
  Talker& client = selected_rev2_client();
  store_flags(2, {SystemFlag::kSeen});
  EXPECT_LINES(client.run("NOOP"), ElementsAre(AllOf(StartsWith("* 1 FETCH ("), HasSubstr("UID 2"), HasSubstr("\\Seen")), StartsWith("OK ")));
}

// Appendix E, 17 to 19: gone from IMAP4rev2, but clients of IMAP4rev1 are still here.
TEST_F(Rfc9051Test, AppendixE17To19_WhatIsNoMoreIsStillAnswered) {
  append("Subject: x\r\n\r\nbody\r\n");
  Talker& client = selected_rev2_client();
  EXPECT_THAT(client.run("CHECK").back(), StartsWith("OK "));
  EXPECT_THAT(client.run("LSUB \"\" *").back(), StartsWith("OK "));
  EXPECT_THAT(client.run("FETCH 1 RFC822.TEXT"), Contains(HasSubstr("RFC822.TEXT {6}")));
}

// Appendix E, 2: the FETCH side of BINARY.
TEST_F(Rfc9051Test, AppendixE2_FetchBinary) {
  append("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nZm9v\r\n");
  Talker& client = selected_rev2_client();
  EXPECT_LINES(client.run("FETCH 1 BINARY.SIZE[1]"), ElementsAre("* 1 FETCH (BINARY.SIZE[1] 3)", StartsWith("OK ")));
  EXPECT_LINES(client.run("FETCH 1 BINARY.PEEK[1]"), ElementsAre("* 1 FETCH (BINARY[1] {3}", "foo)", StartsWith("OK ")));
}

// Appendix D: sizes of 63 bits.
TEST_F(Rfc9051Test, AppendixD_PartialsOfMoreThan32Bits) {
  fill(1);
  Talker& client = selected_rev2_client();
  EXPECT_LINES(client.run("FETCH 1 BODY.PEEK[]<4294967296.9223372036854775807>"),
               ElementsAre("* 1 FETCH (BODY[]<4294967296> \"\")", StartsWith("OK ")));
  EXPECT_THAT(client.run("FETCH 1 BODY.PEEK[]<9223372036854775808.1>"), ElementsAre(StartsWith("BAD ")));
}

TEST_F(Rfc9051Test, UnauthenticateEndsIt) {
  fill(1);
  Talker& client = rev2_client();
  client.run("UNAUTHENTICATE");
  client.run("LOGIN ann pw");
  EXPECT_THAT(client.run("SELECT q"), AllOf(Contains(HasSubstr(" RECENT")), Not(Contains(StartsWith("* LIST ")))));
  EXPECT_LINES(client.run("SEARCH ALL"), ElementsAre("* SEARCH 1", StartsWith("OK ")));
}

}  // namespace
}  // namespace imapd::session

// UTF8=ACCEPT, by section of RFC 6855, which has no conversations of its own.
#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// One name in Unicode's forms NFC and NFD.
constexpr const char* kComposed = "Entw\xc3\xbcrfe";
constexpr const char* kDecomposed = "Entwu\xcc\x88rfe";

class Rfc6855Test : public SelectedTest {
 protected:
  Talker& utf8_client(const std::string& user = "admin") {
    Talker& talker = connect(user);
    EXPECT_THAT(talker.run("ENABLE UTF8=ACCEPT"), ElementsAre("* ENABLED UTF8=ACCEPT", StartsWith("OK ")));
    return talker;
  }
  bool exists(const std::string& name) { return server_.store().find_mailbox({"", name}).has_value(); }
};

TEST_F(Rfc6855Test, IsAdvertised) { EXPECT_THAT(connect().run("CAPABILITY").front(), HasSubstr(" UTF8=ACCEPT")); }

TEST_F(Rfc6855Test, Section3_NamesAreUtf8BothWays) {
  Client client(server_, "admin");
  converse(client, "C: e ENABLE UTF8=ACCEPT\n"
                   "S: * ENABLED UTF8=ACCEPT\n"
                   "S: e OK ...\n"
                   "C: a CREATE \"Entw\xc3\xbcrfe\"\n"
                   "S: a OK ...\n"
                   "C: b LIST \"\" \"Entw\xc3\xbc%\"\n"
                   "S: * LIST (\\HasNoChildren) \"/\" \"Entw\xc3\xbcrfe\"\n"
                   "S: b OK ...\n"
                   "C: c SUBSCRIBE \"Entw\xc3\xbcrfe\"\n"
                   "S: c OK ...\n"
                   "C: d LSUB \"\" *\n"
                   "S: * LSUB () \"/\" \"Entw\xc3\xbcrfe\"\n"
                   "S: d OK ...\n"
                   "C: f STATUS \"Entw\xc3\xbcrfe\" (MESSAGES)\n"
                   "S: * STATUS \"Entw\xc3\xbcrfe\" (MESSAGES 0)\n"
                   "S: f OK ...\n"
                   "C: g RENAME \"Entw\xc3\xbcrfe\" \"\xf0\x9f\x93\xac & co\"\n"
                   "S: g OK ...\n"
                   "C: h LIST \"\" \"\xf0\x9f\x93\xac*\" RETURN (STATUS (MESSAGES))\n"
                   "S: * LIST (\\HasNoChildren) \"/\" \"\xf0\x9f\x93\xac & co\"\n"
                   "S: * STATUS \"\xf0\x9f\x93\xac & co\" (MESSAGES 0)\n"
                   "S: h OK ...\n"
                   "C: i DELETE \"\xf0\x9f\x93\xac & co\"\n"
                   "S: i OK ...\n");
}

TEST_F(Rfc6855Test, Section3_OneMailboxHasOneNameForOldAndNewClients) {
  Talker& old = connect("admin");
  Talker& now = utf8_client();
  EXPECT_THAT(old.run("CREATE Entw&APw-rfe/R&-D").back(), StartsWith("OK"));
  EXPECT_TRUE(exists("Entw\xc3\xbcrfe/R&D"));
  EXPECT_THAT(now.run("LIST \"\" \"Entw*\""), Contains(HasSubstr("\"Entw\xc3\xbcrfe/R&D\"")));
  EXPECT_THAT(old.run("LIST \"\" Entw*"), Contains(HasSubstr(" Entw&APw-rfe/R&-D")));
  // What is UTF-7 to one is a name of its own to the other.
  EXPECT_THAT(now.run("STATUS Entw&APw-rfe/R&-D (MESSAGES)").back(), StartsWith("NO [NONEXISTENT]"));
}

TEST_F(Rfc6855Test, Section3_ExtensionsThatNameMailboxesFollow) {
  Client client(server_, "admin");
  converse(client, "C: e ENABLE UTF8=ACCEPT\n"
                   "S: * ENABLED UTF8=ACCEPT\n"
                   "S: e OK ...\n"
                   "C: a CREATE \"\xc3\xa9\"\n"
                   "S: a OK ...\n"
                   "C: b SETACL \"\xc3\xa9\" ann lr\n"
                   "S: b OK ...\n"
                   "C: c GETACL \"\xc3\xa9\"\n"
                   "S: * ACL \"\xc3\xa9\" ann lr\n"
                   "S: c OK ...\n"
                   "C: d MYRIGHTS \"\xc3\xa9\"\n"
                   "S: * MYRIGHTS \"\xc3\xa9\" ...\n"
                   "S: d OK ...\n"
                   "C: f LISTRIGHTS \"\xc3\xa9\" ann\n"
                   "S: * LISTRIGHTS \"\xc3\xa9\" ann ...\n"
                   "S: f OK ...\n"
                   "C: g SETMETADATA \"\xc3\xa9\" (/shared/comment \"caf\xc3\xa9\")\n"
                   "S: g OK ...\n"
                   "C: h GETMETADATA \"\xc3\xa9\" /shared/comment\n"
                   "S: * METADATA \"\xc3\xa9\" (/shared/comment {5}\n"
                   "S: caf\xc3\xa9)\n"
                   "S: h OK ...\n"
                   "C: i GETQUOTAROOT \"\xc3\xa9\"\n"
                   "S: * QUOTAROOT \"\xc3\xa9\" {9}\n"
                   "S: #queue/\xc3\xa9\n"
                   "S: * QUOTA {9}\n"
                   "S: #queue/\xc3\xa9 ()\n"
                   "S: i OK ...\n"
                   "C: j GETQUOTA \"#queue/\xc3\xa9\"\n"
                   "S: * QUOTA {9}\n"
                   "S: #queue/\xc3\xa9 ()\n"
                   "S: j OK ...\n");
}

TEST_F(Rfc6855Test, Section3_UntilEnabledEightBitQuotesAreBadAndNothingIsStored) {
  Talker& client = connect("admin");
  EXPECT_THAT(client.run("CREATE \"Entw\xc3\xbcrfe\""), ElementsAre(StartsWith("BAD ")));
  EXPECT_THAT(client.run("SUBSCRIBE \"Entw\xc3\xbcrfe\""), ElementsAre(StartsWith("BAD ")));
  EXPECT_THAT(client.run("RENAME q \"\xc3\xa9\""), ElementsAre(StartsWith("BAD ")));
  EXPECT_THAT(client.run("SETACL q \"j\xc3\xbcrgen\" lr"), ElementsAre(StartsWith("BAD ")));
  EXPECT_THAT(client.run("SETMETADATA q (/shared/comment \"\xc3\xa9\")"), ElementsAre(StartsWith("BAD ")));
  EXPECT_FALSE(exists(kComposed));
  EXPECT_TRUE(server_.store().subscriptions("admin").empty());
  EXPECT_FALSE(server_.store().find_mailbox({"", "q"})->acl.contains("j\xc3\xbcrgen"));
  EXPECT_THAT(client.run("GETMETADATA q /shared/comment").front(), HasSubstr("NIL"));
}

TEST_F(Rfc6855Test, Section3_QuotedBytesThatAreNoUtf8AreBad) {
  Talker& client = utf8_client();
  for (const std::string bytes : {"\xff", "\xc3", "\xed\xa0\x80", "\xc0\xaf"}) {
    EXPECT_THAT(client.run("CREATE \"x" + bytes + "\""), ElementsAre(StartsWith("BAD ")));
    EXPECT_THAT(client.run("SUBSCRIBE \"x" + bytes + "\""), ElementsAre(StartsWith("BAD ")));
  }
  EXPECT_THAT(client.run("LIST \"\" x*"), ElementsAre(StartsWith("OK ")));
}

TEST_F(Rfc6855Test, Section3_NamesAreNetUnicode) {
  Talker& client = utf8_client();
  for (const std::string forbidden : {"\xc2\x80", "\xc2\x9f", "\xe2\x80\xa8", "\xe2\x80\xa9", "\x7f", "\x01"}) {
    EXPECT_THAT(client.run("CREATE \"x" + forbidden + "y\"").back(), StartsWith("NO "));
  }
  EXPECT_THAT(client.run("CREATE \"x\xc2\xa0y\"").back(), StartsWith("OK "));
  EXPECT_THAT(client.run(std::string("CREATE \"") + kDecomposed + '"').back(), StartsWith("OK "));
  EXPECT_TRUE(exists(kComposed));
  EXPECT_FALSE(exists(kDecomposed));
  for (const std::string name : {kComposed, kDecomposed}) {
    EXPECT_THAT(client.run("LIST \"\" \"" + name.substr(0, name.size() - 3) + "*\"").front(), HasSubstr(kComposed));
    EXPECT_THAT(client.run("CREATE \"" + name + '"').back(), StartsWith("NO [ALREADYEXISTS]"));
    EXPECT_THAT(client.run("STATUS \"" + name + "\" (MESSAGES)").back(), StartsWith("OK "));
    EXPECT_THAT(client.run("SELECT \"" + name + '"').back(), StartsWith("OK "));
    EXPECT_THAT(client.run("SUBSCRIBE \"" + name + '"').back(), StartsWith("OK "));
    EXPECT_THAT(server_.store().subscriptions("admin"), ElementsAre(kComposed));
    EXPECT_THAT(client.run("UNSUBSCRIBE \"" + name + '"').back(), StartsWith("OK "));
    EXPECT_THAT(server_.store().subscriptions("admin"), testing::IsEmpty());
  }
  EXPECT_THAT(client.run(std::string("RENAME \"") + kDecomposed + "\" \"e\xcc\x81\"").back(), StartsWith("OK "));
  EXPECT_TRUE(exists("\xc3\xa9"));
}

// A queue may have been named elsewhere, by a client that does not normalize.
TEST_F(Rfc6855Test, Section3_ANameThatIsNotNormalizedCanStillBeReached) {
  server_.make_queue(kDecomposed);
  Talker& client = utf8_client();
  EXPECT_THAT(client.run(std::string("SELECT \"") + kDecomposed + '"').back(), StartsWith("OK "));
  EXPECT_THAT(client.run(std::string("SELECT \"") + kComposed + '"').back(), StartsWith("NO "));
}

TEST_F(Rfc6855Test, Section3_SearchTakesNoCharset) {
  append("Subject: caf\xc3\xa9\r\n\r\nbody\r\n");
  Talker& client = utf8_client("ann");
  client.run("SELECT q");
  EXPECT_THAT(client.run("SEARCH CHARSET UTF-8 SUBJECT caf"), ElementsAre(StartsWith("BAD ")));
  EXPECT_THAT(client.run("UID SEARCH CHARSET US-ASCII ALL"), ElementsAre(StartsWith("BAD ")));
  EXPECT_LINES(client.run("SEARCH SUBJECT \"caf\xc3\xa9\""), ElementsAre("* SEARCH 1", StartsWith("OK ")));
}

TEST_F(Rfc6855Test, Section4_AppendOfUtf8Headers) {
  const std::string message = "Subject: caf\xc3\xa9\r\n\r\nbody\r\n";
  const std::string size = std::to_string(message.size());
  Talker& client = utf8_client("ann");
  EXPECT_THAT(client.run("APPEND q (\\Seen) UTF8 (~{" + size + "+}\r\n" + message + ")").back(), StartsWith("OK [APPENDUID "));
  EXPECT_THAT(client.run("APPEND q utf8 (~{" + size + "+}\r\n" + message + ")").back(), StartsWith("OK [APPENDUID "));
  EXPECT_THAT(client.run("APPEND q ~{" + size + "+}\r\n" + message).back(), StartsWith("OK [APPENDUID "));
  EXPECT_THAT(client.run("APPEND q UTF8 ({" + size + "+}\r\n" + message + ")").back(), StartsWith("BAD "));
  EXPECT_THAT(client.run("APPEND q UTF8 ~{" + size + "+}\r\n" + message).back(), StartsWith("BAD "));
  EXPECT_THAT(client.run("APPEND q UTF8 (~{" + size + "+}\r\n" + message).back(), StartsWith("BAD "));
  client.run("SELECT q");
  EXPECT_LINES(client.run("FETCH 1 BODY.PEEK[]"),
               ElementsAre("* 1 FETCH (BODY[] {" + size + "}", "Subject: caf\xc3\xa9", "", "body", ")", StartsWith("OK ")));
}

TEST_F(Rfc6855Test, Section4_AppendWaitsForTheContinuation) {
  Client client(server_, "ann");
  converse(client, "C: e ENABLE UTF8=ACCEPT\n"
                   "S: * ENABLED UTF8=ACCEPT\n"
                   "S: e OK ...\n"
                   "C: a APPEND q UTF8 (~{16}\n"
                   "S: + ...\n"
                   "C: Subject: caf\xc3\xa9\n"
                   "C: )\n"
                   "S: a OK [APPENDUID ...\n");
}

// Section 4 wants a NO. One in ten of real mails has such a header, and whoever has one to hand in may be older than ENABLE.
TEST_F(Rfc6855Test, Section4_EightBitHeadersAreTakenFromEverybody) {
  Talker& client = connect();
  const auto append = [&client](const std::string& message) {
    return client.run("APPEND q {" + std::to_string(message.size()) + "+}\r\n" + message).back();
  };
  EXPECT_THAT(append("Subject: caf\xc3\xa9\r\n\r\nbody\r\n"), StartsWith("OK "));
  EXPECT_THAT(append("Subject: a\nTo: \xff\n\nbody\n"), StartsWith("OK "));
  EXPECT_THAT(append("Subject: cafe\r\n\r\nbod\xc3\xa9\r\n"), StartsWith("OK "));
  client.run("SELECT q");
  EXPECT_EQ(client.run("UID FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]").at(1), "Subject: caf\xc3\xa9");
}

TEST_F(Rfc6855Test, UnauthenticateEndsIt) {
  Talker& client = utf8_client();
  client.run("CREATE \"\xc3\xa9\"");
  EXPECT_THAT(client.run("UNAUTHENTICATE").back(), StartsWith("OK "));
  EXPECT_THAT(client.run("LOGIN admin pw").back(), StartsWith("OK "));
  EXPECT_THAT(client.run("LIST \"\" &*"), ElementsAre(StartsWith("BAD ")));
  EXPECT_THAT(client.run("LIST \"\" &AOk-"), ElementsAre("* LIST (\\HasNoChildren) \"/\" &AOk-", StartsWith("OK ")));
}

// In a queue there may be messages with UTF-8 in their headers: they come as they are, in literals.
TEST_F(Rfc6855Test, Section8_EnvelopeCarriesUtf8) {
  append("Subject: caf\xc3\xa9\r\n\r\nbody\r\n");
  Talker& client = utf8_client("ann");
  client.run("EXAMINE q");
  EXPECT_LINES(client.run("FETCH 1 ENVELOPE"),
               ElementsAre("* 1 FETCH (ENVELOPE (NIL {5}", StartsWith("caf\xc3\xa9 NIL"), StartsWith("OK ")));
}

// Our users' names are ASCII, as the section leaves to us; another name is no syntax error.
TEST_F(Rfc6855Test, Section5_AuthenticateTakesUtf8UserNames) {
  Client client(server_);
  EXPECT_THAT(client.command("LOGIN \"j\xc3\xbcrgen\" pw").tagged, StartsWith("BAD "));
  converse(client, R"(
    C: a AUTHENTICATE PLAIN AGrDvHJnZW4AcHc=
    S: a NO [AUTHENTICATIONFAILED] ...
  )");
}

}  // namespace
}  // namespace imapd::session

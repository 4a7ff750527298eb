#include <gtest/gtest.h>

#include "tests/session/conversation.h"

namespace imapd::session {
namespace {

TEST(Login, GreetingShowsCapabilities) {
  Server server;
  Client client(server);
  EXPECT_TRUE(fits("* OK [CAPABILITY IMAP4rev1 ... AUTH=PLAIN ... CONDSTORE ...APPENDLIMIT=67108864...] ...", client.greeting()))
      << client.greeting();
}

TEST(Login, CapabilityHidesMechanismsOnceLoggedIn) {
  Server server;
  Client client(server);
  converse(client, R"(
    C: a CAPABILITY
    S: * CAPABILITY IMAP4rev1 ... SASL-IR ... AUTH=PLAIN AUTH=LOGIN ...
    S: a OK ...
    C: b LOGIN ann pw
    S: b OK [CAPABILITY IMAP4rev1 ...LITERAL+ ID ...] ...
    C: c LOGIN ann pw
    S: c BAD ...already logged in...
  )");
}

TEST(Login, WrongPasswordAndUnknownUserGetTheSameAnswer) {
  Server server;
  Client client(server);
  const auto wrong = client.command("LOGIN ann nope").tagged;
  EXPECT_TRUE(wrong.starts_with("NO [AUTHENTICATIONFAILED] ")) << wrong;
  EXPECT_EQ(client.command("LOGIN eve pw").tagged, wrong);
}

TEST(Login, LiteralsWork) {
  Server server;
  Client client(server);
  converse(client, R"(
    C: a LOGIN {3}
    S: + OK
    C: ann {2}
    S: + OK
    C: pw
    S: a OK ...
  )");
}

TEST(Login, NonSynchronizingLiteralsWork) {
  Server server;
  Client client(server);
  client.send("a LOGIN {3+}\r\nann {2+}\r\npw\r\n");
  EXPECT_TRUE(client.line().starts_with("a OK"));
}

TEST(Login, PlainWithInitialResponse) {
  Server server;
  Client client(server);
  converse(client, R"(
    C: a AUTHENTICATE PLAIN AGFubgBwdw==
    S: a OK [CAPABILITY ...] ...
  )");
}

TEST(Login, PlainWithContinuation) {
  Server server;
  Client client(server);
  converse(client, R"(
    C: a authenticate plain
    S: + ...
    C: AGFubgBwdw==
    S: a OK ...
  )");
}

TEST(Login, SaslLogin) {
  Server server;
  Client client(server);
  converse(client, R"(
    C: a AUTHENTICATE LOGIN
    S: + VXNlcm5hbWU6
    C: YW5u
    S: + UGFzc3dvcmQ6
    C: cHc=
    S: a OK ...
  )");
}

TEST(Login, CancelledExchangeIsBadAndTheSessionGoesOn) {
  Server server;
  Client client(server);
  converse(client, R"(
    C: a AUTHENTICATE PLAIN
    S: + ...
    C: *
    S: a BAD ...
    C: b AUTHENTICATE PLAIN !!!
    S: b BAD ...
    C: c AUTHENTICATE CRAM-MD5
    S: c NO ...
    C: d LOGIN ann pw
    S: d OK ...
  )");
}

TEST(Login, ActingAsSomebodyElseIsRefused) {
  Server server;
  Client client(server);
  converse(client, R"(
    C: a AUTHENTICATE PLAIN Ym9iAGFubgBwdw==
    S: a NO [AUTHORIZATIONFAILED] ...
    C: b SELECT INBOX
    S: b BAD ...
  )");
}

TEST(Login, WaitingLoginsAtTheLimitAndOnePast) {
  SessionOptions options;
  options.logins_waiting_max = 3;
  Server server(options);
  Quota::Share waiting(server.services().waiting_logins);
  ASSERT_TRUE(waiting.grow_to(2));
  EXPECT_TRUE(Client(server).command("LOGIN ann pw").tagged.starts_with("OK"));

  ASSERT_TRUE(waiting.grow_to(3));
  Client client(server);
  EXPECT_EQ(client.command("LOGIN bob pw").tagged, "NO [UNAVAILABLE] too many logins at once, try again");
  EXPECT_EQ(client.command("LOGIN ann nope").tagged, "NO [UNAVAILABLE] too many logins at once, try again");
  // Nobody has to wait whose password is known from before.
  EXPECT_TRUE(Client(server).command("LOGIN ann pw").tagged.starts_with("OK"));

  waiting.release();
  EXPECT_TRUE(client.command("LOGIN bob pw").tagged.starts_with("OK"));
  EXPECT_EQ(server.services().waiting_logins.left(), 3u);
}

TEST(Login, PersonalMailboxesAreThereAtFirstLogin) {
  Server server;
  Client client(server, "ann");
  converse(client, R"(
    C: a LIST "" INBOX*
    S: * LIST (\HasChildren) "/" INBOX
    S: * LIST (\HasNoChildren \Drafts) "/" INBOX/Drafts
    S: * LIST (\HasNoChildren \Sent) "/" INBOX/Sent
    S: * LIST (\HasNoChildren \Trash) "/" INBOX/Trash
    S: a OK ...
  )");
}

TEST(Login, OneUserDoesNotSeeAnothersMailboxes) {
  Server server;
  Client ann(server, "ann");
  Client bob(server, "bob");
  EXPECT_TRUE(ann.command("CREATE INBOX/Secret").tagged.starts_with("OK"));
  EXPECT_TRUE(bob.command("SELECT INBOX/Secret").tagged.starts_with("NO [NONEXISTENT]"));
  for (const auto& line : bob.command("LIST \"\" *").untagged) EXPECT_EQ(line.find("Secret"), std::string::npos);
}

TEST(Login, TwentyBadCommandsInARowEndTheConnection) {
  Server server;
  Client client(server);
  for (int i = 0; i < 19; ++i) EXPECT_TRUE(client.command("NONSENSE").tagged.starts_with("BAD"));
  EXPECT_TRUE(client.command("NOOP").tagged.starts_with("OK"));
  for (int i = 0; i < 19; ++i) EXPECT_TRUE(client.command("NONSENSE").tagged.starts_with("BAD"));
  client.send("x NONSENSE\r\n");
  EXPECT_TRUE(client.line().starts_with("x BAD"));
  EXPECT_TRUE(client.line().starts_with("* BYE"));
  EXPECT_EQ(client.line(), "<closed>");
}

TEST(Login, BadCommandsAfterLoginAreAnswered) {
  Server server;
  Client client(server, "ann");
  for (int i = 0; i < 25; ++i) EXPECT_TRUE(client.command("NONSENSE").tagged.starts_with("BAD"));
  EXPECT_TRUE(client.command("NOOP").tagged.starts_with("OK"));
}

TEST(Login, WhoDoesNotLogInInTimeIsToldBye) {
  SessionOptions options;
  options.pre_login_timeout = std::chrono::milliseconds(30);
  Server server(options);
  Client client(server);
  EXPECT_TRUE(client.line().starts_with("* BYE"));
  EXPECT_EQ(client.line(), "<closed>");
}

TEST(Login, LogoutSaysByeBeforeTheTaggedAnswer) {
  Server server;
  Client client(server, "ann");
  converse(client, R"(
    C: a LOGOUT
    S: * BYE ...
    S: a OK ...
    S: <closed>
  )");
}

TEST(Login, StartTlsIsNotOffered) {
  Server server;
  Client client(server);
  EXPECT_TRUE(client.command("STARTTLS").tagged.starts_with("BAD"));
}

}  // namespace
}  // namespace imapd::session

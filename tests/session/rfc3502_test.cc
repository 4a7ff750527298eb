#include "imapd/base/limits.h"
#include "tests/session/selected_fixture.h"

// RFC 3502: MULTIAPPEND.
namespace imapd::session {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

class Rfc3502Test : public SelectedTest {
 protected:
  std::uint64_t messages() { return server_.store().mailbox(queue_.id)->counters.messages; }
  store::MailboxInfo saved_ = server_.make_queue("saved-messages");
};

TEST_F(Rfc3502Test, Section63_11TheExample) {
  Client client(server_, "ann");
  client.command("CREATE test");
  const std::string first =
      "Date: Mon, 7 Feb 1994 21:52:25 -0800 (PST)\r\nFrom: Fred Foobar <foobar@Blurdybloop.example.COM>\r\n"
      "Subject: afternoon meeting\r\nTo: mooch@owatagu.example.net\r\nMessage-Id: <B27397-0100000@Blurdybloop.example.COM>\r\n"
      "MIME-Version: 1.0\r\nContent-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n"
      "Hello Joe, do you think we can meet at 3:30 tomorrow?\r\n";
  const std::string second =
      "Date: Mon, 7 Feb 1994 22:43:04 -0800 (PST)\r\nFrom: Joe Mooch <mooch@OWaTaGu.example.net>\r\n"
      "Subject: Re: afternoon meeting\r\nTo: foobar@blurdybloop.example.com\r\nMessage-Id: <a0434793874930@OWaTaGu.example.net>\r\n"
      "MIME-Version: 1.0\r\nContent-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n3:30 is fine with me.\r\n\r\n";
  client.send("A003 APPEND saved-messages (\\Seen) {" + std::to_string(first.size()) + "}\r\n");
  EXPECT_EQ(client.line(), "+ OK");
  client.send(first + " (\\Seen) \" 7-Feb-1994 22:43:04 -0800\" {" + std::to_string(second.size()) + "}\r\n");
  EXPECT_EQ(client.line(), "+ OK");
  client.send(second + "\r\n");
  EXPECT_EQ(client.line(), "A003 OK [APPENDUID " + std::to_string(saved_.uid_validity.value()) + " 1:2] APPEND done");
  const auto snapshot = server_.store().snapshot();
  const auto stored = **snapshot.message(saved_.id, Uid(2));
  EXPECT_TRUE(stored.flags.contains(SystemFlag::kSeen));
  EXPECT_EQ(stored.internal_date.zone_minutes, -480);
  EXPECT_EQ(stored.size(), second.size());

  client.send("A004 APPEND bogusname (\\Flagged) {1023+}\r\n" + std::string(1023, 'x') + "\r\n");
  EXPECT_THAT(client.line(), StartsWith("A004 NO [TRYCREATE] "));
}

TEST_F(Rfc3502Test, Section63_11NothingIsAppendedWhenTheQuotaIsReached) {
  store::UpdateMailbox update;
  update.mailbox = queue_.id;
  update.policy = queue_.policy;
  update.policy->messages_max = 2;
  ASSERT_TRUE(support::await(server_.store(), &store::Store::update_mailbox, std::move(update)));
  Client client(server_, "ann");
  client.send("A005 APPEND q (\\Flagged) {1+}\r\nx {1+}\r\ny {1+}\r\nz\r\n");
  EXPECT_THAT(client.line(), StartsWith("A005 NO [OVERQUOTA] "));
  EXPECT_EQ(messages(), 0u);
  client.send("A006 APPEND q (\\Flagged) {1+}\r\nx {1+}\r\ny\r\n");
  EXPECT_THAT(client.line(), StartsWith("A006 OK [APPENDUID "));
}

TEST_F(Rfc3502Test, Section63_11AnEmptyMessageCancelsAll) {
  Client client(server_, "ann");
  client.send("a APPEND q {1}\r\n");
  EXPECT_EQ(client.line(), "+ OK");
  client.send("x {0}\r\n");
  EXPECT_EQ(client.line(), "+ OK");
  client.send("\r\n");
  EXPECT_THAT(client.line(), StartsWith("a NO "));
  EXPECT_EQ(messages(), 0u);
}

TEST_F(Rfc3502Test, WhatIsWrongWithOneIsWrongWithAll) {
  Client client(server_, "ann");
  client.send("a APPEND q {1+}\r\nx ($Scheduled) {1+}\r\ny {1+}\r\nz\r\n");
  EXPECT_THAT(client.line(), StartsWith("a NO [CANNOT] "));
  client.send("b APPEND q {1+}\r\nx (\\Foo) {1+}\r\ny\r\n");
  EXPECT_THAT(client.line(), StartsWith("b BAD "));
  EXPECT_EQ(messages(), 0u);
}

TEST_F(Rfc3502Test, OthersSeeAllAtOnce) {
  Talker& watcher = selected_client("bob");
  Client client(server_, "ann");
  client.send("a APPEND q {1+}\r\nx (\\Flagged) {1+}\r\ny {1+}\r\nz\r\n");
  EXPECT_THAT(client.line(), StartsWith("a OK "));
  EXPECT_LINES(watcher.run("NOOP"), ElementsAre("* 3 EXISTS", "* 3 RECENT", StartsWith("OK")));
  EXPECT_TRUE(flags(2).contains(SystemFlag::kFlagged));
  EXPECT_TRUE(flags(3).empty());
}

TEST_F(Rfc3502Test, MessagesOfOneAppendAtTheLimitAndOnePast) {
  std::string many = " {1+}\r\nx";
  std::string messages_sent;
  for (std::size_t i = 0; i < limits::kAppendPartsMax; ++i) messages_sent += many;
  Client client(server_, "ann");
  client.send("a APPEND q" + messages_sent + "\r\n");
  EXPECT_THAT(client.line(), testing::HasSubstr(" 1:1000] APPEND done"));
  client.send("b APPEND q" + messages_sent + many + "\r\n");
  EXPECT_THAT(client.line(), StartsWith("b NO [LIMIT] "));
  EXPECT_EQ(messages(), limits::kAppendPartsMax);
}

TEST_F(Rfc3502Test, BytesOfOneAppendAtTheLimitAndOnePast) {
  SessionOptions options;
  options.message_bytes_max = 1000;
  Server server(options);
  server.make_queue("jobs");
  Client client(server, "ann");
  const std::string half(500, 'x');
  client.send("a APPEND jobs {500+}\r\n" + half + " {500}\r\n");
  EXPECT_EQ(client.line(), "+ OK");
  client.send(half + "\r\nb APPEND jobs {500+}\r\n" + half + " {501}\r\n");
  EXPECT_THAT(client.line(), StartsWith("a OK "));
  EXPECT_THAT(client.line(), StartsWith("b NO [TOOBIG] "));
  client.send("c APPEND jobs {500+}\r\n" + half + " {501+}\r\n" + half + "x\r\nd NOOP\r\n");
  EXPECT_THAT(client.line(), StartsWith("c NO [TOOBIG] "));
  EXPECT_THAT(client.line(), StartsWith("d OK "));
}

}  // namespace
}  // namespace imapd::session

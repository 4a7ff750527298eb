#include "tests/session/selected_fixture.h"

// RFC 8508: REPLACE.
namespace imapd::session {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class Rfc8508Test : public SelectedTest {
 protected:
  // The untagged lines and then the tagged one, without its tag.
  Lines replace(Talker& talker, const std::string& arguments, const std::string& message = "Subject: new\r\n\r\nnew\r\n") {
    return talker.run(arguments + " {" + std::to_string(message.size()) + "+}\r\n" + message);
  }
  std::string append_uid(const store::MailboxInfo& mailbox, std::uint32_t uid) {
    return "* OK [APPENDUID " + std::to_string(mailbox.uid_validity.value()) + ' ' + std::to_string(uid) + "] Replacement message ready";
  }
  std::uint64_t messages(const store::MailboxInfo& mailbox) { return server_.store().mailbox(mailbox.id)->counters.messages; }
};

TEST_F(Rfc8508Test, Section32TheExample) {
  fill(4);
  Client client(server_, "ann");
  client.command("SELECT q");
  const std::string message =
      "Date: Thu, 1 Jan 2015 00:05:00 -0500 (EST)\r\nFrom: Fritz Schmidt <fritz.ze@example.org>\r\nSubject: happy new year !!\r\n"
      "To: miss.mitzy@example.org\r\nMessage-Id: <B238822388-0100000@example.org>\r\nMIME-Version: 1.0\r\n"
      "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\nJust saw the best fireworks show. Wish you were here.\r\n";
  client.send("A003 REPLACE 4 q (\\Seen \\Draft) {" + std::to_string(message.size()) + "}\r\n");
  EXPECT_EQ(client.line(), "+ OK");
  client.send(message + "\r\n");
  EXPECT_EQ(client.line(), append_uid(queue_, 5));
  EXPECT_EQ(client.line(), "* 4 EXPUNGE");
  EXPECT_EQ(client.line(), "* 4 EXISTS");
  EXPECT_EQ(client.line(), "* 1 RECENT");
  EXPECT_EQ(client.line(), "A003 OK REPLACE completed");
  EXPECT_TRUE(flags(5).contains(SystemFlag::kDraft));
  EXPECT_FALSE(exists(4));
}

TEST_F(Rfc8508Test, Section33TheUidForm) {
  fill(3);
  Talker& client = selected_client();
  EXPECT_LINES(replace(client, "UID REPLACE 2 q (\\Seen \\Draft)"),
               ElementsAre(append_uid(queue_, 4), "* 2 EXPUNGE", "* 3 EXISTS", "* 1 RECENT", "OK REPLACE completed"));
  EXPECT_LINES(replace(client, "UID REPLACE * q"),
               ElementsAre(append_uid(queue_, 5), "* 3 EXPUNGE", "* 3 EXISTS", "* 1 RECENT", "OK REPLACE completed"));
}

TEST_F(Rfc8508Test, Section34OthersSeeOneStep) {
  fill(2);
  Talker& watcher = selected_client("bob");
  Talker& client = selected_client();
  replace(client, "REPLACE 1 q");
  EXPECT_LINES(watcher.run("NOOP"), ElementsAre("* 1 EXPUNGE", "* 2 EXISTS", testing::_, StartsWith("OK")));
}

TEST_F(Rfc8508Test, Section34IntoAnotherMailbox) {
  const auto sent = server_.make_queue("sent");
  fill(2);
  Talker& client = selected_client();
  EXPECT_LINES(replace(client, "REPLACE 1 sent"), ElementsAre(append_uid(sent, 1), "* 1 EXPUNGE", "OK REPLACE completed"));
  EXPECT_EQ(messages(queue_), 1u);
  EXPECT_EQ(messages(sent), 1u);
}

TEST_F(Rfc8508Test, Section34ErrorsLeaveEverythingAsItWas) {
  fill(1);
  Talker& client = selected_client();
  EXPECT_LINES(replace(client, "REPLACE 1 nothing"), ElementsAre(StartsWith("NO [TRYCREATE] ")));
  EXPECT_LINES(replace(client, "REPLACE 1 q", ""), ElementsAre(StartsWith("NO ")));
  EXPECT_LINES(replace(client, "REPLACE 1 q ($Scheduled)"), ElementsAre(StartsWith("NO [CANNOT] ")));
  EXPECT_LINES(replace(client, "REPLACE 2 q"), ElementsAre(StartsWith("BAD ")));
  EXPECT_LINES(replace(client, "UID REPLACE 2 q"), ElementsAre(StartsWith("NO [NONEXISTENT] ")));
  EXPECT_EQ(messages(queue_), 1u);
  EXPECT_TRUE(exists(1));
}

TEST_F(Rfc8508Test, Section34WhatIsGoneIsNotReplaced) {
  fill(2);
  Talker& client = selected_client();
  expunge({1});
  EXPECT_LINES(replace(client, "REPLACE 1 q"), ElementsAre("* 1 EXPUNGE", StartsWith("NO [EXPUNGEISSUED] ")));
  EXPECT_EQ(messages(queue_), 1u);
}

TEST_F(Rfc8508Test, WhatAnotherHoldsIsInUse) {
  fill(1);
  Talker& holder = condstore_client("bob");
  EXPECT_THAT(holder.run("UID STORE 1 (UNCHANGEDSINCE " + mod_seq(1) + ") +FLAGS (\\Claimed)").back(), StartsWith("OK"));
  Talker& client = selected_client();
  EXPECT_THAT(replace(client, "REPLACE 1 q").back(), StartsWith("NO [INUSE] Held by somebody else, and not replaced: message 1, UID 1"));
  EXPECT_EQ(messages(queue_), 1u);
  EXPECT_THAT(replace(holder, "REPLACE 1 q").back(), StartsWith("OK"));
}

TEST_F(Rfc8508Test, Section35OnlyWithAMailboxSelected) {
  Talker& client = connect();
  EXPECT_THAT(replace(client, "REPLACE 1 q").back(), StartsWith("BAD "));
  EXPECT_THAT(replace(client, "UID REPLACE 1 q").back(), StartsWith("BAD "));
}

TEST_F(Rfc8508Test, Section35NotOneThatIsOpenForReadingOnly) {
  fill(1);
  Talker& client = connect();
  client.run("EXAMINE q");
  EXPECT_THAT(replace(client, "REPLACE 1 q").back(), StartsWith("NO [READ-ONLY] "));
}

TEST_F(Rfc8508Test, Section41RightsOfBothMailboxes) {
  server_.make_queue("target", {{"ann", "l"}, {"bob", "li"}});
  for (const auto& [rights, may] : {std::pair{"lrswi", false}, {"lrswie", false}, {"lrswit", false}, {"lrte", true}}) {
    const std::string name = std::string("source-") + rights;
    const auto source = server_.make_queue(name, {{"ann", rights}, {"bob", rights}});
    server_.append(source, "x");
    Talker& ann = connect("ann");
    ann.run("SELECT " + name);
    EXPECT_THAT(replace(ann, "REPLACE 1 target").back(), StartsWith("NO [NOPERM] ")) << rights;
    Talker& bob = connect("bob");
    bob.run("SELECT " + name);
    EXPECT_THAT(replace(bob, "REPLACE 1 target").back(), StartsWith(may ? "OK" : "NO [NOPERM] ")) << rights;
  }
}

TEST_F(Rfc8508Test, Section34OnlyTheNetConsumptionCounts) {
  Talker& admin = connect("admin");
  Talker& ann = connect("ann");
  EXPECT_THAT(ann.run("APPEND INBOX {5+}\r\n12345").back(), StartsWith("OK"));
  EXPECT_THAT(admin.run("SETQUOTA \"#user/ann\" (MESSAGE 1)").back(), testing::AnyOf(StartsWith("OK"), StartsWith("NO"), StartsWith("BAD")));
  ann.run("SELECT INBOX");
  EXPECT_THAT(replace(ann, "REPLACE 1 INBOX").back(), StartsWith("OK"));
}

TEST_F(Rfc8508Test, Section45WithCondstoreTheTaggedAnswerHasTheHighest) {
  fill(1);
  Talker& client = condstore_client();
  const Lines lines = replace(client, "REPLACE 1 q");
  EXPECT_EQ(lines.back(), "OK [HIGHESTMODSEQ " + highest() + "] REPLACE completed");
}

TEST_F(Rfc8508Test, Section45WithQresyncItVanishes) {
  fill(2);
  Talker& client = connect();
  client.run("ENABLE QRESYNC");
  client.run("SELECT q");
  const Lines lines = replace(client, "UID REPLACE 1 q");
  EXPECT_EQ(lines.front(), append_uid(queue_, 3));
  EXPECT_EQ(lines.at(1), "* VANISHED 1");
  EXPECT_EQ(lines.back(), "OK [HIGHESTMODSEQ " + highest() + "] REPLACE completed");
}

// While NOTIFY watches something else the selected mailbox is silent, but for what the session itself does to it.
TEST_F(Rfc8508Test, UnderNotifyItsOwnExpungeIsTold) {
  fill(2);
  Talker& client = selected_client();
  client.run("NOTIFY SET (personal (MessageNew MessageExpunge))");
  const Lines lines = replace(client, "REPLACE 1 q");
  EXPECT_THAT(lines, testing::Contains("* 1 EXPUNGE"));
  EXPECT_THAT(lines, testing::Contains("* 2 EXISTS"));
}

TEST_F(Rfc8508Test, UidOnlyTakesTheUidFormOnly) {
  fill(2);
  Talker& client = connect();
  client.run("ENABLE UIDONLY");
  client.run("SELECT q");
  EXPECT_THAT(replace(client, "REPLACE 1 q").back(), StartsWith("BAD [UIDREQUIRED] "));
  const Lines lines = replace(client, "UID REPLACE 1 q");
  EXPECT_EQ(lines.front(), append_uid(queue_, 3));
  EXPECT_THAT(lines, testing::Contains("* VANISHED 1"));
  EXPECT_THAT(lines.back(), HasSubstr("REPLACE completed"));
}

TEST_F(Rfc8508Test, Section46TheEmailIdIsAnother) {
  fill(1);
  const auto before = message(1).email_id;
  replace(selected_client(), "REPLACE 1 q");
  EXPECT_NE(message(2).email_id, before);
}

TEST_F(Rfc8508Test, MessageAtTheLimitAndOnePast) {
  SessionOptions options;
  options.message_bytes_max = 1000;
  Server server(options);
  server.append(server.make_queue("q"), "old");
  Talker client(server, "ann");
  client.run("SELECT q");
  EXPECT_THAT(replace(client, "REPLACE 1 q", std::string(1001, 'x')).back(), StartsWith("NO [TOOBIG] "));
  EXPECT_THAT(replace(client, "REPLACE 1 q", std::string(1000, 'x')).back(), StartsWith("OK"));
}

}  // namespace
}  // namespace imapd::session

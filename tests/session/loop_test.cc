#include <gtest/gtest.h>

#include "imapd/base/limits.h"
#include "tests/session/conversation.h"

namespace imapd::session {
namespace {

constexpr const char* kMail = "Subject: x\r\n\r\nbody\r\n";

TEST(Loop, PipelinedCommandsAreAnsweredInOrder) {
  Server server;
  server.make_queue("jobs");
  Client client(server, "ann");
  client.send("a SELECT jobs\r\nb NOOP\r\nc APPEND jobs {1+}\r\nx\r\nd STATUS jobs (MESSAGES)\r\ne UNSELECT\r\nf NOOP\r\n");
  std::string tags;
  while (tags.size() < 6) {
    const std::string line = client.line();
    ASSERT_NE(line, "<timeout>");
    if (line[0] != '*') tags += line[0];
    if (line.starts_with("* STATUS")) {
      EXPECT_EQ(line, "* STATUS jobs (MESSAGES 1)");
    }
  }
  EXPECT_EQ(tags, "abcdef");
}

TEST(Loop, CommandsMayComeOneByteAtATime) {
  Server server;
  Client client(server, "ann");
  for (const char byte : std::string("a NOOP\r\nb CREATE {9+}\r\nINBOX/one\r\n")) client.send(std::string(1, byte));
  EXPECT_TRUE(client.line().starts_with("a OK"));
  EXPECT_TRUE(client.line().starts_with("b OK"));
}

TEST(Loop, EmptyLinesAreTolerated) {
  Server server;
  Client client(server);
  client.send("\r\n\r\na NOOP\r\n\r\n");
  EXPECT_TRUE(client.line().starts_with("a OK"));
}

TEST(Loop, UnknownCommandAndGarbageGetBad) {
  Server server;
  Client client(server, "ann");
  converse(client, R"(
    C: a FROBNICATE
    S: a BAD ...
    C: )))
    S: * BAD ...
    C: b
    S: b BAD ...
    C: c NOOP extra
    S: c BAD ...
    C: d NOOP
    S: d OK ...
  )");
}

TEST(Loop, BytesOfAllKindsEndNoSession) {
  Server server;
  Client client(server, "ann");
  std::string all;
  for (int byte = 1; byte < 256; ++byte) {
    if (byte != '\n' && byte != '{') all += static_cast<char>(byte);
  }
  client.send(all + "\r\nz NOOP\r\n");
  std::string line;
  do {
    line = client.line();
  } while (!line.starts_with("z ") && !line.starts_with("<"));
  EXPECT_TRUE(line.starts_with("z OK")) << line;
}

TEST(Loop, LineAtTheLimitAndOnePast) {
  Server server;
  Client client(server, "ann");
  const std::string head = "a SEARCH ";
  const std::string fitting = head + std::string(limits::kCommandLineBytesMax - head.size(), 'x');
  client.send(fitting + "\r\n");
  EXPECT_TRUE(fits("a BAD ...", client.line()));
  client.send(fitting + "x\r\nb NOOP\r\n");
  EXPECT_TRUE(client.line().starts_with("a BAD [TOOBIG]"));
  EXPECT_TRUE(client.line().starts_with("b OK"));
}

TEST(Loop, BeforeLoginLinesAndLiteralsAreShort) {
  Server server;
  Client client(server);
  client.send("a LOGIN " + std::string(limits::kPreLoginLineBytesMax, 'x') + "\r\nb NOOP\r\n");
  EXPECT_TRUE(client.line().starts_with("a BAD [TOOBIG]"));
  EXPECT_TRUE(client.line().starts_with("b OK"));
  client.send("c LOGIN {" + std::to_string(limits::kPreLoginLiteralBytesMax + 1) + "}\r\n");
  EXPECT_TRUE(client.line().starts_with("c BAD [TOOBIG]"));
  client.send("d LOGIN {4294967295}\r\n");
  EXPECT_TRUE(client.line().starts_with("d BAD"));
  client.send("e NOOP\r\n");
  EXPECT_TRUE(client.line().starts_with("e OK"));
}

TEST(Loop, EndlessLiteralBeforeLoginEndsTheConnection) {
  Server server;
  Client client(server);
  client.send("a LOGIN {999999999+}\r\n");
  EXPECT_TRUE(client.line().starts_with("a BAD [TOOBIG]"));
  EXPECT_TRUE(client.line().starts_with("* BYE"));
  EXPECT_EQ(client.line(), "<closed>");
}

TEST(Loop, TenThousandParenthesesAreBadAndCheap) {
  Server server;
  Client client(server, "ann");
  client.send("a STATUS INBOX " + std::string(10'000, '(') + "\r\nb ID " + std::string(10'000, '(') + "\r\n");
  EXPECT_TRUE(client.line().starts_with("a BAD"));
  EXPECT_TRUE(client.line().starts_with("b BAD"));
}

TEST(Loop, ConnectionsAtTheLimitAndOnePast) {
  SessionOptions options;
  options.connections_max = 2;
  Server server(options);
  Client first(server);
  Client second(server);
  Client third(server);
  EXPECT_TRUE(second.greeting().starts_with("* OK"));
  EXPECT_TRUE(third.greeting().starts_with("* BYE [UNAVAILABLE]"));
  EXPECT_EQ(third.line(), "<closed>");
}

TEST(Loop, AutologoutSaysBye) {
  SessionOptions options;
  options.autologout = std::chrono::milliseconds(30);
  Server server(options);
  Client client(server, "ann");
  EXPECT_TRUE(client.line().starts_with("* BYE"));
  EXPECT_EQ(client.line(), "<closed>");
}

TEST(Loop, StopSaysByeToEverybodyWhateverTheyDo) {
  Server server;
  server.make_queue("jobs");
  Client fresh(server);
  Client idle(server, "ann");
  idle.command("SELECT jobs");
  idle.start("IDLE");
  EXPECT_TRUE(idle.line().starts_with("+ "));
  Client authenticating(server);
  authenticating.start("AUTHENTICATE PLAIN");
  EXPECT_TRUE(authenticating.line().starts_with("+"));
  server.stop();
  EXPECT_TRUE(fresh.line().starts_with("* BYE"));
  EXPECT_TRUE(idle.line().starts_with("* BYE"));
  EXPECT_TRUE(authenticating.line().starts_with("* BYE"));
  EXPECT_EQ(server.services().sessions.size(), 0u);
}

TEST(Loop, ClientsThatVanishLeaveNothingBehind) {
  Server server;
  server.make_queue("jobs");
  for (const char* last : {"", "a SELECT jobs\r\n", "a IDLE\r\n", "a APPEND jobs {100}\r\nxx", "a NOO", "a LOGOUT\r\nb NOOP\r\n"}) {
    Client client(server, "ann");
    client.send(last);
    client.close();
  }
  server.stop();
  EXPECT_EQ(server.services().sessions.size(), 0u);
}

TEST(Loop, ClientThatDoesNotReadIsDropped) {
  SessionOptions options;
  options.slow_reader_timeout = std::chrono::milliseconds(50);
  Server server(options);
  for (int i = 0; i < 100; ++i) server.make_queue("queue-with-a-rather-long-name-so-that-answers-are-large-" + std::to_string(i));
  Client client(server, "ann");
  // Far more answers than the kernel's buffers take; none of them is read.
  std::string lists;
  for (int i = 0; i < 100; ++i) lists += "a LIST \"\" *\r\n";
  for (int i = 0; i < 20; ++i) client.send(lists);
  while (server.services().sessions.size() > 0) std::this_thread::yield();
  SUCCEED();
}

TEST(Idle, TellsOfACommitAtOnceAndEndsWithDone) {
  Server server;
  const auto queue = server.make_queue("jobs");
  Client client(server, "ann");
  client.command("SELECT jobs");
  client.send("a IDLE\r\n");
  EXPECT_EQ(client.line(), "+ idling");
  server.append(queue, kMail);
  EXPECT_EQ(client.line(), "* 1 EXISTS");
  EXPECT_EQ(client.line(), "* 1 RECENT");
  store::StoreFlags request;
  request.mailbox = queue.id;
  request.uids = UidSet::of(Uid(1));
  request.change.flags = {SystemFlag::kDeleted};
  request.actor.holder = "test";
  ASSERT_TRUE(support::await(server.store(), &store::Store::store_flags, std::move(request)));
  EXPECT_EQ(client.line(), "* 1 FETCH (UID 1 FLAGS (\\Deleted \\Recent))");
  store::Expunge expunge;
  expunge.mailbox = queue.id;
  expunge.actor.holder = "test";
  ASSERT_TRUE(support::await(server.store(), &store::Store::expunge, std::move(expunge)));
  EXPECT_EQ(client.line(), "* 1 EXPUNGE");
  client.send("done\r\nb NOOP\r\n");
  EXPECT_TRUE(client.line().starts_with("a OK"));
  EXPECT_TRUE(client.line().starts_with("b OK"));
}

TEST(Idle, WhatHappenedBeforeItIsToldAtItsStart) {
  Server server;
  const auto queue = server.make_queue("jobs");
  Client client(server, "ann");
  client.command("SELECT jobs");
  server.append(queue, kMail);
  client.send("a IDLE\r\n");
  EXPECT_EQ(client.line(), "+ idling");
  EXPECT_EQ(client.line(), "* 1 EXISTS");
}

TEST(Idle, DoneAndTheNextCommandInOnePacket) {
  Server server;
  server.make_queue("jobs");
  Client client(server, "ann");
  client.send("a SELECT jobs\r\nb IDLE\r\nDONE\r\nc NOOP\r\nd IDLE\r\nDONE\r\ne NOOP\r\n");
  std::string order;
  while (order.size() < 7) {
    const std::string line = client.line();
    ASSERT_FALSE(line.starts_with("<")) << line;
    if (line[0] != '*') order += line[0];
  }
  EXPECT_EQ(order, "a+bc+de");
}

TEST(Idle, AnythingButDoneIsBad) {
  Server server;
  Client client(server, "ann");
  converse(client, R"(
    C: a IDLE
    S: + idling
    C: b NOOP
    S: a BAD ...
    C: c NOOP
    S: c OK ...
  )");
}

TEST(Idle, DeletedMailboxEndsIt) {
  Server server;
  server.make_queue("jobs");
  Client ann(server, "ann");
  Client admin(server, "admin");
  ann.command("SELECT jobs");
  ann.send("a IDLE\r\n");
  EXPECT_EQ(ann.line(), "+ idling");
  EXPECT_TRUE(admin.command("DELETE jobs").tagged.starts_with("OK"));
  EXPECT_TRUE(ann.line().starts_with("* BYE"));
  EXPECT_TRUE(ann.line().starts_with("a OK"));
  EXPECT_EQ(ann.line(), "<closed>");
}

TEST(Idle, ManyIdlingClientsHearOfOneAppend) {
  Server server;
  const auto queue = server.make_queue("jobs");
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 30; ++i) {
    clients.push_back(std::make_unique<Client>(server, "ann"));
    clients.back()->command("SELECT jobs");
    clients.back()->send("i IDLE\r\n");
    EXPECT_EQ(clients.back()->line(), "+ idling");
  }
  server.append(queue, kMail);
  for (auto& client : clients) EXPECT_EQ(client->line(), "* 1 EXISTS");
}

}  // namespace
}  // namespace imapd::session

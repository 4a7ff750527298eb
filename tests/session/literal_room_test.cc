#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imapd/session/literal_pace.h"
#include "imapd/session/named_amount.h"
#include "tests/session/conversation.h"

// Clients that announce large literals and do not send them, or send too many of them.
namespace imapd::session {
namespace {

using namespace std::chrono_literals;
using testing::StartsWith;

constexpr std::size_t kMiB = 1024 * 1024;

TEST(LiteralPace, GraceAtTheLimitAndOnePast) {
  const LiteralPace::Time begin{1h};
  LiteralPace pace(limits::kLiteralGrace);
  EXPECT_FALSE(pace.deadline());
  EXPECT_FALSE(pace.is_over(LiteralPace::Time::max()));
  pace.wait_from(begin);
  pace.wait_from(begin + 1min);
  EXPECT_EQ(*pace.deadline(), begin + 2min);
  EXPECT_FALSE(pace.is_over(begin + 2min - 1ns));
  EXPECT_TRUE(pace.is_over(begin + 2min));
}

TEST(LiteralPace, WhatCameGivesTimeForMore) {
  const LiteralPace::Time begin{1h};
  LiteralPace pace(2min);
  pace.received(1'000'000);  // Of the command before.
  pace.wait_from(begin);
  pace.received(16 * 1024 - 1);
  EXPECT_EQ(*pace.deadline(), begin + 2min + 999ms);
  pace.received(1);
  EXPECT_EQ(*pace.deadline(), begin + 2min + 1s);
  pace.received(limits::kMessageBytesMax);
  EXPECT_EQ(*pace.deadline(), begin + 2min + 1s + 4096s);
  pace.end();
  EXPECT_FALSE(pace.deadline());
  pace.wait_from(begin + 5h);
  EXPECT_EQ(*pace.deadline(), begin + 5h + 2min);
}

TEST(NamedAmountTest, EachNameAtItsLimitAndOnePast) {
  NamedAmount amount(10);
  NamedAmount::Share first(amount, "ann");
  NamedAmount::Share second(amount, "ann");
  NamedAmount::Share other(amount, "bob");
  NamedAmount::Share nobody;
  EXPECT_TRUE(first.grow_to(4));
  EXPECT_FALSE(second.grow_to(7));
  EXPECT_TRUE(second.grow_to(6));
  EXPECT_TRUE(second.grow_to(6));
  EXPECT_FALSE(first.grow_to(5));
  EXPECT_TRUE(other.grow_to(10));
  EXPECT_FALSE(other.grow_to(11));
  EXPECT_TRUE(nobody.grow_to(SIZE_MAX));
  second.release();
  EXPECT_TRUE(first.grow_to(10));
  first = NamedAmount::Share();
  EXPECT_TRUE(second.grow_to(10));
}

TEST(LiteralRoom, AMessageThatDoesNotComeEndsTheConnection) {
  SessionOptions options;
  options.literal_grace = 0ms;
  Server server(options);
  Client client(server, "ann");
  client.send("a NOOP\r\n");
  EXPECT_THAT(client.line(), StartsWith("a OK"));
  client.send("b APPEND INBOX {2097152}\r\n");
  EXPECT_EQ(client.line(), "+ OK");
  EXPECT_EQ(client.line(), "* BYE The literals of the command come too slowly");
  EXPECT_EQ(client.line(), "<closed>");
  server.stop();
  EXPECT_EQ(server.services().large_literals.left(), options.literal_budget_bytes);
}

// max(budget / 4, message_bytes_max): 4 MiB of 16.
TEST(LiteralRoom, OneUserAtHisShareAndOnePast) {
  SessionOptions options;
  options.literal_budget_bytes = 16 * kMiB;
  options.message_bytes_max = 3 * kMiB;
  Server server(options);
  Client first(server, "ann");
  Client second(server, "ann");
  Client bob(server, "bob");
  first.send("a APPEND INBOX {2097152}\r\n");
  EXPECT_EQ(first.line(), "+ OK");
  second.send("a APPEND INBOX {2097153}\r\n");
  EXPECT_THAT(second.line(), StartsWith("a NO [LIMIT] "));
  second.send("b APPEND INBOX {2097152}\r\n");
  EXPECT_EQ(second.line(), "+ OK");
  bob.send("a APPEND INBOX {3145728}\r\n");
  EXPECT_EQ(bob.line(), "+ OK");
  // What needs no room is still taken, and all is given back.
  Client third(server, "ann");
  third.send("a APPEND INBOX {1048576}\r\n");
  EXPECT_EQ(third.line(), "+ OK");
  first.send(std::string(2 * kMiB, 'x') + "\r\n");
  EXPECT_THAT(first.line(), StartsWith("a OK"));
  first.send("b APPEND INBOX {2097152}\r\n");
  EXPECT_EQ(first.line(), "+ OK");
}

TEST(LiteralRoom, AMessageOfMaximalSizeAlwaysFitsTheShare) {
  SessionOptions options;
  options.literal_budget_bytes = 4 * kMiB;
  options.message_bytes_max = 3 * kMiB;
  Server server(options);
  Client client(server, "ann");
  client.send("a APPEND INBOX {3145728}\r\n");
  EXPECT_EQ(client.line(), "+ OK");
}

}  // namespace
}  // namespace imapd::session

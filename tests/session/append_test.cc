#include <gtest/gtest.h>

#include "imapd/base/limits.h"
#include "tests/session/conversation.h"

namespace imapd::session {
namespace {

class AppendTest : public testing::Test {
 protected:
  AppendTest() : queue_(server_.make_queue("jobs")) {}
  store::MessageState message(std::uint32_t uid) {
    const auto snapshot = server_.store().snapshot();
    return **snapshot.message(queue_.id, Uid(uid));
  }
  Server server_;
  store::MailboxInfo queue_;
};

TEST_F(AppendTest, AnswersWithTheUid) {
  Client client(server_, "ann");
  converse(client, R"(
    C: a APPEND jobs {13}
    S: + OK
    C: Subject: x
    C:
    S: a OK [APPENDUID ... 1] ...
  )");
  EXPECT_EQ(message(1).size(), 13u);
}

TEST_F(AppendTest, FlagsAndDateAreKept) {
  Client client(server_, "ann");
  client.send("a APPEND jobs (\\Seen $Claimed Junk) \" 1-Feb-2024 13:05:00 +0130\" {1+}\r\nx\r\n");
  EXPECT_TRUE(fits("a OK [APPENDUID ... 1] ...", client.line()));
  const auto state = message(1);
  EXPECT_TRUE(state.flags.contains(SystemFlag::kSeen));
  EXPECT_TRUE(state.flags.contains(SystemFlag::kClaimed));
  EXPECT_TRUE(state.flags.contains_keyword("junk"));
  EXPECT_TRUE(state.claim.has_value());
  EXPECT_EQ(state.internal_date.zone_minutes, 90);
  EXPECT_EQ(state.internal_date.time.time_since_epoch().count(), 1706787300000);
}

TEST_F(AppendTest, ToWhatIsNotThereSaysTryCreate) {
  server_.make_queue("hidden", {{"bob", "lri"}});
  Client client(server_, "ann");
  client.send("a APPEND nothing {1+}\r\nx\r\nb APPEND hidden {1+}\r\nx\r\n");
  EXPECT_TRUE(client.line().starts_with("a NO [TRYCREATE]"));
  EXPECT_TRUE(client.line().starts_with("b NO [TRYCREATE]"));
}

TEST_F(AppendTest, RightsDecide) {
  server_.make_queue("readers", {{"ann", "lr"}});
  server_.make_queue("writers", {{"ann", "lri"}});
  Client client(server_, "ann");
  client.send("a APPEND readers {1+}\r\nx\r\nb APPEND writers (\\Claimed) {1+}\r\nx\r\nc APPEND writers (\\Seen) {1+}\r\nx\r\n");
  EXPECT_TRUE(client.line().starts_with("a NO [NOPERM]"));
  EXPECT_TRUE(client.line().starts_with("b NO [NOPERM]"));
  EXPECT_TRUE(client.line().starts_with("c OK"));
  const auto writers = *server_.store().find_mailbox({"", "writers"});
  EXPECT_TRUE((**server_.store().snapshot().message(writers.id, Uid(1))).flags.empty());
}

TEST_F(AppendTest, ServerKeywordsCannotBeSet) {
  Client client(server_, "ann");
  client.send("a APPEND jobs ($Scheduled) {1+}\r\nx\r\n");
  EXPECT_TRUE(client.line().starts_with("a NO [CANNOT]"));
}

TEST_F(AppendTest, EmptyMessageAndNulAreRefused) {
  Client client(server_, "ann");
  client.send("a APPEND jobs {0+}\r\n\r\nb APPEND jobs {3+}\r\nx");
  client.send(std::string(1, '\0'));
  client.send("y\r\nc NOOP\r\n");
  EXPECT_FALSE(client.line().starts_with("a OK"));
  EXPECT_FALSE(client.line().starts_with("b OK"));
  EXPECT_TRUE(client.line().starts_with("c OK"));
}

TEST_F(AppendTest, MessageAtTheLimitAndOnePast) {
  SessionOptions options;
  options.message_bytes_max = 1000;
  Server server(options);
  server.make_queue("jobs");
  Client client(server, "ann");
  client.send("a APPEND jobs {1000}\r\n");
  EXPECT_EQ(client.line(), "+ OK");
  client.send(std::string(1000, 'x') + "\r\n");
  EXPECT_TRUE(client.line().starts_with("a OK"));
  client.send("b APPEND jobs {1001}\r\n");
  EXPECT_TRUE(client.line().starts_with("b NO [TOOBIG]"));
  client.send("c APPEND jobs {1001+}\r\n" + std::string(1001, 'x') + "\r\nd NOOP\r\n");
  EXPECT_TRUE(client.line().starts_with("c NO [TOOBIG]"));
  EXPECT_TRUE(client.line().starts_with("d OK"));
}

TEST_F(AppendTest, LargeLiteralsAtTheBudgetAndOnePast) {
  constexpr std::size_t kMiB = 1024 * 1024;
  SessionOptions options;
  options.literal_budget_bytes = 3 * kMiB + 1;
  Server server(options);
  server.make_queue("jobs");
  Client holder(server, "ann");
  holder.send("a APPEND jobs {2097152}\r\n");
  EXPECT_EQ(holder.line(), "+ OK");

  Client other(server, "bob");
  // One past, in both forms.
  other.send("a APPEND jobs {1048578}\r\n");
  EXPECT_TRUE(fits("a NO [LIMIT] ...", other.line()));
  other.send("b APPEND jobs {1048578+}\r\n" + std::string(kMiB + 2, 'x') + "\r\nc NOOP\r\n");
  EXPECT_TRUE(fits("b NO [LIMIT] ...", other.line()));
  EXPECT_TRUE(other.line().starts_with("c OK"));
  // At the bound.
  other.send("d APPEND jobs {1048577}\r\n");
  EXPECT_EQ(other.line(), "+ OK");
  EXPECT_EQ(server.services().large_literals.left(), 0u);

  // Ordinary mail needs none of it.
  Client third(server, "bob");
  third.send("a APPEND jobs {1048577+}\r\n" + std::string(kMiB + 1, 'x') + "\r\nb APPEND jobs {1048576}\r\n");
  EXPECT_TRUE(fits("a NO [LIMIT] ...", third.line()));
  EXPECT_EQ(third.line(), "+ OK");
  third.send(std::string(kMiB, 'x') + "\r\n");
  EXPECT_TRUE(third.line().starts_with("b OK"));

  // What was held is there again once the command is done.
  holder.send(std::string(2 * kMiB, 'x') + "\r\n");
  EXPECT_TRUE(holder.line().starts_with("a OK"));
  third.send("c APPEND jobs {2097152}\r\n");
  EXPECT_EQ(third.line(), "+ OK");
  // And when sessions have ended in the middle of it.
  server.stop();
  EXPECT_EQ(server.services().large_literals.left(), options.literal_budget_bytes);
}

TEST_F(AppendTest, FullQueueIsOverQuota) {
  store::UpdateMailbox update;
  update.mailbox = queue_.id;
  update.policy = queue_.policy;
  update.policy->messages_max = 1;
  ASSERT_TRUE(support::await(server_.store(), &store::Store::update_mailbox, std::move(update)));
  Client client(server_, "ann");
  client.send("a APPEND jobs {1+}\r\nx\r\nb APPEND jobs {1+}\r\nx\r\n");
  EXPECT_TRUE(client.line().starts_with("a OK"));
  EXPECT_TRUE(client.line().starts_with("b NO [OVERQUOTA]"));
}

TEST_F(AppendTest, PausedQueueIsInUse) {
  store::UpdateMailbox update;
  update.mailbox = queue_.id;
  update.policy = queue_.policy;
  update.policy->enqueue_paused = true;
  ASSERT_TRUE(support::await(server_.store(), &store::Store::update_mailbox, std::move(update)));
  Client client(server_, "ann");
  client.send("a APPEND jobs {1+}\r\nx\r\n");
  EXPECT_TRUE(client.line().starts_with("a NO [INUSE]"));
}

TEST_F(AppendTest, ToTheSelectedMailboxIsAnnouncedBeforeTheAnswer) {
  Client client(server_, "ann");
  client.command("SELECT jobs");
  client.send("a APPEND jobs {1+}\r\nx\r\n");
  converse(client, R"(
    S: * 1 EXISTS
    S: * 1 RECENT
    S: a OK [APPENDUID ... 1] ...
  )");
}

TEST_F(AppendTest, KeywordsAtTheLimitAndOnePast) {
  Client client(server_, "ann");
  std::string flags;
  for (std::size_t i = 0; i < limits::kKeywordsPerMessageMax; ++i) flags += "k" + std::to_string(i) + " ";
  client.send("a APPEND jobs (" + flags + "\\Seen) {1+}\r\nx\r\n");
  EXPECT_TRUE(client.line().starts_with("a OK"));
  client.send("b APPEND jobs (" + flags + "one-more) {1+}\r\nx\r\n");
  EXPECT_TRUE(client.line().starts_with("b NO [LIMIT]"));
}

}  // namespace
}  // namespace imapd::session

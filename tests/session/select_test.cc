#include <gtest/gtest.h>

#include "tests/session/conversation.h"

namespace imapd::session {
namespace {

constexpr const char* kMail = "Subject: x\r\n\r\nbody\r\n";

class SelectTest : public testing::Test {
 protected:
  SelectTest() : queue_(server_.make_queue("jobs", {{"anyone", "lrswite"}, {"bob", "lr"}})) {}
  Server server_;
  store::MailboxInfo queue_;
};

TEST_F(SelectTest, ShowsAllThatAClientNeeds) {
  server_.append(queue_, kMail, {SystemFlag::kSeen});
  server_.append(queue_, kMail);
  Client client(server_, "ann");
  converse(client, R"(
    C: a SELECT jobs
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft \Claimed $Claimed $Scheduled)
    S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \Claimed $Claimed \*)] ...
    S: * 2 EXISTS
    S: * 2 RECENT
    S: * OK [UNSEEN 2] ...
    S: * OK [UIDVALIDITY ...] ...
    S: * OK [UIDNEXT 3] ...
    S: * OK [MAILBOXID (...)] ...
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * OK [ANNOTATIONS READ-ONLY NOPRIVATE] ...
    S: a OK [READ-WRITE] ...
  )");
}

TEST_F(SelectTest, ExamineIsReadOnlyAndTakesNoRecent) {
  server_.append(queue_, kMail);
  Client client(server_, "ann");
  for (const char* tag : {"a", "b"}) {
    client.send(std::string(tag) + " EXAMINE jobs\r\n");
    if (*tag == 'b') {
      EXPECT_TRUE(client.line().starts_with("* OK [CLOSED]"));
    }
    converse(client, R"(
      S: * FLAGS ...
      S: * OK [PERMANENTFLAGS ()] ...
      S: * 1 EXISTS
      S: * 1 RECENT
      S: * OK [UNSEEN 1] ...
      S: * OK [UIDVALIDITY ...
      S: * OK [UIDNEXT 2] ...
      S: * OK [MAILBOXID (...)] ...
      S: * OK [HIGHESTMODSEQ ...
      S: * OK [ANNOTATIONS ...
      S: ... OK [READ-ONLY] ...
    )");
  }
}

TEST_F(SelectTest, RecentIsForTheFirstSessionOnly) {
  server_.append(queue_, kMail);
  Client first(server_, "ann");
  Client second(server_, "admin");
  const auto count = [](Client& client) { return client.command("SELECT jobs").untagged.at(3); };
  EXPECT_EQ(count(first), "* 1 RECENT");
  EXPECT_EQ(count(second), "* 0 RECENT");
  server_.append(queue_, kMail);
  EXPECT_EQ(second.command("NOOP").untagged, (std::vector<std::string>{"* 2 EXISTS", "* 1 RECENT"}));
  EXPECT_EQ(first.command("NOOP").untagged, (std::vector<std::string>{"* 2 EXISTS", "* 1 RECENT"}));
}

TEST_F(SelectTest, WithoutARightToWriteSelectIsReadOnly) {
  Server server;
  server.make_queue("jobs", {{"bob", "lr"}});
  server.make_queue("blind", {{"bob", "l"}});
  Client bob(server, "bob");
  EXPECT_TRUE(bob.command("SELECT jobs").tagged.starts_with("OK [READ-ONLY]"));
  EXPECT_TRUE(bob.command("SELECT blind").tagged.starts_with("NO [NOPERM]"));
}

TEST_F(SelectTest, PermanentFlagsFollowTheRights) {
  Server server;
  server.make_queue("jobs", {{"bob", "lrs"}});
  Client bob(server, "bob");
  const auto answer = bob.command("SELECT jobs");
  EXPECT_TRUE(answer.untagged.at(1).starts_with("* OK [PERMANENTFLAGS (\\Seen)]")) << answer.untagged.at(1);
  EXPECT_TRUE(answer.tagged.starts_with("OK [READ-WRITE]"));
}

TEST_F(SelectTest, FailedSelectLeavesNothingSelected) {
  Client client(server_, "ann");
  client.command("SELECT jobs");
  converse(client, R"(
    C: a SELECT nothing
    S: * OK [CLOSED] ...
    S: a NO [NONEXISTENT] ...
    C: b CHECK
    S: b BAD ...
  )");
}

TEST_F(SelectTest, UnselectEndsTheSelectedState) {
  Client client(server_, "ann");
  client.command("SELECT jobs");
  converse(client, R"(
    C: a UNSELECT
    S: a OK ...
    C: b UNSELECT
    S: b BAD ...
  )");
}

TEST_F(SelectTest, FirstEnablingCommandReturnsHighestModSeq) {
  server_.append(queue_, kMail);
  Client client(server_, "ann");
  client.command("SELECT jobs");
  converse(client, R"(
    C: a ENABLE CONDSTORE X-UNKNOWN
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * ENABLED CONDSTORE
    S: a OK ...
    C: b STATUS jobs (HIGHESTMODSEQ)
    S: * STATUS jobs (HIGHESTMODSEQ ...)
    S: b OK ...
  )");
}

TEST_F(SelectTest, StatusHighestModSeqEnables) {
  Client client(server_, "ann");
  client.command("SELECT jobs");
  converse(client, R"(
    C: a STATUS INBOX (HIGHESTMODSEQ MESSAGES)
    S: * OK [HIGHESTMODSEQ ...] ...
    S: * STATUS INBOX (HIGHESTMODSEQ ... MESSAGES 0)
    S: a OK ...
  )");
}

TEST_F(SelectTest, OthersChangesCarryModSeqOnlyOnceEnabled) {
  server_.append(queue_, kMail);
  Client client(server_, "ann");
  client.command("SELECT jobs");
  const auto set = [&](SystemFlag flag) {
    store::StoreFlags request;
    request.mailbox = queue_.id;
    request.uids = UidSet::of(Uid(1));
    request.change.flags = {flag};
    request.actor.user = "bob";
    request.actor.holder = "test";
    ASSERT_TRUE(support::await(server_.store(), &store::Store::store_flags, std::move(request)));
  };
  set(SystemFlag::kSeen);
  EXPECT_EQ(client.command("NOOP").untagged, (std::vector<std::string>{"* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent))"}));
  client.command("ENABLE CONDSTORE");
  set(SystemFlag::kFlagged);
  const auto told = client.command("NOOP").untagged;
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(fits("* 1 FETCH (UID 1 FLAGS (...) MODSEQ (...))", told[0])) << told[0];
}

// RFC 7162, section 6: while an EXPUNGE is delayed, HIGHESTMODSEQ stays below it (I5).
TEST_F(SelectTest, DelayedExpungeHoldsHighestModSeqBack) {
  for (int i = 0; i < 3; ++i) server_.append(queue_, kMail);
  Client client(server_, "ann");
  client.command("SELECT jobs (CONDSTORE)");
  server_.append(queue_, kMail, {SystemFlag::kDeleted});
  EXPECT_EQ(client.command("NOOP").untagged.front(), "* 4 EXISTS");
  store::Expunge expunge;
  expunge.mailbox = queue_.id;
  expunge.actor.holder = "test";
  ASSERT_TRUE(support::await(server_.store(), &store::Store::expunge, std::move(expunge)));

  const auto fetched = client.command("FETCH 1 FLAGS").untagged;
  ASSERT_EQ(fetched.size(), 2u);
  EXPECT_TRUE(fits("* 1 FETCH (...)", fetched[0])) << fetched[0];
  EXPECT_TRUE(fits("* OK [HIGHESTMODSEQ ...] EXPUNGE is delayed", fetched[1])) << fetched[1];
  const auto searched = client.command("UID SEARCH ALL").untagged;
  EXPECT_EQ(searched.at(1), "* 4 EXPUNGE");
  EXPECT_TRUE(fits("* OK [HIGHESTMODSEQ ...] All is told", searched.at(2))) << searched.at(2);
  EXPECT_NE(fetched[1].substr(0, fetched[1].find(']')), searched[2].substr(0, searched[2].find(']')));
  EXPECT_EQ(client.command("NOOP").untagged.size(), 0u);
}

TEST_F(SelectTest, SelectWithCondstoreEnables) {
  Client client(server_, "ann");
  EXPECT_TRUE(client.command("SELECT jobs (CONDSTORE)").tagged.starts_with("OK"));
}

TEST_F(SelectTest, StatusItems) {
  server_.append(queue_, kMail, {SystemFlag::kSeen});
  server_.append(queue_, kMail);
  Client client(server_, "ann");
  converse(client, R"(
    C: a STATUS jobs (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN SIZE)
    S: * STATUS jobs (MESSAGES 2 RECENT 2 UIDNEXT 3 UIDVALIDITY ... UNSEEN 1 SIZE 40)
    S: a OK ...
    C: b STATUS nothing (MESSAGES)
    S: b NO [NONEXISTENT] ...
    C: c STATUS jobs (NONSENSE)
    S: c BAD ...
  )");
}

TEST_F(SelectTest, IdAndCheckAndCapability) {
  Client client(server_, "ann");
  client.command("SELECT jobs");
  converse(client, R"(
    C: a ID ("name" "test" "version" NIL)
    S: * ID ("name" "claimq"...)
    S: a OK ...
    C: b CHECK
    S: b OK ...
    C: c CAPABILITY
    S: * CAPABILITY IMAP4rev1 ...
    S: c OK ...
  )");
}

}  // namespace
}  // namespace imapd::session

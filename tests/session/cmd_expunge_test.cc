#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::StartsWith;

using ExpungeTest = SelectedTest;

TEST_F(ExpungeTest, EachLineCountsFromTheOneBefore) {
  fill(6);
  for (const std::uint32_t uid : {2, 3, 6}) store_flags(uid, {SystemFlag::kDeleted});
  Talker& client = selected_client();
  EXPECT_LINES(client.run("EXPUNGE"), ElementsAre("* 2 EXPUNGE", "* 2 EXPUNGE", "* 4 EXPUNGE", StartsWith("OK ")));
  EXPECT_LINES(client.run("UID SEARCH ALL").front(), "* SEARCH 1 4 5");
}

TEST_F(ExpungeTest, UidExpungeRemovesOnlyTheDeletedOfThoseNamed) {
  fill(4);
  for (const std::uint32_t uid : {1, 3}) store_flags(uid, {SystemFlag::kDeleted});
  Talker& client = selected_client();
  EXPECT_LINES(client.run("UID EXPUNGE 2:4"), ElementsAre("* 3 EXPUNGE", StartsWith("OK ")));
  EXPECT_LINES(client.run("UID EXPUNGE 77"), ElementsAre(StartsWith("OK ")));
  EXPECT_TRUE(exists(1));
}

TEST_F(ExpungeTest, CondstoreClientsAreToldTheHighestModSeqAfterTheExpunges) {
  fill(2);
  store_flags(1, {SystemFlag::kDeleted});
  EXPECT_LINES(condstore_client().run("EXPUNGE"),
               ElementsAre("* 1 EXPUNGE", StartsWith("OK [HIGHESTMODSEQ " + highest() + "] ")));
}

TEST_F(ExpungeTest, WhatOthersHoldIsPassedOver) {
  fill(2);
  Talker& holder = selected_client("bob");
  holder.run("STORE 1 +FLAGS.SILENT (\\Claimed)");
  holder.run("STORE 1 +FLAGS.SILENT (\\Deleted)");
  Talker& client = selected_client();
  EXPECT_LINES(client.run("EXPUNGE"), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(client.run("CLOSE"), ElementsAre(StartsWith("OK ")));
  EXPECT_TRUE(exists(1));
  EXPECT_LINES(holder.run("CLOSE"), ElementsAre(StartsWith("OK ")));
  EXPECT_FALSE(exists(1));
}

TEST_F(ExpungeTest, CloseTellsNothingOfWhatItRemoves) {
  fill(3);
  store_flags(2, {SystemFlag::kDeleted});
  Talker& client = selected_client();
  EXPECT_LINES(client.run("CLOSE"), ElementsAre(StartsWith("OK ")));
  EXPECT_FALSE(exists(2));
  EXPECT_LINES(client.run("EXPUNGE"), ElementsAre(StartsWith("BAD ")));
}

TEST_F(ExpungeTest, ReadOnlyExpungeIsRefusedAndCloseRemovesNothing) {
  fill(1);
  store_flags(1, {SystemFlag::kDeleted});
  Talker& client = connect();
  client.run("EXAMINE q");
  EXPECT_LINES(client.run("EXPUNGE"), ElementsAre(StartsWith("NO [READ-ONLY] ")));
  EXPECT_LINES(client.run("UID EXPUNGE 1"), ElementsAre(StartsWith("NO [READ-ONLY] ")));
  EXPECT_LINES(client.run("CLOSE"), ElementsAre(StartsWith("OK ")));
  EXPECT_TRUE(exists(1));
}

TEST_F(ExpungeTest, WithoutTheRightItIsRefused) {
  const auto shelf = server_.make_queue("shelf", {{"anyone", "lrswt"}});
  server_.append(shelf, "Subject: x\r\n\r\n", {SystemFlag::kDeleted});
  Talker& client = connect();
  client.run("SELECT shelf");
  EXPECT_LINES(client.run("EXPUNGE"), ElementsAre(StartsWith("NO [NOPERM] ")));
  EXPECT_LINES(client.run("CLOSE"), ElementsAre(StartsWith("OK ")));
  EXPECT_EQ(server_.store().mailbox(shelf.id)->counters.messages, 1u);
}

}  // namespace
}  // namespace imapd::session

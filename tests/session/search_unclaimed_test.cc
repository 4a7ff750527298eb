#include <random>

#include "tests/session/selected_fixture.h"

// SEARCH of what is not claimed: by the keys of what is ready where they are few, else message by message. Negated twice it is always
// the latter, and both must say the same.
namespace imapd::session {
namespace {

class SearchUnclaimedTest : public SelectedTest {
 protected:
  static void expect_same(Talker& client, const std::string& more) {
    for (const char* const name : {"$Claimed", "\\Claimed"}) {
      const std::string quick = client.run("UID SEARCH UNKEYWORD " + std::string(name) + more).front();
      EXPECT_EQ(quick, client.run("UID SEARCH NOT KEYWORD " + std::string(name) + more).front()) << name << more;
    }
  }
};

TEST_F(SearchUnclaimedTest, EqualsTheSearchOfEachMessage) {
  fill(60);
  Talker& worker = condstore_client("bob");
  Talker& client = selected_client();
  std::mt19937 random(1);
  const auto any_uid = [&random] { return std::to_string(1 + random() % 60); };
  for (int round = 0; round < 12; ++round) {
    for (int i = 0; i < 12; ++i) worker.run("UID STORE " + any_uid() + " (UNCHANGEDSINCE " + highest() + ") +FLAGS.SILENT (\\Claimed)");
    if (round % 3 == 1) worker.run("UID STORE " + any_uid() + " +FLAGS.SILENT (\\Deleted)");
    if (round % 4 == 2) worker.run("UID STORE " + any_uid() + " -FLAGS.SILENT (\\Claimed)");
    if (round % 5 == 4) worker.run("EXPUNGE");
    for (const char* const more : {"", " UNSEEN", " UID 5:40", " DELETED", " 1:20"}) expect_same(client, more);
    client.run("NOOP");
  }
}

TEST_F(SearchUnclaimedTest, APersonalMailboxIsSearchedMessageByMessage) {
  Talker& client = connect();
  for (int i = 0; i < 8; ++i) client.run("APPEND INBOX {4+}\r\n\r\nmy");
  client.run("SELECT INBOX");
  EXPECT_EQ(client.run("UID SEARCH UNKEYWORD $Claimed").front(), "* SEARCH 1 2 3 4 5 6 7 8");
}

}  // namespace
}  // namespace imapd::session

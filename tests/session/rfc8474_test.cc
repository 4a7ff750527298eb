#include "imapd/wire/object_id.h"
#include "tests/session/selected_fixture.h"

// RFC 8474: OBJECTID.
namespace imapd::session {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class Rfc8474Test : public SelectedTest {
 protected:
  std::string email_id(std::uint32_t uid) { return wire::email_object_id(message(uid).email_id); }
  std::string mailbox_id(const std::string& name) {
    return wire::mailbox_object_id(server_.store().find_mailbox({"", name})->id);
  }
};

TEST_F(Rfc8474Test, Section41CreateTellsTheMailboxId) {
  Talker& client = connect("admin");
  EXPECT_LINES(client.run("CREATE foo"), ElementsAre("OK [MAILBOXID (" + mailbox_id("foo") + ")] CREATE done"));
  EXPECT_LINES(client.run("CREATE bar"), ElementsAre("OK [MAILBOXID (" + mailbox_id("bar") + ")] CREATE done"));
  EXPECT_NE(mailbox_id("foo"), mailbox_id("bar"));
}

TEST_F(Rfc8474Test, Section42SelectAndExamineTellIt) {
  Talker& client = connect();
  EXPECT_LINES(client.run("SELECT q"), Contains(StartsWith("* OK [MAILBOXID (" + mailbox_id("q") + ")] ")));
  EXPECT_LINES(client.run("EXAMINE q"), Contains(StartsWith("* OK [MAILBOXID (" + mailbox_id("q") + ")] ")));
}

TEST_F(Rfc8474Test, Section43StatusTellsItAndARenameKeepsIt) {
  Talker& client = connect("admin");
  client.run("CREATE foo");
  const std::string id = mailbox_id("foo");
  EXPECT_LINES(client.run("STATUS foo (mailboxid)"), ElementsAre("* STATUS foo (MAILBOXID (" + id + "))", "OK STATUS done"));
  client.run("RENAME foo renamed");
  EXPECT_LINES(client.run("STATUS renamed (mailboxid messages)"),
               ElementsAre("* STATUS renamed (MAILBOXID (" + id + ") MESSAGES 0)", "OK STATUS done"));
}

TEST_F(Rfc8474Test, Section53WithoutThreads) {
  fill(2);
  Talker& client = selected_client();
  EXPECT_LINES(client.run("FETCH 1:* (emailid threadid)"),
               ElementsAre("* 1 FETCH (EMAILID (" + email_id(1) + ") THREADID NIL)",
                           "* 2 FETCH (EMAILID (" + email_id(2) + ") THREADID NIL)", "OK FETCH completed"));
  EXPECT_NE(email_id(1), email_id(2));
}

TEST_F(Rfc8474Test, Section51ACopyKeepsTheEmailId) {
  fill(1);
  const std::string id = email_id(1);
  server_.make_queue("other");
  Talker& client = selected_client();
  client.run("COPY 1 other");
  client.run("MOVE 1 other");
  client.run("SELECT other");
  EXPECT_LINES(client.run("FETCH 1:* EMAILID"),
               ElementsAre("* 1 FETCH (EMAILID (" + id + "))", "* 2 FETCH (EMAILID (" + id + "))", "OK FETCH completed"));
}

TEST_F(Rfc8474Test, Section6SearchFindsExactlyThatId) {
  fill(3);
  Talker& client = selected_client();
  EXPECT_LINES(client.run("SEARCH EMAILID " + email_id(2)), ElementsAre("* SEARCH 2", "OK SEARCH completed"));
  EXPECT_LINES(client.run("SEARCH OR EMAILID " + email_id(1) + " EMAILID " + email_id(3)),
               ElementsAre("* SEARCH 1 3", "OK SEARCH completed"));
  EXPECT_LINES(client.run("SEARCH EMAILID M0" + email_id(2).substr(1)), ElementsAre("* SEARCH", "OK SEARCH completed"));
  EXPECT_LINES(client.run("SEARCH EMAILID Mabcdefg"), ElementsAre("* SEARCH", "OK SEARCH completed"));
  EXPECT_LINES(client.run("SEARCH THREADID T64b478a75b7ea9"), ElementsAre("* SEARCH", "OK SEARCH completed"));
  EXPECT_THAT(client.run("SEARCH EMAILID a.b").back(), StartsWith("BAD"));
}

TEST_F(Rfc8474Test, Section7AnObjectIdHasAtMost255Characters) {
  EXPECT_TRUE(wire::is_object_id(std::string(255, 'a')));
  EXPECT_FALSE(wire::is_object_id(std::string(256, 'a')));
  EXPECT_FALSE(wire::is_object_id(""));
}

}  // namespace
}  // namespace imapd::session

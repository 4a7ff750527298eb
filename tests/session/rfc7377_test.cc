#include "imapd/base/limits.h"
#include "tests/session/selected_fixture.h"

// RFC 7377 (MULTISEARCH).
namespace imapd::session {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class MultisearchTest : public SelectedTest {
 protected:
  MultisearchTest() {
    for (const char* const name : {"folder1", "folder2", "folder2/banana", "folder2/peach", "folder2/peach/stone"}) make(name);
  }
  void make(const std::string& name, const std::string& rights = kRights) {
    mailboxes_[name] = server_.make_queue(name, {{"anyone", rights}});
  }
  void fill(const std::string& name, std::uint32_t count, FlagSet flags = {}) {
    for (std::uint32_t i = 0; i < count; ++i) server_.append(mailboxes_.at(name), "Subject: chad\r\n\r\nbody\r\n", flags);
  }
  std::string validity(const std::string& name) {
    return std::to_string(server_.store().find_mailbox({std::string(), name})->uid_validity.value());
  }
  // The mailboxes that answered with what they answered, without the correlators; the tagged line last.
  static Lines found(Talker& client, const std::string& command) {
    Lines lines = client.run(command);
    for (std::string& line : lines) {
      const std::string head = "* ESEARCH (TAG \"" + client.last_tag() + "\" MAILBOX ";
      const auto validity = line.find(" UIDVALIDITY ");
      if (!line.starts_with(head) || validity == std::string::npos) continue;
      line = line.substr(head.size(), validity - head.size()) + line.substr(line.find(") UID", validity) + 5);
    }
    return lines;
  }

  std::map<std::string, store::MailboxInfo> mailboxes_;
};

TEST_F(MultisearchTest, IsAdvertised) { EXPECT_THAT(connect().run("CAPABILITY").front(), HasSubstr(" MULTISEARCH ")); }

// Section 3.
TEST_F(MultisearchTest, TheConversationOfTheRfc) {
  fill("folder1", 2, FlagSet{SystemFlag::kSeen});
  fill("folder1", 3);
  fill("folder2/banana", 1);
  fill("folder2/peach/stone", 2);
  Talker& client = connect();
  EXPECT_LINES(client.run("ESEARCH IN (mailboxes \"folder1\" subtree \"folder2\") unseen"),
               ElementsAre("* ESEARCH (TAG \"" + client.last_tag() + "\" MAILBOX folder1 UIDVALIDITY " + validity("folder1") + ") UID ALL 3:5",
                           "* ESEARCH (TAG \"" + client.last_tag() + "\" MAILBOX folder2/banana UIDVALIDITY " +
                               validity("folder2/banana") + ") UID ALL 1",
                           "* ESEARCH (TAG \"" + client.last_tag() + "\" MAILBOX folder2/peach/stone UIDVALIDITY " +
                               validity("folder2/peach/stone") + ") UID ALL 1:2",
                           StartsWith("OK ")));
  EXPECT_LINES(found(client, "ESEARCH IN (mailboxes \"folder1\" subtree-one \"folder2\") subject \"chad\""),
               ElementsAre("folder1 ALL 1:5", "folder2/banana ALL 1", StartsWith("OK ")));
}

// Section 2.1: nothing matches in it, nothing is said of it, whatever is to be returned.
TEST_F(MultisearchTest, OnlyMailboxesWithMatchesAnswer) {
  fill("folder1", 3);
  Talker& client = connect();
  EXPECT_LINES(found(client, "ESEARCH IN (subtree (folder1 folder2)) RETURN (MIN MAX COUNT) ALL"),
               ElementsAre("folder1 MIN 1 MAX 3 COUNT 3", StartsWith("OK ")));
  EXPECT_LINES(found(client, "ESEARCH IN (subtree folder2) RETURN (COUNT) ALL"), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(found(client, "ESEARCH IN (mailboxes folder1) RETURN () SEEN"), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(found(client, "ESEARCH IN (mailboxes folder1) RETURN (PARTIAL -1:-2) ALL"),
               ElementsAre("folder1 PARTIAL (-1:-2 2:3)", StartsWith("OK ")));
}

// Section 2.2.
TEST_F(MultisearchTest, EverySource) {
  for (const char* const name : {"folder1", "folder2", "folder2/peach"}) fill(name, 1);
  Talker& client = connect();
  client.run("APPEND INBOX {4+}\r\n\r\nmy");
  client.run("CREATE INBOX/sub");
  client.run("APPEND INBOX/sub {4+}\r\n\r\nmy");
  client.run("SUBSCRIBE folder2/peach");
  client.run("SUBSCRIBE INBOX/sub");
  client.run("SUBSCRIBE gone");
  const Lines personal = {"INBOX ALL 1", "INBOX/sub ALL 1", "OK ESEARCH completed"};
  EXPECT_EQ(found(client, "ESEARCH IN (personal) ALL"), personal);
  EXPECT_EQ(found(client, "ESEARCH IN (inboxes) ALL"), personal);
  EXPECT_EQ(found(client, "ESEARCH IN (subtree inbox) ALL"), personal);
  EXPECT_LINES(found(client, "ESEARCH IN (subscribed) ALL"), testing::UnorderedElementsAre("INBOX/sub ALL 1", "folder2/peach ALL 1", "OK ESEARCH completed"));
  EXPECT_EQ(found(client, "ESEARCH IN (mailboxes (folder2 none inbox/sub)) ALL").size(), 3u);
  EXPECT_LINES(found(client, "ESEARCH IN (subtree-one folder2) ALL"),
               ElementsAre("folder2 ALL 1", "folder2/peach ALL 1", StartsWith("OK ")));
  // Each once, however often it is named.
  EXPECT_LINES(found(client, "ESEARCH IN (subtree folder2 mailboxes (folder2 folder2)) ALL"),
               ElementsAre("folder2 ALL 1", "folder2/peach ALL 1", StartsWith("OK ")));
  EXPECT_THAT(client.run("ESEARCH IN (selected-delayed) ALL").back(), StartsWith("BAD "));
  // Bob has his own.
  EXPECT_LINES(found(connect("bob"), "ESEARCH IN (personal subtree INBOX) ALL"), ElementsAre(StartsWith("OK ")));
}

TEST_F(MultisearchTest, TheSelectedMailboxAndTheState) {
  fill("folder1", 3);
  Talker& client = connect();
  EXPECT_THAT(client.run("ESEARCH ALL").back(), StartsWith("BAD "));
  EXPECT_THAT(client.run("ESEARCH IN (selected mailboxes folder1) ALL").back(), StartsWith("BAD "));
  client.run("SELECT folder1");
  EXPECT_LINES(found(client, "ESEARCH ALL"), ElementsAre("folder1 ALL 1:3", StartsWith("OK ")));
  EXPECT_LINES(found(client, "ESEARCH IN (selected) RETURN (COUNT) ALL"), ElementsAre("folder1 COUNT 3", StartsWith("OK ")));
  EXPECT_LINES(found(client, "ESEARCH IN (mailboxes folder1 selected) ALL"), ElementsAre("folder1 ALL 1:3", StartsWith("OK ")));
  fill("folder2", 1);
  EXPECT_LINES(found(client, "ESEARCH IN (mailboxes folder2) ALL"), ElementsAre("folder2 ALL 1", StartsWith("OK ")));
  EXPECT_EQ(client.run("SEARCH ALL").front(), "* SEARCH 1 2 3");  // It is selected still.
}

// Section 2: message numbers are each mailbox's own, and beyond its end they are no error.
TEST_F(MultisearchTest, MessageNumbersAreEachMailboxesOwn) {
  fill("folder1", 4);
  fill("folder2", 2);
  Talker& client = connect();
  EXPECT_LINES(found(client, "ESEARCH IN (mailboxes (folder1 folder2)) 2:3"),
               ElementsAre("folder1 ALL 2:3", "folder2 ALL 2", StartsWith("OK ")));
  EXPECT_LINES(found(client, "ESEARCH IN (mailboxes (folder1 folder2)) 101:200"), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(found(client, "ESEARCH IN (mailboxes (folder1 folder2)) *"),
               ElementsAre("folder1 ALL 4", "folder2 ALL 2", StartsWith("OK ")));
}

// Section 2.2 and RFC 4314: without `l` and `r` it is as if it were not there.
TEST_F(MultisearchTest, WhatOneMayNotReadDoesNotExist) {
  make("secret", "lswipkxte");
  make("hidden", "rswipkxte");
  make("folder1/secret", "l");
  for (const char* const name : {"secret", "hidden", "folder1", "folder1/secret"}) fill(name, 1);
  Talker& client = connect();
  EXPECT_EQ(found(client, "ESEARCH IN (mailboxes (secret hidden folder1 none) subtree folder1) ALL"),
            (Lines{"folder1 ALL 1", "OK ESEARCH completed"}));
  // Those of others are not even named.
  connect("bob").run("APPEND INBOX {4+}\r\n\r\nmy");
  EXPECT_EQ(found(client, "ESEARCH IN (personal) ALL"), Lines{"OK ESEARCH completed"});
}

// Section 2.2: SAVE and UPDATE.
TEST_F(MultisearchTest, SaveAndUpdateAreOfTheSelectedMailbox) {
  fill("folder1", 2);
  fill("folder2", 2);
  Talker& client = connect();
  EXPECT_THAT(client.run("ESEARCH IN (mailboxes folder1) RETURN (UPDATE) ALL").back(), StartsWith("BAD "));
  client.run("SELECT folder1");
  EXPECT_THAT(client.run("ESEARCH IN (selected mailboxes folder2) RETURN (SAVE) ALL").back(), StartsWith("BAD "));
  EXPECT_THAT(client.run("ESEARCH IN (mailboxes folder1) RETURN (SAVE) ALL").back(), StartsWith("BAD "));
  EXPECT_LINES(client.run("ESEARCH RETURN (SAVE) 2"), ElementsAre(StartsWith("OK ")));
  EXPECT_EQ(client.run("SEARCH $").front(), "* SEARCH 2");
  // `$` is of the selected mailbox only.
  EXPECT_LINES(found(client, "ESEARCH IN (selected mailboxes folder2) $"), ElementsAre("folder1 ALL 2", StartsWith("OK ")));

  EXPECT_LINES(found(client, "ESEARCH IN (selected mailboxes folder2) RETURN (UPDATE CONTEXT COUNT) UNSEEN"),
               ElementsAre("folder1 COUNT 2", "folder2 COUNT 2", StartsWith("OK ")));
  const std::string tag = client.last_tag();
  EXPECT_THAT(client.run("STORE 1 +FLAGS (\\Seen)"),
              Contains("* ESEARCH (TAG \"" + tag + "\" MAILBOX folder1 UIDVALIDITY " + validity("folder1") + ") UID REMOVEFROM (0 1)"));
  const Lines lines = client.run("ESEARCH IN (mailboxes folder2) RETURN (UPDATE COUNT) UNSEEN");
  EXPECT_THAT(lines, Contains(StartsWith("* NO [NOUPDATE \"" + client.last_tag() + "\"]")));
}

TEST_F(MultisearchTest, FiltersCharsetsModSeqAndUidOnly) {
  fill("folder1", 2);
  Talker& client = connect();
  client.run("SETMETADATA \"\" (/private/filters/values/f \"UNSEEN\")");
  EXPECT_LINES(found(client, "ESEARCH IN (mailboxes folder1) FILTER f"), ElementsAre("folder1 ALL 1:2", StartsWith("OK ")));
  EXPECT_THAT(client.run("ESEARCH IN (mailboxes folder1) FILTER none").back(), StartsWith("NO [UNDEFINED-FILTER none]"));
  EXPECT_THAT(client.run("ESEARCH IN (mailboxes folder1) CHARSET KOI8-R ALL").back(), StartsWith("NO [BADCHARSET"));
  EXPECT_THAT(found(client, "ESEARCH IN (mailboxes folder1) MODSEQ 1").front(), StartsWith("folder1 ALL 1:2 MODSEQ "));
  client.run("ENABLE UIDONLY");
  EXPECT_THAT(client.run("ESEARCH IN (mailboxes folder1) 1:2").back(), StartsWith("BAD [UIDREQUIRED]"));
  EXPECT_LINES(found(client, "ESEARCH IN (mailboxes folder1) UID 1:2"), ElementsAre("folder1 ALL 1:2", StartsWith("OK ")));
}

// Section 2.4.
TEST_F(MultisearchTest, NamesAreBounded) {
  std::string names;
  for (std::size_t i = 0; i < limits::kMultisearchNamesMax; ++i) names += (i == 0 ? "x" : " x");
  Talker& client = connect();
  EXPECT_THAT(client.run("ESEARCH IN (mailboxes (" + names + ")) ALL").back(), StartsWith("OK "));
  EXPECT_THAT(client.run("ESEARCH IN (mailboxes (" + names + " x)) ALL").back(), StartsWith("BAD "));
}

}  // namespace
}  // namespace imapd::session

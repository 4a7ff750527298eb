#include <gtest/gtest.h>

#include "imapd/base/limits.h"
#include "tests/session/conversation.h"

namespace imapd::session {
namespace {

TEST(Mailbox, AdministratorMakesAndDropsQueues) {
  Server server;
  Client client(server, "admin");
  converse(client, R"(
    C: a CREATE jobs
    S: a OK ...
    C: b CREATE jobs
    S: b NO [ALREADYEXISTS] ...
    C: c DELETE jobs
    S: c OK ...
    C: d DELETE jobs
    S: d NO [NONEXISTENT] ...
  )");
}

TEST(Mailbox, TrailingDelimiterIsIgnored) {
  Server server;
  Client client(server, "admin");
  converse(client, R"(
    C: a CREATE jobs/
    S: a OK ...
    C: b LIST "" jobs*
    S: * LIST (\HasNoChildren) "/" jobs
    S: b OK ...
  )");
}

TEST(Mailbox, DeadUnderAQueueIsADeadLetterMailbox) {
  Server server;
  Client client(server, "admin");
  converse(client, R"(
    C: a CREATE jobs
    S: a OK ...
    C: b CREATE jobs/Dead
    S: b OK ...
    C: c LIST "" jobs*
    S: * LIST (\HasChildren) "/" jobs
    S: * LIST (\HasNoChildren \Junk) "/" jobs/Dead
    S: c OK ...
  )");
  EXPECT_EQ(server.store().find_mailbox({"", "jobs"})->kind, store::MailboxKind::kQueue);
  EXPECT_EQ(server.store().find_mailbox({"", "jobs/Dead"})->kind, store::MailboxKind::kDeadLetters);
}

TEST(Mailbox, UsersMakeOnlyWhatTheyMay) {
  Server server;
  server.make_queue("open", {{"ann", "lrk"}});
  server.make_queue("closed", {{"ann", "lr"}});
  server.make_queue("hidden", {{"bob", "lr"}});
  Client ann(server, "ann");
  converse(ann, R"(
    C: a CREATE top
    S: a NO [NOPERM] ...
    C: b CREATE open/below
    S: b OK ...
    C: c CREATE closed/below
    S: c NO [NOPERM] ...
    C: d DELETE open
    S: d NO [NOPERM] ...
    C: e DELETE hidden
    S: e NO [NONEXISTENT] ...
    C: f SELECT hidden
    S: f NO [NONEXISTENT] ...
    C: g RENAME open elsewhere
    S: g NO [NOPERM] ...
    C: h CREATE INBOX/Mine
    S: h OK ...
    C: i DELETE INBOX/Mine
    S: i OK ...
  )");
  EXPECT_EQ(server.store().find_mailbox({"", "open/below"})->acl.at("ann"), "lrk");
}

TEST(Mailbox, InboxIsThereForGood) {
  Server server;
  Client client(server, "ann");
  converse(client, R"(
    C: a CREATE inbox
    S: a NO [ALREADYEXISTS] ...
    C: b DELETE INBOX
    S: b NO [CANNOT] ...
    C: c SELECT iNbOx
    S: * FLAGS ...
    S: * OK [PERMANENTFLAGS ...
    S: * 0 EXISTS
    S: * 0 RECENT
    S: * OK [UIDVALIDITY ...
    S: * OK [UIDNEXT 1] ...
    S: * OK [MAILBOXID (...)] ...
    S: * OK [HIGHESTMODSEQ ...
    S: * OK [ANNOTATIONS ...
    S: c OK [READ-WRITE] ...
    C: d STATUS inbox/trash (MESSAGES)
    S: d NO [NONEXISTENT] ...
    C: e STATUS inbox/Trash (MESSAGES)
    S: * STATUS inbox/Trash (MESSAGES 0)
    S: e OK ...
  )");
}

TEST(Mailbox, BadNamesAreRefused) {
  Server server;
  Client client(server, "admin");
  for (const char* name : {"a//b", "/a", "\"a*b\"", "\"a%b\"", "\"\""}) {
    const auto answer = client.command(std::string("CREATE ") + name).tagged;
    EXPECT_TRUE(answer.starts_with("NO [CANNOT]") || answer.starts_with("BAD")) << name << ": " << answer;
  }
  EXPECT_TRUE(client.command("CREATE &broken").tagged.starts_with("BAD"));
}

TEST(Mailbox, NameLengthAndDepthAtTheLimitAndOnePast) {
  Server server;
  Client client(server, "admin");
  const std::string longest(limits::kMailboxNameBytesMax, 'x');
  EXPECT_TRUE(client.command("CREATE " + longest).tagged.starts_with("OK"));
  EXPECT_FALSE(client.command("CREATE y" + longest).tagged.starts_with("OK"));
  std::string deepest = "d";
  for (std::size_t level = 1; level < limits::kMailboxDepthMax; ++level) deepest += "/d";
  EXPECT_TRUE(client.command("CREATE " + deepest).tagged.starts_with("OK"));
  EXPECT_FALSE(client.command("CREATE " + deepest + "/d").tagged.starts_with("OK"));
}

TEST(Mailbox, NamesOutsideAsciiGoBackAsModifiedUtf7) {
  Server server;
  Client client(server, "admin");
  converse(client, R"(
    C: a CREATE "Entw&APw-rfe"
    S: a OK ...
    C: b LIST "" E*
    S: * LIST (\HasNoChildren) "/" Entw&APw-rfe
    S: b OK ...
  )");
  EXPECT_TRUE(server.store().find_mailbox({"", "Entw\xc3\xbcrfe"}));
}

TEST(Mailbox, RenameMovesChildrenAlong) {
  Server server;
  Client client(server, "admin");
  converse(client, R"(
    C: a CREATE jobs/inner
    S: a OK ...
    C: b RENAME jobs work
    S: b OK ...
    C: c LIST "" work*
    S: * LIST (\Noselect \HasChildren) "/" work
    S: * LIST (\HasNoChildren) "/" work/inner
    S: c OK ...
    C: d RENAME nothing else
    S: d NO [NONEXISTENT] ...
    C: e RENAME work/inner INBOX/stolen
    S: e NO [CANNOT] ...
    C: f RENAME work work/below
    S: f NO [CANNOT] ...
    C: g CREATE other
    S: g OK ...
    C: h RENAME other work/inner
    S: h NO [ALREADYEXISTS] ...
  )");
}

TEST(Mailbox, RenamingInboxMovesItsMessages) {
  Server server;
  Client client(server, "ann");
  client.send("a APPEND INBOX {1+}\r\nx\r\n");
  EXPECT_TRUE(client.line().starts_with("a OK"));
  converse(client, R"(
    C: b RENAME INBOX INBOX/Old
    S: b OK ...
    C: c STATUS INBOX/Old (MESSAGES)
    S: * STATUS INBOX/Old (MESSAGES 1)
    S: c OK ...
    C: d STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 0)
    S: d OK ...
    C: e STATUS INBOX/Trash (MESSAGES)
    S: * STATUS INBOX/Trash (MESSAGES 0)
    S: e OK ...
  )");
}

TEST(Mailbox, LevelWithChildrenCannotBeDeleted) {
  Server server;
  Client client(server, "admin");
  converse(client, R"(
    C: a CREATE foo/bar
    S: a OK ...
    C: b DELETE foo
    S: b NO [HASCHILDREN] ...
    C: c SELECT foo
    S: c NO [NONEXISTENT] ...
  )");
}

TEST(Mailbox, SpecialUseOfPersonalMailboxes) {
  Server server;
  Client client(server, "ann");
  converse(client, R"(
    C: a CREATE INBOX/Old (USE (\Archive))
    S: a OK ...
    C: b CREATE INBOX/Odd (USE (\Nonsense))
    S: b NO [USEATTR] ...
    C: c LIST (SPECIAL-USE) "" *
    S: * LIST (\HasNoChildren \Drafts) "/" INBOX/Drafts
    S: * LIST (\HasNoChildren \Archive) "/" INBOX/Old
    S: * LIST (\HasNoChildren \Sent) "/" INBOX/Sent
    S: * LIST (\HasNoChildren \Trash) "/" INBOX/Trash
    S: c OK ...
  )");
}

TEST(Mailbox, DeletingTheSelectedMailboxClosesIt) {
  Server server;
  server.make_queue("jobs");
  Client client(server, "admin");
  client.command("SELECT jobs");
  converse(client, R"(
    C: a DELETE jobs
    S: * OK [CLOSED] ...
    S: a OK ...
    C: b CHECK
    S: b BAD ...
  )");
}

TEST(Mailbox, WhoHasSelectedWhatAnotherDeletesIsToldBye) {
  Server server;
  server.make_queue("jobs");
  Client ann(server, "ann");
  Client admin(server, "admin");
  ann.command("SELECT jobs");
  EXPECT_TRUE(admin.command("DELETE jobs").tagged.starts_with("OK"));
  converse(ann, R"(
    C: a NOOP
    S: * BYE ...
    S: a OK ...
    S: <closed>
  )");
}

TEST(Mailbox, ListWildcards) {
  Server server;
  for (const char* name : {"a", "a/b", "a/b/c", "ab"}) server.make_queue(name);
  Client client(server, "admin");
  converse(client, R"(
    C: a LIST "" %
    S: * LIST (\HasChildren) "/" INBOX
    S: * LIST (\HasChildren) "/" a
    S: * LIST (\HasNoChildren) "/" ab
    S: a OK ...
    C: b LIST a/ %
    S: * LIST (\HasChildren) "/" a/b
    S: b OK ...
    C: c LIST "" a*c
    S: * LIST (\HasNoChildren) "/" a/b/c
    S: c OK ...
    C: d LIST "" ""
    S: * LIST (\Noselect) "/" ""
    S: d OK ...
    C: e LIST "" nothing
    S: e OK ...
  )");
}

TEST(Mailbox, ListShowsTheLevelsAboveWhatIsVisible) {
  Server server;
  server.make_queue("secret", {{"bob", "lr"}});
  server.make_queue("secret/shared", {{"ann", "lr"}});
  Client ann(server, "ann");
  converse(ann, R"(
    C: a LIST "" secret*
    S: * LIST (\Noselect \HasChildren) "/" secret
    S: * LIST (\HasNoChildren) "/" secret/shared
    S: a OK ...
    C: b STATUS secret (MESSAGES)
    S: b NO [NONEXISTENT] ...
  )");
}

TEST(Mailbox, ListReturnsStatus) {
  Server server;
  const auto queue = server.make_queue("jobs");
  server.append(queue, "Subject: x\r\n\r\nbody\r\n");
  Client client(server, "ann");
  converse(client, R"(
    C: a LIST "" jobs RETURN (STATUS (MESSAGES UNSEEN))
    S: * LIST (\HasNoChildren) "/" jobs
    S: * STATUS jobs (MESSAGES 1 UNSEEN 1)
    S: a OK ...
  )");
}

TEST(Mailbox, SubscriptionsNeedNoMailbox) {
  Server server;
  server.make_queue("jobs");
  server.make_queue("jobs/inner");
  Client client(server, "ann");
  converse(client, R"(
    C: a SUBSCRIBE jobs/inner
    S: a OK ...
    C: b SUBSCRIBE not/there
    S: b OK ...
    C: c LSUB "" *
    S: * LSUB () "/" jobs/inner
    S: * LSUB () "/" not/there
    S: c OK ...
    C: d LSUB "" %
    S: * LSUB (\Noselect) "/" jobs
    S: * LSUB (\Noselect) "/" not
    S: d OK ...
    C: e LIST (SUBSCRIBED) "" * RETURN (CHILDREN)
    S: * LIST (\HasNoChildren \Subscribed) "/" jobs/inner
    S: * LIST (\NonExistent \Subscribed) "/" not/there
    S: e OK ...
    C: f LIST (SUBSCRIBED RECURSIVEMATCH) "" jobs
    S: * LIST (\HasChildren) "/" jobs ("CHILDINFO" ("SUBSCRIBED"))
    S: f OK ...
    C: g UNSUBSCRIBE not/there
    S: g OK ...
    C: h LSUB "" *
    S: * LSUB () "/" jobs/inner
    S: h OK ...
  )");
}

TEST(Mailbox, Namespaces) {
  Server server;
  Client client(server, "ann");
  converse(client, R"(
    C: a NAMESPACE
    S: * NAMESPACE (("INBOX/" "/")) NIL (("" "/"))
    S: a OK ...
  )");
}

}  // namespace
}  // namespace imapd::session

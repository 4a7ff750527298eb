// The conversations of RFC 5465 (NOTIFY), by section, and what claimq adds to it.
#include "imapd/base/limits.h"
#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kMail = "From: alice@example.org\r\nTo: bob@example.org\r\nSubject: Re: good morning\r\n\r\nhello\r\n";

class Rfc5465Test : public SelectedTest {
 protected:
  void notify(Talker& client, const std::string& arguments) {
    ASSERT_EQ(client.run("NOTIFY " + arguments).back(), "OK NOTIFY done");
  }
  // A line that only the end of everything before it brings.
  Lines until_now(Talker& client) { return client.run("ID NIL"); }
  void expect_quiet(Talker& client) {
    EXPECT_LINES(until_now(client), ElementsAre(StartsWith("* ID"), "OK ID done"));
  }
  void append_to(const store::MailboxInfo& mailbox, const std::string& body = kMail) { server_.append(mailbox, body); }
  void set_acl(const store::MailboxInfo& mailbox, std::map<std::string, std::string> acl) {
    store::UpdateMailbox request;
    request.mailbox = mailbox.id;
    request.acl = std::move(acl);
    ASSERT_TRUE(support::await(server_.store(), &store::Store::update_mailbox, std::move(request)));
  }
};

TEST_F(Rfc5465Test, Section3_1_TheExample) {
  const auto lemonade = server_.make_queue("Lists/Lemonade");
  const auto im2000 = server_.make_queue("Lists/Im2000");
  const auto misc = server_.make_queue("misc");
  append_to(lemonade);
  Client client(server_, "ann");
  const auto validity = [](const store::MailboxInfo& mailbox) { return std::to_string(mailbox.uid_validity.value()); };
  converse(client, R"(
    C: b notify set status (selected (MessageNew (uid body.peek[header.fields (from to subject)]) MessageExpunge)) (subtree Lists (MessageNew MessageExpunge))
    S: * STATUS Lists/Im2000 (UIDVALIDITY )" + validity(im2000) + R"( UIDNEXT 1 MESSAGES 0)
    S: * STATUS Lists/Lemonade (UIDVALIDITY )" + validity(lemonade) + R"( UIDNEXT 2 MESSAGES 1)
    S: b OK NOTIFY done
    C: c select q
    S: * FLAGS ...
    S: * OK [PERMANENTFLAGS ...
    S: * 0 EXISTS
    S: * 0 RECENT
    S: * OK [UIDVALIDITY ...
    S: * OK [UIDNEXT 1] ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ ...
    S: * OK [ANNOTATIONS ...
    S: c OK [READ-WRITE] ...
  )");
  append_to(lemonade);
  EXPECT_EQ(client.line(), "* STATUS Lists/Lemonade (UIDNEXT 3 MESSAGES 2)");
  append_to(queue_);
  converse(client, R"(
    S: * 1 EXISTS
    S: * 1 RECENT
    S: * 1 FETCH (UID 1 BODY[HEADER.FIELDS (from to subject)] {...}
    S: From: alice@example.org
    S: To: bob@example.org
    S: Subject: Re: good morning
    S:
    S: )
    C: d STATUS misc (UIDVALIDITY UIDNEXT MESSAGES)
    S: * STATUS misc (...
    S: d OK ...
    C: e notify set (selected (MessageNew (uid) MessageExpunge)) (subtree Lists (MessageNew MessageExpunge)) (mailboxes misc (MessageNew MessageExpunge))
    S: e OK NOTIFY done
  )");
  append_to(misc);
  EXPECT_EQ(client.line(), "* STATUS misc (UIDNEXT 2 MESSAGES 1)");
}

TEST_F(Rfc5465Test, Section3_1_ReplacesAndNoneEndsIt) {
  const auto a = server_.make_queue("a");
  const auto b = server_.make_queue("b");
  Talker& client = connect();
  notify(client, "SET (mailboxes a (MessageNew MessageExpunge))");
  append_to(a);
  EXPECT_EQ(client.client().line(), "* STATUS a (UIDNEXT 2 MESSAGES 1)");
  notify(client, "SET (mailboxes b (MessageNew MessageExpunge))");
  append_to(a);
  append_to(b);
  EXPECT_EQ(client.client().line(), "* STATUS b (UIDNEXT 2 MESSAGES 1)");
  notify(client, "NONE");
  append_to(b);
  expect_quiet(client);
}

TEST_F(Rfc5465Test, Section3_1_SetTellsWhatHasGathered) {
  fill(2);
  Talker& client = selected_client();
  append("x\r\n");
  expunge({1});
  EXPECT_LINES(client.run("NOTIFY SET (personal NONE)"),
               ElementsAre("* 1 EXPUNGE", "* 2 EXISTS", "* 0 RECENT", "OK NOTIFY done"));
}

// Section 5: "a snapshot facility". The view stays, and so do its numbers.
TEST_F(Rfc5465Test, Section5_WithoutSelectedTheViewStandsStill) {
  fill(2);
  Talker& client = selected_client();
  notify(client, "NONE");
  append("x\r\n");
  expunge({1});
  EXPECT_LINES(client.run("NOOP"), ElementsAre("OK NOOP done"));
  EXPECT_LINES(client.run("FETCH 2 UID"), ElementsAre("* 2 FETCH (UID 2)", "OK FETCH completed"));
  EXPECT_LINES(client.run("FETCH 1 UID").back(), StartsWith("NO [EXPUNGEISSUED]"));
  // What the client does itself is answered, and everything before it with it.
  EXPECT_LINES(client.run("STORE 2 +FLAGS.SILENT (\\Deleted)"), ElementsAre("OK STORE completed"));
  EXPECT_LINES(client.run("EXPUNGE"),
               ElementsAre("* 1 EXPUNGE", "* 1 EXPUNGE", "* 1 EXISTS", "* 0 RECENT", "OK EXPUNGE completed"));
}

TEST_F(Rfc5465Test, Section3_1_UnsupportedEventsAreListed) {
  Talker& client = connect();
  const std::string refused =
      "NO [BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange "
      "ServerMetadataChange)] There is no such event here";
  EXPECT_LINES(client.run("NOTIFY SET (personal (Sunrise))"), ElementsAre(refused));
  EXPECT_LINES(client.run("NOTIFY SET (selected (MessageNew MessageExpunge AnnotationChange))"), ElementsAre(refused));
  EXPECT_LINES(client.run("NOTIFY SET (personal (MessageNew))").back(), StartsWith("BAD"));
}

TEST_F(Rfc5465Test, Section3_1_MailboxesWithoutRightsAreIgnoredOrNoAccess) {
  const auto hidden = server_.make_queue("hidden", {{"ann", "r"}});
  const auto closed = server_.make_queue("closed", {{"ann", "l"}});
  const auto open = server_.make_queue("open");
  Talker& client = connect();
  EXPECT_LINES(client.run("NOTIFY SET STATUS (mailboxes (hidden closed open missing) (MessageNew MessageExpunge))"),
               ElementsAre("* LIST (\\NoAccess \\HasNoChildren) \"/\" closed", StartsWith("* STATUS open ("), "OK NOTIFY done"));
  append_to(hidden);
  append_to(closed);
  append_to(open);
  EXPECT_EQ(client.client().line(), "* STATUS open (UIDNEXT 2 MESSAGES 1)");
}

TEST_F(Rfc5465Test, Section4_IdleSendsTheSameEvents) {
  const auto other = server_.make_queue("other");
  Talker& client = selected_client();
  notify(client, "SET (mailboxes other (MessageNew MessageExpunge))");
  client.client().send("i IDLE\r\n");
  EXPECT_THAT(client.client().line(), StartsWith("+ "));
  append_to(queue_);
  append_to(other);
  EXPECT_EQ(client.client().line(), "* STATUS other (UIDNEXT 2 MESSAGES 1)");
  client.client().send("DONE\r\n");
  EXPECT_EQ(client.client().line(), "i OK IDLE done");
}

TEST_F(Rfc5465Test, Section5_1_FlagChange) {
  fill(1);
  const auto other = server_.make_queue("other");
  append_to(other);
  Talker& client = selected_client();
  notify(client, "SET (selected (MessageNew MessageExpunge FlagChange)) (mailboxes other (MessageNew MessageExpunge FlagChange))");
  store_flags(1, FlagSet{*Flag::parse("$Junk")});
  EXPECT_EQ(client.client().line(), "* 1 FETCH (UID 1 FLAGS ($Junk))");
  Talker& writer = connect("bob");
  writer.run("SELECT other");
  // Without CONDSTORE only what STATUS can show.
  writer.run("STORE 1 +FLAGS.SILENT (\\Flagged)");
  writer.run("STORE 1 +FLAGS.SILENT (\\Seen)");
  EXPECT_THAT(client.client().line(), testing::MatchesRegex("\\* STATUS other \\(UIDVALIDITY [0-9]+ UNSEEN 0\\)"));
  EXPECT_THAT(client.run("ENABLE CONDSTORE").back(), StartsWith("OK"));
  writer.run("STORE 1 -FLAGS.SILENT (\\Flagged)");
  EXPECT_THAT(client.client().line(), testing::MatchesRegex("\\* STATUS other \\(HIGHESTMODSEQ [0-9]+ UIDVALIDITY [0-9]+\\)"));
}

TEST_F(Rfc5465Test, Section5_1_FlagsThatWerePassedOverAreToldWhenAskedFor) {
  fill(2);
  Talker& client = condstore_client();
  const std::string before = highest();
  notify(client, "SET (selected (MessageNew MessageExpunge))");
  store_flags(1, FlagSet{SystemFlag::kFlagged});
  EXPECT_LINES(client.run("NOOP"), ElementsAre("OK NOOP done"));
  // I5: nobody may come back with a mod-sequence whose changes it was not told.
  EXPECT_LINES(client.run("STATUS q (HIGHESTMODSEQ)").front(), "* STATUS q (HIGHESTMODSEQ " + before + ")");
  EXPECT_LINES(client.run("NOTIFY SET (selected (MessageNew MessageExpunge FlagChange))"),
               ElementsAre(shown(1, 1), "OK NOTIFY done"));
  EXPECT_LINES(client.run("STATUS q (HIGHESTMODSEQ)").front(), "* STATUS q (HIGHESTMODSEQ " + highest() + ")");
}

TEST_F(Rfc5465Test, Section5_2_MessageNew) {
  const auto lemonade = server_.make_queue("Lists/Lemonade");
  Talker& client = selected_client();
  notify(client, "SET (selected (MessageNew (UID) MessageExpunge)) (subtree Lists (MessageNew MessageExpunge))");
  append_to(queue_);
  EXPECT_EQ(client.client().line(), "* 1 EXISTS");
  EXPECT_EQ(client.client().line(), "* 1 RECENT");
  EXPECT_EQ(client.client().line(), "* 1 FETCH (UID 1)");
  append_to(lemonade);
  EXPECT_EQ(client.client().line(), "* STATUS Lists/Lemonade (UIDNEXT 2 MESSAGES 1)");
  EXPECT_THAT(client.run("ENABLE CONDSTORE").back(), StartsWith("OK"));
  append_to(lemonade);
  EXPECT_THAT(client.client().line(),
              testing::MatchesRegex("\\* STATUS Lists/Lemonade \\(UIDNEXT 3 MESSAGES 2 HIGHESTMODSEQ [0-9]+\\)"));
}

TEST_F(Rfc5465Test, Section5_2_OnesOwnMessagesAreNotFetched) {
  fill(1);
  Talker& client = selected_client();
  notify(client, "SET (selected (MessageNew (UID) MessageExpunge))");
  EXPECT_LINES(client.run("APPEND q {3+}\r\na\r\n"), ElementsAre("* 2 EXISTS", HasSubstr("RECENT"), StartsWith("OK [APPENDUID")));
  EXPECT_LINES(client.run("COPY 1 q"), ElementsAre("* 3 EXISTS", HasSubstr("RECENT"), StartsWith("OK [COPYUID")));
  expect_quiet(client);
}

TEST_F(Rfc5465Test, Section5_2_ItemsThatWouldSetSeenPeek) {
  Talker& client = selected_client();
  notify(client, "SET (selected (MessageNew (BODY[TEXT]) MessageExpunge))");
  append_to(queue_);
  converse(client.client(), R"(
    S: * 1 EXISTS
    S: * 1 RECENT
    S: * 1 FETCH (UID 1 BODY[TEXT] {7}
    S: hello
    S: )
  )");
  EXPECT_FALSE(flags(1).contains(SystemFlag::kSeen));
}

TEST_F(Rfc5465Test, Section5_3_MessageExpunge) {
  fill(3);
  const auto misc = server_.make_queue("misc");
  append_to(misc);
  Talker& client = selected_client();
  notify(client, "SET (selected (MessageNew MessageExpunge)) (mailboxes misc (MessageNew MessageExpunge))");
  expunge({2});
  EXPECT_EQ(client.client().line(), "* 2 EXPUNGE");
  // The numbers are those after it.
  EXPECT_LINES(client.run("FETCH 2 UID"), ElementsAre("* 2 FETCH (UID 3)", "OK FETCH completed"));
  Talker& other = connect("bob");
  other.run("SELECT misc");
  other.run("STORE 1 +FLAGS.SILENT (\\Deleted)");
  other.run("EXPUNGE");
  EXPECT_EQ(client.client().line(), "* STATUS misc (UIDNEXT 2 MESSAGES 0)");
  client.run("UNSELECT");
  client.run("ENABLE QRESYNC");
  client.run("SELECT q");
  expunge({1});
  EXPECT_EQ(client.client().line(), "* VANISHED 1");
}

TEST_F(Rfc5465Test, Section5_4_MailboxName) {
  Talker& client = connect();
  Talker& other = connect("admin");
  notify(client, "SET (subtree New (MailboxName)) (personal (MailboxName))");
  server_.make_queue("New");
  EXPECT_EQ(client.client().line(), "* LIST (\\HasNoChildren) \"/\" New");
  other.run("CREATE New/a");
  EXPECT_EQ(client.client().line(), "* LIST (\\HasNoChildren) \"/\" New/a");
  EXPECT_EQ(client.client().line(), "* LIST (\\HasChildren) \"/\" New");
  other.run("CREATE New/a/b");
  EXPECT_EQ(client.client().line(), "* LIST (\\HasNoChildren) \"/\" New/a/b");
  EXPECT_EQ(client.client().line(), "* LIST (\\HasChildren) \"/\" New/a");
  // What is below moves along, and is not told.
  other.run("RENAME New/a New/c");
  EXPECT_EQ(client.client().line(), "* LIST (\\HasChildren) \"/\" New/c (\"OLDNAME\" (New/a))");
  other.run("DELETE New/c/b");
  EXPECT_EQ(client.client().line(), "* LIST (\\NonExistent) \"/\" New/c/b");
  EXPECT_EQ(client.client().line(), "* LIST (\\HasNoChildren) \"/\" New/c");
  // Other people's mailboxes do not exist.
  other.run("CREATE INBOX/mine");
  expect_quiet(client);
}

TEST_F(Rfc5465Test, Section5_WhatTheClientDoesItselfIsNotTold) {
  Talker& client = connect("admin");
  notify(client, "SET (subtree New (MailboxName SubscriptionChange)) (personal (MailboxName SubscriptionChange MailboxMetadataChange))");
  for (const char* command : {"CREATE New/a/b", "RENAME New/a New/c", "DELETE New/c/b", "CREATE INBOX/x/y", "SUBSCRIBE INBOX/x",
                              "UNSUBSCRIBE INBOX/x", "RENAME INBOX INBOX/old", "DELETE INBOX/x/y",
                              "SETMETADATA INBOX/old (/private/comment \"mine\")"}) {
    EXPECT_LINES(client.run(command), ElementsAre(StartsWith("OK"))) << command;
  }
  expect_quiet(client);
}

// Every other command finds a mailbox by the decomposed form of its name, too.
TEST_F(Rfc5465Test, NamesAreTakenInNormalizedFormToo) {
  Talker& client = connect();
  client.run("ENABLE UTF8=ACCEPT");
  client.run("CREATE \"INBOX/Cafe\xcc\x81\"");
  notify(client, "SET (mailboxes \"INBOX/Cafe\xcc\x81\" (MessageNew MessageExpunge))");
  const auto made = server_.store().find_mailbox({"ann", "INBOX/Caf\xc3\xa9"});
  ASSERT_TRUE(made);
  append_to(*made);
  EXPECT_THAT(client.client().line(), StartsWith("* STATUS "));
}

TEST_F(Rfc5465Test, Section5_4_NewMailboxesAreWatchedFromTheirFirstMessage) {
  Talker& client = connect();
  notify(client, "SET (subtree New (MessageNew MessageExpunge))");
  const auto made = server_.make_queue("New/one");
  append_to(made);
  EXPECT_EQ(client.client().line(), "* STATUS New/one (UIDNEXT 2 MESSAGES 1)");
}

TEST_F(Rfc5465Test, Section5_5_SubscriptionChange) {
  Talker& client = connect();
  Talker& again = connect();
  notify(client, "SET (subscribed (SubscriptionChange MessageNew MessageExpunge))");
  again.run("SUBSCRIBE q");
  EXPECT_EQ(client.client().line(), "* LIST (\\HasNoChildren \\Subscribed) \"/\" q");
  append_to(queue_);
  EXPECT_EQ(client.client().line(), "* STATUS q (UIDNEXT 2 MESSAGES 1)");
  again.run("UNSUBSCRIBE q");
  EXPECT_EQ(client.client().line(), "* LIST (\\HasNoChildren) \"/\" q");
  append_to(queue_);
  connect("bob").run("SUBSCRIBE q");
  again.run("SUBSCRIBE nothing/there");
  EXPECT_EQ(client.client().line(), "* LIST (\\NonExistent \\Subscribed) \"/\" nothing/there");
}

TEST_F(Rfc5465Test, Section5_6_MailboxMetadataChange) {
  Talker& client = connect();
  Talker& again = connect();
  notify(client, "SET (personal (MailboxMetadataChange))");
  again.run("SETMETADATA INBOX (/shared/comment \"x\")");
  EXPECT_EQ(client.client().line(), "* METADATA INBOX /shared/comment");
  again.run("SETMETADATA q (/shared/comment \"x\")");
  again.run("SETMETADATA INBOX (/shared/comment NIL)");
  EXPECT_EQ(client.client().line(), "* METADATA INBOX /shared/comment");
}

TEST_F(Rfc5465Test, Section5_7_ServerMetadataChange) {
  Talker& client = connect();
  Talker& admin = connect("admin");
  notify(client, "SET (personal (ServerMetadataChange))");
  admin.run("SETMETADATA \"\" (/private/comment \"not for ann\")");
  admin.run("SETMETADATA \"\" (/shared/comment \"x\")");
  EXPECT_EQ(client.client().line(), "* METADATA \"\" /shared/comment");
}

TEST_F(Rfc5465Test, Section5_8_MailboxesAtTheLimitAndOnePast) {
  for (std::size_t i = 0; i + 1 < limits::kNotifyMailboxesMax; ++i) server_.make_queue("many/" + std::to_string(i));
  Talker& client = connect();
  // And `many` itself, which is only a level.
  notify(client, "SET (subtree many (MessageNew MessageExpunge))");
  const auto last = server_.make_queue("many/last");
  append_to(last);
  EXPECT_EQ(client.client().line(), "* STATUS many/last (UIDNEXT 2 MESSAGES 1)");
  const auto beyond = server_.make_queue("many/beyond");
  EXPECT_THAT(client.client().line(), StartsWith("* OK [NOTIFICATIONOVERFLOW] "));
  append_to(last);
  expect_quiet(client);
  EXPECT_LINES(client.run("NOTIFY SET (subtree many (MessageNew MessageExpunge))"),
               ElementsAre("NO [NOTIFICATIONOVERFLOW] That is too much to watch"));
}

TEST_F(Rfc5465Test, Section5_9_RightsThatGoAndComeBack) {
  Talker& client = connect();
  notify(client, "SET (mailboxes q (MailboxName MessageNew MessageExpunge))");
  set_acl(queue_, {{"anyone", "l"}});
  EXPECT_EQ(client.client().line(), "* LIST (\\NoAccess \\HasNoChildren) \"/\" q");
  append_to(queue_);
  set_acl(queue_, {});
  EXPECT_EQ(client.client().line(), "* LIST (\\NonExistent \\NoAccess) \"/\" q");
  append_to(queue_);
  set_acl(queue_, {{"anyone", kRights}});
  EXPECT_EQ(client.client().line(), "* LIST (\\HasNoChildren) \"/\" q");
  EXPECT_EQ(client.client().line(), "* STATUS q (UIDNEXT 3 MESSAGES 2)");
  append_to(queue_);
  EXPECT_EQ(client.client().line(), "* STATUS q (UIDNEXT 4 MESSAGES 3)");
}

TEST_F(Rfc5465Test, Section6_SelectedOverridesAllOther) {
  fill(1);
  Talker& client = selected_client();
  notify(client, "SET (selected (MessageNew (UID) MessageExpunge)) (mailboxes q (MessageNew FlagChange MessageExpunge))");
  store_flags(1, FlagSet{SystemFlag::kSeen});
  append_to(queue_);
  EXPECT_EQ(client.client().line(), "* 2 EXISTS");
  EXPECT_THAT(client.client().line(), HasSubstr("RECENT"));
  EXPECT_EQ(client.client().line(), "* 2 FETCH (UID 2)");
  // No longer selected, it is like the others.
  EXPECT_LINES(client.run("UNSELECT"), ElementsAre("OK UNSELECT done"));
  EXPECT_THAT(client.client().line(), StartsWith("* STATUS q (UIDNEXT 3 MESSAGES 2"));
  append_to(queue_);
  EXPECT_THAT(client.client().line(), StartsWith("* STATUS q (UIDNEXT 4 MESSAGES 3"));
}

TEST_F(Rfc5465Test, Section6_1_2_SelectedDelayedKeepsNumbers) {
  fill(3);
  Talker& client = selected_client();
  notify(client, "SET (selected-delayed (MessageNew MessageExpunge FlagChange))");
  expunge({1});
  append("x\r\n");
  // The flag \Deleted that went before, perhaps, and the new message; not the EXPUNGE.
  std::string line = client.client().line();
  while (line.find("FETCH") != std::string::npos) line = client.client().line();
  EXPECT_EQ(line, "* 4 EXISTS");
  EXPECT_THAT(client.client().line(), HasSubstr("RECENT"));
  EXPECT_LINES(client.run("FETCH 2 UID"), ElementsAre("* 2 FETCH (UID 2)", "OK FETCH completed"));
  EXPECT_LINES(client.run("NOOP"), ElementsAre("* 1 EXPUNGE", "OK NOOP done"));
  EXPECT_LINES(client.run("FETCH 2 UID"), ElementsAre("* 2 FETCH (UID 3)", "OK FETCH completed"));
}

TEST_F(Rfc5465Test, Section6_5_SubtreeIsNoPrefix) {
  const auto tree = server_.make_queue("tree");
  const auto below = server_.make_queue("tree/below");
  const auto beside = server_.make_queue("treehouse");
  Talker& client = connect();
  notify(client, "SET (subtree tree (MessageNew MessageExpunge))");
  append_to(beside);
  append_to(tree);
  EXPECT_EQ(client.client().line(), "* STATUS tree (UIDNEXT 2 MESSAGES 1)");
  append_to(below);
  EXPECT_EQ(client.client().line(), "* STATUS tree/below (UIDNEXT 2 MESSAGES 1)");
}

// Another session's messages come while this one sends a command with a literal, and none is lost.
TEST_F(Rfc5465Test, NewsBetweenThePiecesOfACommand) {
  Talker& client = selected_client();
  notify(client, "SET (selected (MessageNew MessageExpunge))");
  client.client().send("a APPEND q {3}\r\n");
  EXPECT_THAT(client.client().line(), StartsWith("+ "));
  append_to(queue_);
  EXPECT_EQ(client.client().line(), "* 1 EXISTS");
  EXPECT_EQ(client.client().line(), "* 1 RECENT");
  client.client().send("a\r\n\r\n");
  EXPECT_EQ(client.client().line(), "* 2 EXISTS");
  EXPECT_EQ(client.client().line(), "* 2 RECENT");
  EXPECT_THAT(client.client().line(), StartsWith("a OK [APPENDUID"));
}

TEST_F(Rfc5465Test, UnauthenticateForgetsIt) {
  Talker& client = connect();
  notify(client, "SET (mailboxes q (MessageNew MessageExpunge))");
  EXPECT_LINES(client.run("UNAUTHENTICATE"), ElementsAre(StartsWith("OK")));
  append_to(queue_);
  EXPECT_LINES(client.run("NOOP"), ElementsAre("OK NOOP done"));
}

}  // namespace
}  // namespace imapd::session

#include "tests/session/selected_fixture.h"

// The example conversations of RFC 3501, by section; names and counts as there where a queue server can have them.
namespace imapd::session {
namespace {

// The message of section 8.
constexpr const char* kMeeting =
    "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
    "From: Terry Gray <gray@cac.washington.edu>\r\n"
    "Subject: IMAP4rev1 WG mtg summary and minutes\r\n"
    "To: imap@cac.washington.edu\r\n"
    "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
    "Message-Id: <B27397-0100000@cac.washington.edu>\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n"
    "\r\n"
    "Minutes.\r\n";

class Rfc3501Test : public SelectedTest {
 protected:
  // The hierarchy of sections 6.3.4 and 6.3.5.
  void make_hierarchy() {
    for (const char* const name : {"blurdybloop", "foo/bar"}) server_.make_queue(name);
  }
};

TEST_F(Rfc3501Test, Section612NoopTellsWhatHappened) {
  fill(24);
  store_flags(15, {SystemFlag::kSeen});
  Talker& client = selected_client();
  converse(client.client(), R"~(
    C: a002 NOOP
    S: a002 OK ...
  )~");
  expunge({22});
  server_.append(queue_, "three more\r\n");
  store_flags(14, {SystemFlag::kSeen, SystemFlag::kDeleted});
  converse(client.client(), R"~(
    C: a047 NOOP
    S: * 22 EXPUNGE
    S: * 24 EXISTS
    S: * 1 RECENT
    S: * 14 FETCH (UID 14 FLAGS (\Deleted \Seen))
    S: a047 OK ...
  )~");
}

TEST_F(Rfc3501Test, Section613Logout) {
  converse(connect().client(), R"~(
    C: A023 LOGOUT
    S: * BYE ...
    S: A023 OK ...
    S: <closed>
  )~");
}

TEST_F(Rfc3501Test, Sections631And632SelectAndExamine) {
  fill(11);
  store_flags(1, {SystemFlag::kSeen});
  server_.append(queue_, "recent\r\n");
  converse(connect().client(), R"~(
    C: A932 EXAMINE q
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft ...)
    S: * OK [PERMANENTFLAGS ()] ...
    S: * 12 EXISTS
    S: * 1 RECENT
    S: * OK [UNSEEN 2] ...
    S: * OK [UIDVALIDITY ...] ...
    S: * OK [UIDNEXT 13] ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ ...
    S: * OK [ANNOTATIONS ...
    S: A932 OK [READ-ONLY] ...
    C: A142 SELECT q
    S: * OK [CLOSED] ...
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft ...)
    S: * OK [PERMANENTFLAGS (... \Deleted \Seen ... \*)] ...
    S: * 12 EXISTS
    S: * 1 RECENT
    S: * OK [UNSEEN 2] ...
    S: * OK [UIDVALIDITY ...] ...
    S: * OK [UIDNEXT 13] ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ ...
    S: * OK [ANNOTATIONS ...
    S: A142 OK [READ-WRITE] ...
  )~");
}

TEST_F(Rfc3501Test, Section633CreateMakesTheLevelsAbove) {
  converse(connect("admin").client(), R"~(
    C: A003 CREATE owatagusiam/
    S: A003 OK ...
    C: A004 CREATE owatagusiam/blurdybloop
    S: A004 OK ...
  )~");
}

TEST_F(Rfc3501Test, Section634DeleteLeavesALevelThatHasChildren) {
  make_hierarchy();
  converse(connect("admin").client(), R"~(
    C: A682 LIST "" %oo%
    S: * LIST (\HasNoChildren) "/" blurdybloop
    S: * LIST (\Noselect \HasChildren) "/" foo
    S: A682 OK ...
    C: A683 DELETE blurdybloop
    S: A683 OK ...
    C: A684 DELETE foo
    S: A684 NO ...
    C: A685 DELETE foo/bar
    S: A685 OK ...
    C: A686 LIST "" *oo*
    S: * LIST (\Noselect \HasNoChildren) "/" foo
    S: A686 OK ...
    C: A687 DELETE foo
    S: A687 OK ...
    C: A688 LIST "" *oo*
    S: A688 OK ...
  )~");
}

TEST_F(Rfc3501Test, Section635RenameTakesTheChildrenAlong) {
  make_hierarchy();
  converse(connect("admin").client(), R"~(
    C: A683 RENAME blurdybloop sarasoop
    S: A683 OK ...
    C: A684 RENAME foo zowie
    S: A684 OK ...
    C: A685 LIST "" *oo*
    S: * LIST (\HasNoChildren) "/" sarasoop
    S: A685 OK ...
    C: A686 LIST "" zowie*
    S: * LIST (\Noselect \HasChildren) "/" zowie
    S: * LIST (\HasNoChildren) "/" zowie/bar
    S: A686 OK ...
  )~");
}

TEST_F(Rfc3501Test, Section635RenameOfInboxMovesItsMessagesAndKeepsItsChildren) {
  Talker& client = connect();
  client.run("CREATE INBOX/bar");
  client.client().send("a APPEND INBOX {3+}\r\nabc\r\n");
  client.client().finish("a");
  converse(client.client(), R"~(
    C: Z433 RENAME INBOX INBOX/old-mail
    S: Z433 OK ...
    C: Z434 STATUS INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 0)
    S: Z434 OK ...
    C: Z435 STATUS INBOX/old-mail (MESSAGES)
    S: * STATUS INBOX/old-mail (MESSAGES 1)
    S: Z435 OK ...
    C: Z436 LIST "" INBOX/bar
    S: * LIST (\HasNoChildren) "/" INBOX/bar
    S: Z436 OK ...
  )~");
}

TEST_F(Rfc3501Test, Section638ListOfAnEmptyNameTellsTheDelimiter) {
  converse(connect().client(), R"~(
    C: A101 LIST "" ""
    S: * LIST (\Noselect) "/" ""
    S: A101 OK ...
    C: A102 LIST comp/mail/misc ""
    S: * LIST (\Noselect) "/" ...
    S: A102 OK ...
  )~");
}

TEST_F(Rfc3501Test, Section639LsubWithPercentTellsOfTheLevelAbove) {
  converse(connect().client(), R"~(
    C: s1 SUBSCRIBE comp/mail/mime
    S: s1 OK ...
    C: s2 SUBSCRIBE comp/mail/misc
    S: s2 OK ...
    C: A002 LSUB "comp/" "mail/*"
    S: * LSUB () "/" comp/mail/mime
    S: * LSUB () "/" comp/mail/misc
    S: A002 OK ...
    C: A003 LSUB "comp/" "%"
    S: * LSUB (\Noselect) "/" comp/mail
    S: A003 OK ...
    C: A004 UNSUBSCRIBE comp/mail/mime
    S: A004 OK ...
    C: A005 LSUB "" "*"
    S: * LSUB () "/" comp/mail/misc
    S: A005 OK ...
  )~");
}

TEST_F(Rfc3501Test, Section6310Status) {
  fill(3);
  converse(connect().client(), R"~(
    C: A042 STATUS q (UIDNEXT MESSAGES)
    S: * STATUS q (UIDNEXT 4 MESSAGES 3)
    S: A042 OK ...
  )~");
}

TEST_F(Rfc3501Test, Section6311AppendWaitsForTheContinuation) {
  converse(connect().client(), R"~(
    C: A003 APPEND q (\Seen) {310}
    S: + ...
    C: Date: Mon, 7 Feb 1994 21:52:25 -0800 (PST)
    C: From: Fred Foobar <foobar@Blurdybloop.COM>
    C: Subject: afternoon meeting
    C: To: mooch@owatagu.siam.edu
    C: Message-Id: <B27397-0100000@Blurdybloop.COM>
    C: MIME-Version: 1.0
    C: Content-Type: TEXT/PLAIN; CHARSET=US-ASCII
    C:
    C: Hello Joe, do you think we can meet at 3:30 tomorrow?
    C:
    S: A003 OK [APPENDUID ... 1] ...
  )~");
  EXPECT_TRUE(flags(1).contains(SystemFlag::kSeen));
}

TEST_F(Rfc3501Test, Sections641To643CheckCloseExpunge) {
  fill(11);
  for (const std::uint32_t uid : {3U, 4U, 7U, 11U}) store_flags(uid, {SystemFlag::kDeleted});
  converse(selected_client().client(), R"~(
    C: FXXZ CHECK
    S: FXXZ OK ...
    C: A202 EXPUNGE
    S: * 3 EXPUNGE
    S: * 3 EXPUNGE
    S: * 5 EXPUNGE
    S: * 8 EXPUNGE
    S: A202 OK ...
    C: A203 STORE 1 +FLAGS.SILENT (\Deleted)
    S: ...
    C: A341 CLOSE
    S: A341 OK ...
  )~");
  EXPECT_FALSE(exists(1));
}

TEST_F(Rfc3501Test, Section644Search) {
  fill(1);
  append("From: Smith <smith@example.org>\r\nDate: Tue, 8 Feb 1994 10:00:00 +0000\r\nSubject: \xd1\x82\r\n\r\nstring\r\n",
         {SystemFlag::kFlagged});
  converse(selected_client().client(), R"~(
    C: A282 SEARCH FLAGGED SENTSINCE 1-Feb-1994 NOT FROM "Jones"
    S: * SEARCH 2
    S: A282 OK ...
    C: A283 SEARCH TEXT "string not in mailbox"
    S: * SEARCH
    S: A283 OK ...
    C: A284 SEARCH CHARSET UTF-8 TEXT {6}
    S: + ...
    C: string
    S: * SEARCH 2
    S: A284 OK ...
  )~");
}

TEST_F(Rfc3501Test, Section645FetchOfDates) {
  fill(1);
  append(kMeeting);
  converse(selected_client().client(), R"~(
    C: A654 FETCH 1:2 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])
    S: * 1 FETCH (FLAGS (\Seen) BODY[HEADER.FIELDS (DATE FROM)] {2}
    S:
    S: )
    S: * 2 FETCH (FLAGS (\Seen) BODY[HEADER.FIELDS (DATE FROM)] {91}
    S: Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)
    S: From: Terry Gray <gray@cac.washington.edu>
    S:
    S: )
    S: A654 OK ...
  )~");
}

TEST_F(Rfc3501Test, Section646StoreShowsTheNewFlags) {
  fill(4);
  store_flags(2, {SystemFlag::kSeen});
  store_flags(4, {SystemFlag::kSeen, SystemFlag::kFlagged});
  converse(selected_client().client(), R"~(
    C: A003 STORE 2:4 +FLAGS (\Deleted)
    S: * 2 FETCH (UID 2 FLAGS (\Deleted \Seen))
    S: * 3 FETCH (UID 3 FLAGS (\Deleted))
    S: * 4 FETCH (UID 4 FLAGS (\Flagged \Deleted \Seen))
    S: A003 OK ...
  )~");
}

TEST_F(Rfc3501Test, Section647CopyToAMissingMailboxSaysTryCreate) {
  fill(4);
  converse(selected_client().client(), R"~(
    C: A003 COPY 2:4 INBOX/MEETING
    S: A003 NO [TRYCREATE] ...
    C: A004 CREATE INBOX/MEETING
    S: A004 OK ...
    C: A005 COPY 2:4 INBOX/MEETING
    S: A005 OK [COPYUID ... 2:4 1:3] ...
  )~");
}

TEST_F(Rfc3501Test, Section648UidFetchTellsTheUidUnasked) {
  fill(30);
  expunge({1, 2, 3, 4, 5, 6, 7});
  converse(selected_client().client(), R"~(
    C: A999 UID FETCH 29:31 FLAGS
    S: * 22 FETCH (UID 29 FLAGS ())
    S: * 23 FETCH (UID 30 FLAGS ())
    S: A999 OK ...
    C: B001 UID FETCH 559:* FLAGS
    S: * 23 FETCH (UID 30 FLAGS ())
    S: B001 OK ...
  )~");
}

TEST_F(Rfc3501Test, Section713BadForAnEmptyLineAndForNoCommand) {
  converse(connect().client(), R"~(
    C: A443 XPIG-LATIN
    S: A443 BAD ...
    C: A044 BLURDYBLOOP {102856}
    S: A044 BAD ...
  )~");
}

TEST_F(Rfc3501Test, Section75ContinuationOfLogin) {
  Client client(server_);
  converse(client, R"~(
    C: A001 LOGIN {3}
    S: + ...
    C: ann {2}
    S: + ...
    C: pw
    S: A001 OK ...
  )~");
}

TEST_F(Rfc3501Test, Section8Sample) {
  fill(11);
  append(kMeeting, {SystemFlag::kSeen});
  const std::string terry = R"((("Terry Gray" NIL "gray" "cac.washington.edu")) )";
  const std::string envelope = R"~(* 12 FETCH (ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" )~" + terry + terry +
                               terry + R"~(((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US"))~" +
                               R"~(("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>")))~";
  Client client(server_);
  converse(client, R"~(
    C: a001 login ann pw
    S: a001 OK ...
    C: a002 select q
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft ...)
    S: * OK [PERMANENTFLAGS ...
    S: * 12 EXISTS
    S: * 0 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK [UIDVALIDITY ...] ...
    S: * OK [UIDNEXT 13] ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ ...
    S: * OK [ANNOTATIONS ...
    S: a002 OK [READ-WRITE] ...
    C: a003 fetch 12 full
    S: * 12 FETCH (FLAGS (\Seen) INTERNALDATE "..." RFC822.SIZE 352 ENVELOPE (...) BODY ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 10 1))
    S: a003 OK ...
    C: a003b fetch 12 envelope
    S: )~" + envelope + R"~(
    S: a003b OK ...
    C: a004 fetch 12 body[header]
    S: * 12 FETCH (BODY[HEADER] {342}
    S: Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)
    S: From: Terry Gray <gray@cac.washington.edu>
    S: Subject: IMAP4rev1 WG mtg summary and minutes
    S: To: imap@cac.washington.edu
    S: cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>
    S: Message-Id: <B27397-0100000@cac.washington.edu>
    S: MIME-Version: 1.0
    S: Content-Type: TEXT/PLAIN; CHARSET=US-ASCII
    S:
    S: )
    S: a004 OK ...
    C: a005 store 12 +flags \deleted
    S: * 12 FETCH (UID 12 FLAGS (\Deleted \Seen))
    S: a005 OK ...
    C: a006 logout
    S: * BYE ...
    S: a006 OK ...
  )~");
}

}  // namespace
}  // namespace imapd::session

#include <future>

#include "imapd/session/message_data.h"
#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr char kMultipart[] =
    "From: Ann <ann@example.org>\r\n"
    "To: bob@example.org\r\n"
    "Subject: two parts\r\n"
    "Date: Mon, 1 Jan 2024 10:00:00 +0100\r\n"
    "Message-ID: <1@example.org>\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n"
    "\r\n"
    "--b\r\n"
    "Content-Type: text/plain\r\n"
    "\r\n"
    "first\r\n"
    "--b\r\n"
    "Content-Type: text/html\r\n"
    "\r\n"
    "<p>second</p>\r\n"
    "--b--\r\n";

class FetchTest : public SelectedTest {
 protected:
  // The answer as it came, tagged line last.
  static std::string raw(Talker& talker, const std::string& command) {
    std::string joined;
    for (const std::string& line : talker.run(command)) joined += line + "\r\n";
    return joined;
  }
};

TEST_F(FetchTest, BodySetsSeenAndShowsTheFlags) {
  append("Subject: x\r\n\r\nbody\r\n");
  Talker& client = selected_client();
  EXPECT_EQ(raw(client, "FETCH 1 BODY[TEXT]"),
            "* 1 FETCH (FLAGS (\\Seen) BODY[TEXT] {6}\r\nbody\r\n)\r\nOK FETCH completed\r\n");
  EXPECT_TRUE(flags(1).contains(SystemFlag::kSeen));
  EXPECT_EQ(raw(client, "FETCH 1 BODY[TEXT]"), "* 1 FETCH (BODY[TEXT] {6}\r\nbody\r\n)\r\nOK FETCH completed\r\n");
}

TEST_F(FetchTest, SeenThatWasSetComesWithItsModSeqToCondstoreClients) {
  append("Subject: x\r\n\r\nbody\r\n");
  Talker& client = condstore_client();
  const std::string answer = raw(client, "FETCH 1 BODY[TEXT]");
  EXPECT_EQ(answer,
            "* 1 FETCH (FLAGS (\\Seen) MODSEQ (" + mod_seq(1) + ") BODY[TEXT] {6}\r\nbody\r\n)\r\nOK FETCH completed\r\n");
  EXPECT_LINES(client.run("NOOP"), testing::SizeIs(1));
}

TEST_F(FetchTest, PeekAndReadOnlyLeaveSeenAlone) {
  fill(1);
  Talker& client = selected_client();
  client.run("FETCH 1 (BODY.PEEK[] RFC822.HEADER)");
  EXPECT_FALSE(flags(1).contains(SystemFlag::kSeen));
  client.run("EXAMINE q");
  client.run("FETCH 1 BODY[]");
  EXPECT_FALSE(flags(1).contains(SystemFlag::kSeen));
}

TEST_F(FetchTest, WithoutTheRightSeenStaysUnset) {
  const auto shelf = server_.make_queue("shelf", {{"anyone", "lrw"}});
  server_.append(shelf, "Subject: x\r\n\r\nbody\r\n");
  Talker& client = connect();
  client.run("SELECT shelf");
  EXPECT_LINES(client.run("FETCH 1 BODY[TEXT]"), Not(Contains(HasSubstr("FLAGS"))));
  EXPECT_LINES(client.run("FETCH 1 FLAGS"), Contains(Not(HasSubstr("\\Seen"))));
}

TEST_F(FetchTest, SectionsAreCutFromTheMessage) {
  append(kMultipart);
  Talker& client = selected_client();
  const auto peek = [&](const std::string& section) {
    const std::string answer = raw(client, "FETCH 1 BODY.PEEK[" + section);
    const std::size_t begin = std::string("* 1 FETCH (").size();
    return answer.substr(begin, answer.rfind(")\r\nOK ") - begin);
  };
  EXPECT_EQ(peek("1]"), "BODY[1] {5}\r\nfirst");
  EXPECT_EQ(peek("2]"), "BODY[2] {13}\r\n<p>second</p>");
  EXPECT_EQ(peek("2.MIME]"), "BODY[2.MIME] {27}\r\nContent-Type: text/html\r\n\r\n");
  EXPECT_EQ(peek("HEADER.FIELDS (SUBJECT)]"), "BODY[HEADER.FIELDS (SUBJECT)] {22}\r\nSubject: two parts\r\n\r\n");
  EXPECT_THAT(peek("HEADER.FIELDS.NOT (FROM TO DATE MESSAGE-ID MIME-VERSION CONTENT-TYPE)]"),
              testing::EndsWith(" {22}\r\nSubject: two parts\r\n\r\n"));
  EXPECT_EQ(peek("]<6.3>"), "BODY[]<6> {3}\r\nAnn");
  EXPECT_EQ(peek("1]<3.100>"), "BODY[1]<3> {2}\r\nst");
  EXPECT_EQ(peek("1]<100.5>"), "BODY[1]<100> \"\"");
  EXPECT_EQ(peek("7]"), "BODY[7] NIL");
  EXPECT_EQ(peek("]"), "BODY[] {" + std::to_string(sizeof kMultipart - 1) + "}\r\n" + kMultipart);
  const std::string whole = kMultipart;
  const std::size_t header = whole.find("\r\n\r\n") + 4;
  EXPECT_EQ(peek("HEADER]"), "BODY[HEADER] {" + std::to_string(header) + "}\r\n" + whole.substr(0, header));
  EXPECT_EQ(peek("TEXT]"), "BODY[TEXT] {" + std::to_string(whole.size() - header) + "}\r\n" + whole.substr(header));
}

TEST_F(FetchTest, OlderNamesComeBackAsAsked) {
  append("Subject: x\r\n\r\nbody\r\n");
  Talker& client = selected_client();
  EXPECT_THAT(raw(client, "FETCH 1 RFC822.HEADER"), StartsWith("* 1 FETCH (RFC822.HEADER {14}\r\nSubject: x\r\n\r\n)"));
  EXPECT_THAT(raw(client, "FETCH 1 (RFC822.SIZE RFC822.TEXT)"),
              StartsWith("* 1 FETCH (FLAGS (\\Seen) RFC822.SIZE 20 RFC822.TEXT {6}\r\nbody\r\n)"));
  EXPECT_THAT(raw(client, "FETCH 1 RFC822"), StartsWith("* 1 FETCH (RFC822 {20}\r\nSubject: x\r\n\r\nbody\r\n)"));
}

TEST_F(FetchTest, EnvelopeAndStructuresAreFormed) {
  append(kMultipart);
  Talker& client = selected_client();
  const std::string full = raw(client, "FETCH 1 FULL");
  EXPECT_THAT(full,
              HasSubstr("ENVELOPE (\"Mon, 1 Jan 2024 10:00:00 +0100\" \"two parts\" ((\"Ann\" NIL \"ann\" \"example.org\"))"));
  EXPECT_THAT(full, HasSubstr("INTERNALDATE \""));
  EXPECT_THAT(full, HasSubstr("RFC822.SIZE "));
  EXPECT_THAT(full, HasSubstr("BODY ((\"text\" \"plain\""));
  EXPECT_THAT(raw(client, "FETCH 1 BODYSTRUCTURE"), HasSubstr("\"mixed\" (\"boundary\" \"b\")"));
}

TEST_F(FetchTest, AMegabyteAndMoreIsWhole) {
  std::string message = "Subject: large\r\n\r\n";
  for (int line = 0; message.size() < 3'000'000; ++line) message += "line " + std::to_string(line) + "\r\n";
  append(message);
  Talker& client = selected_client();
  EXPECT_EQ(raw(client, "FETCH 1 BODY.PEEK[]"),
            "* 1 FETCH (BODY[] {" + std::to_string(message.size()) + "}\r\n" + message + ")\r\nOK FETCH completed\r\n");
  EXPECT_THAT(raw(client, "FETCH 1 BODY.PEEK[TEXT]<2900000.10>"), HasSubstr("BODY[TEXT]<2900000> {10}\r\n"));
}

TEST_F(FetchTest, EachMessageIsAnsweredOnceAndInOrder) {
  fill(600);
  Talker& client = selected_client();
  const Lines lines = client.run("FETCH 3,1:*,2 UID");
  ASSERT_EQ(lines.size(), 601u);
  for (std::size_t i = 0; i < 600; ++i) {
    ASSERT_EQ(lines[i], "* " + std::to_string(i + 1) + " FETCH (UID " + std::to_string(i + 1) + ")");
  }
}

TEST_F(FetchTest, NumberThatIsNotThereIsBadAndUidIsIgnored) {
  fill(2);
  Talker& client = selected_client();
  EXPECT_LINES(client.run("FETCH 3 UID"), ElementsAre(StartsWith("BAD ")));
  EXPECT_LINES(client.run("FETCH 1:5 UID"), ElementsAre(StartsWith("BAD ")));
  EXPECT_LINES(client.run("UID FETCH 3 FLAGS"), ElementsAre(StartsWith("OK ")));
  EXPECT_LINES(client.run("UID FETCH 9:* FLAGS"), ElementsAre("* 2 FETCH (UID 2 FLAGS ())", StartsWith("OK ")));
}

TEST_F(FetchTest, NumberWhoseMessageIsGoneIsExpungeIssued) {
  fill(3);
  Talker& client = selected_client();
  expunge({2});
  EXPECT_LINES(client.run("FETCH 1:3 UID"),
               ElementsAre("* 1 FETCH (UID 1)", "* 3 FETCH (UID 3)", StartsWith("NO [EXPUNGEISSUED] ")));
  EXPECT_LINES(client.run("UID FETCH 2 FLAGS"), ElementsAre("* 2 EXPUNGE", StartsWith("OK ")));
}

TEST_F(FetchTest, FlagsThatWereAskedForAreNotToldAgain) {
  fill(1);
  Talker& client = condstore_client();
  store_flags(1, {SystemFlag::kFlagged});
  EXPECT_LINES(client.run("UID FETCH 1 (FLAGS MODSEQ)"), ElementsAre(shown(1, 1), StartsWith("OK ")));
  // Without their mod-sequence they are.
  store_flags(1, {SystemFlag::kDraft});
  EXPECT_LINES(client.run("FETCH 1 FLAGS"),
               ElementsAre("* 1 FETCH (FLAGS (\\Flagged \\Draft))", shown(1, 1), StartsWith("OK ")));
}

// Beyond 10,000 changes they are not gathered in memory.
TEST_F(FetchTest, ChangedSinceIsTheSameBehindManyChanges) {
  fill(3);
  const std::string old = mod_seq(1);
  std::vector<std::future<Result<store::StoreFlagsOutcome>>> changes;
  for (int i = 0; i < 11'000; ++i) {
    store::StoreFlags request;
    request.mailbox = queue_.id;
    request.uids = UidSet::of(Uid(2));
    request.change.mode = i % 2 == 0 ? store::FlagChange::Mode::kAdd : store::FlagChange::Mode::kRemove;
    request.change.flags = FlagSet{SystemFlag::kFlagged};
    request.actor = administrator();
    changes.push_back(support::start(server_.store(), &store::Store::store_flags, std::move(request)));
  }
  for (auto& change : changes) ASSERT_TRUE(change.get());
  Talker& client = condstore_client();
  EXPECT_LINES(client.run("FETCH 1:* UID (CHANGEDSINCE " + old + ")"),
               ElementsAre("* 2 FETCH (UID 2 MODSEQ (" + mod_seq(2) + "))", "* 3 FETCH (UID 3 MODSEQ (" + mod_seq(3) + "))",
                           StartsWith("OK ")));
  EXPECT_LINES(client.run("FETCH 1:* UID (CHANGEDSINCE " + mod_seq(3) + ")"),
               ElementsAre("* 2 FETCH (UID 2 MODSEQ (" + mod_seq(2) + "))", StartsWith("OK ")));
}

// Used to put together all that was asked for before sending any of it: 1,000 times a header of 64 MiB.
TEST_F(FetchTest, AHeaderAskedForManyTimesIsNotHeldManyTimes) {
  append("Subject: x\r\nTo: y\r\n\r\n");  // Each item comes to 14 octets.
  wire::FetchSection item;
  item.section.kind = wire::SectionSpec::Kind::kHeaderFieldsNot;
  item.section.fields = {"To"};
  const std::vector<wire::FetchItem> items(3, item);
  const store::Snapshot snapshot = server_.store().snapshot();
  EXPECT_TRUE(form_content(snapshot, message(1), items, FetchNeeds(items), 28));
  const auto refused = form_content(snapshot, message(1), items, FetchNeeds(items), 27);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kResourceExhausted);
}

TEST_F(FetchTest, VanishedNeedsQresync) {
  fill(1);
  EXPECT_LINES(selected_client().run("UID FETCH 1:* FLAGS (CHANGEDSINCE 1 VANISHED)"), ElementsAre(StartsWith("BAD ")));
}

TEST(FetchClaimedAsTest, ClaimedIsShownUnderTheNamesThatTheConfigurationSays) {
  const std::pair<wire::ClaimedAs, const char*> cases[] = {{wire::ClaimedAs::kBoth, "(\\Claimed $Claimed)"},
                                                           {wire::ClaimedAs::kBackslash, "(\\Claimed)"},
                                                           {wire::ClaimedAs::kKeyword, "($Claimed)"}};
  for (const auto& [claimed_as, expected] : cases) {
    SessionOptions options;
    options.claimed_as = claimed_as;
    Server server(options);
    server.append(server.make_queue("q"), "Subject: x\r\n\r\n");
    Talker client(server, "ann");
    client.run("EXAMINE q");
    client.run("SELECT q");
    client.run("SELECT q");
    client.run("STORE 1 +FLAGS.SILENT ($Claimed)");
    EXPECT_LINES(client.run("FETCH 1 FLAGS"), Contains("* 1 FETCH (FLAGS " + std::string(expected) + ")"));
  }
}

}  // namespace
}  // namespace imapd::session

#include "tests/session/selected_fixture.h"

// RFC 5256 (SORT, THREAD), RFC 5957 (SORT=DISPLAY), RFC 5267, section 3 (ESORT), and RFC 5255, section 4 (I18NLEVEL=1).
namespace imapd::session {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

class SortTest : public SelectedTest {
 protected:
  Talker& with_messages(const std::vector<std::string>& headers) {
    for (const std::string& header : headers) append(header + "\r\nbody\r\n");
    return selected_client();
  }
  static std::string esearch(const std::string& line) {
    const auto end = line.find(')');
    return line.starts_with("* ESEARCH (TAG") ? line.substr(end + 1) : line;
  }
};

// Section 3, the examples of SORT.
TEST_F(SortTest, SortsBySubjectAndDate) {
  Talker& client = with_messages({"Subject: b\r\nDate: Mon, 7 Feb 1994 21:52:25 -0800\r\n",
                                  "Subject: Re: B\r\nDate: Mon, 7 Feb 1994 21:52:25 +0000\r\n",
                                  "Subject: [list] a\r\nDate: Tue, 1 Feb 1994 00:00:00 +0000\r\n",
                                  "Subject: =?utf-8?q?A?= (fwd)\r\nDate: Mon, 31 Jan 1994 23:30:00 -0100\r\n", "To: nobody\r\n"});
  EXPECT_LINES(client.run("SORT (SUBJECT) UTF-8 ALL"), ElementsAre("* SORT 5 3 4 1 2", StartsWith("OK ")));
  EXPECT_LINES(client.run("SORT (SUBJECT REVERSE DATE) UTF-8 ALL"), ElementsAre("* SORT 5 4 3 1 2", StartsWith("OK ")));
  EXPECT_EQ(client.run("SORT (SUBJECT DATE) UTF-8 ALL").front(), "* SORT 5 3 4 2 1");
  EXPECT_EQ(client.run("UID SORT (REVERSE SUBJECT) US-ASCII 1:4").front(), "* SORT 1 2 3 4");
  EXPECT_LINES(client.run("SORT (SUBJECT) US-ASCII TEXT \"not in mailbox\""), ElementsAre("* SORT", StartsWith("OK ")));
}

// Section 3: only the mailbox of the first address counts, and what is missing comes first.
TEST_F(SortTest, SortsByAddressesSizeAndArrival) {
  Talker& client = with_messages({"From: Zoe <b@x>\r\nTo: d@x, a@x\r\nCc: q@x\r\nX: long enough\r\n",
                                  "From: \"Anna\" <C@x>\r\nTo: group: a@x;\r\n", "From: Bob <a@x>\r\nTo: e@x\r\nCc: P@x\r\nY:\r\n", "Z: z\r\n"});
  EXPECT_EQ(client.run("SORT (FROM) UTF-8 ALL").front(), "* SORT 4 3 1 2");
  EXPECT_EQ(client.run("SORT (TO) UTF-8 ALL").front(), "* SORT 4 1 3 2");
  EXPECT_EQ(client.run("SORT (CC) UTF-8 ALL").front(), "* SORT 2 4 3 1");
  EXPECT_EQ(client.run("SORT (REVERSE SIZE) UTF-8 ALL").front(), "* SORT 1 3 2 4");
  EXPECT_EQ(client.run("SORT (ARRIVAL) UTF-8 ALL").front(), "* SORT 1 2 3 4");
  EXPECT_EQ(client.run("SORT (REVERSE ARRIVAL) UTF-8 ALL").front(), "* SORT 1 2 3 4");
}

// RFC 5957, sections 3 and 4.
TEST_F(SortTest, SortsByWhatIsDisplayed) {
  Talker& client = with_messages({"From: Zoe <a@x>\r\nTo: =?utf-8?q?=C3=A9mile?= <z@x>\r\n", "From: b@x\r\nTo: f@x\r\n",
                                  "From: \"=?utf-8?q?Anna?=\" <c@x>\r\nTo: e@x\r\n", "X: x\r\n"});
  EXPECT_EQ(client.run("SORT (DISPLAYFROM) UTF-8 ALL").front(), "* SORT 4 3 2 1");
  // Decomposed, the accent comes after the letter: "E" + accent follows "E@".
  EXPECT_EQ(client.run("SORT (DISPLAYTO) UTF-8 ALL").front(), "* SORT 4 3 1 2");
  EXPECT_EQ(client.run("SORT (REVERSE DISPLAYTO) UTF-8 ALL").front(), "* SORT 2 1 3 4");
}

TEST_F(SortTest, RefusesWhatItDoesNotKnow) {
  Talker& client = with_messages({"Subject: a\r\n"});
  EXPECT_THAT(client.run("SORT (SUBJECT) KOI8-R ALL").back(), StartsWith("NO [BADCHARSET (US-ASCII UTF-8)]"));
  EXPECT_THAT(client.run("THREAD REFERENCES KOI8-R ALL").back(), StartsWith("NO [BADCHARSET (US-ASCII UTF-8)]"));
  for (const char* const command :
       {"SORT () UTF-8 ALL", "SORT (FOO) UTF-8 ALL", "SORT (REVERSE) UTF-8 ALL", "SORT (SUBJECT) UTF-8", "SORT SUBJECT UTF-8 ALL",
        "SORT (REVERSE REVERSE DATE) UTF-8 ALL", "THREAD FOO UTF-8 ALL", "THREAD REFERENCES UTF-8", "SORT (SIZE) UTF-8 FOO"}) {
    EXPECT_THAT(client.run(command).back(), StartsWith("BAD ")) << command;
  }
}

// RFC 7162, section 3.1.6.
TEST_F(SortTest, AnswersWithTheHighestModSeqWhereItIsAKey) {
  Talker& client = with_messages({"Subject: b\r\n", "Subject: a\r\n"});
  client.run("ENABLE CONDSTORE");
  EXPECT_EQ(client.run("SORT (SUBJECT) UTF-8 MODSEQ 1").front(), "* SORT 2 1 (MODSEQ " + mod_seq(2) + ")");
  EXPECT_EQ(client.run("SORT (SUBJECT) UTF-8 MODSEQ 99999999999").front(), "* SORT");
}

// RFC 5267, section 3.
TEST_F(SortTest, ReturnsWhatIsAskedFor) {
  Talker& client = with_messages({"Subject: c\r\n", "Subject: a\r\n", "Subject: b\r\n", "Subject: d\r\n"});
  EXPECT_EQ(esearch(client.run("SORT RETURN (ALL) (SUBJECT) UTF-8 ALL").front()), " ALL 2:3,1,4");
  EXPECT_EQ(esearch(client.run("UID SORT RETURN (MIN MAX COUNT) (REVERSE SUBJECT) UTF-8 ALL").front()), " UID MIN 4 MAX 2 COUNT 4");
  EXPECT_EQ(esearch(client.run("SORT RETURN () (REVERSE SUBJECT) UTF-8 1:2").front()), " ALL 1:2");
  EXPECT_EQ(esearch(client.run("SORT RETURN (COUNT) (REVERSE SUBJECT) UTF-8 NOT ALL").front()), " COUNT 0");
  EXPECT_LINES(client.run("SORT RETURN (SAVE) (SUBJECT) UTF-8 2:3"), ElementsAre(StartsWith("OK ")));
  EXPECT_EQ(client.run("SEARCH $").front(), "* SEARCH 2 3");
}

// Section 3, THREAD.
TEST_F(SortTest, Threads) {
  Talker& client = with_messages({"Message-ID: <1@x>\r\nSubject: a\r\n", "Message-ID: <2@x>\r\nSubject: b\r\n",
                                  "Message-ID: <3@x>\r\nIn-Reply-To: <1@x> ann@x <2@x>\r\nSubject: Re: a\r\n",
                                  "Message-ID: <4@x>\r\nReferences: <1@x>\r\nSubject: Re: a\r\n", "Subject: RE: B\r\n"});
  EXPECT_LINES(client.run("THREAD REFERENCES UTF-8 ALL"), ElementsAre("* THREAD (1 (3)(4))(2 5)", StartsWith("OK ")));
  EXPECT_LINES(client.run("UID THREAD ORDEREDSUBJECT UTF-8 2:5"), ElementsAre("* THREAD (2 5)(3 4)", StartsWith("OK ")));
  EXPECT_LINES(client.run("THREAD ORDEREDSUBJECT US-ASCII TEXT \"gewp\""), ElementsAre("* THREAD", StartsWith("OK ")));
}

// RFC 5255, section 4.
TEST_F(SortTest, ComparesByUnicodeCasemap) {
  Talker& client = with_messages({"Subject: \xc3\x89t\xc3\xa9\r\n", "Subject: zoo\r\n", "Subject: ete\r\n", "Subject: re: E\xcc\x81TE\xcc\x81\r\n",
                                  "Subject: \xef\xac\x81sh\r\n"});
  client.client().send("s1 SEARCH CHARSET UTF-8 SUBJECT {5+}\r\n\xc3\xa9t\xc3\xa9\r\n");
  EXPECT_EQ(client.client().line(), "* SEARCH 1 4");
  EXPECT_THAT(client.client().line(), StartsWith("s1 OK"));
  // RFC 5051 gives a character its title case before it decomposes it: the ligature stays small, and behind all capitals.
  EXPECT_EQ(client.run("SEARCH SUBJECT FISH").front(), "* SEARCH");
  EXPECT_EQ(client.run("SORT (SUBJECT) UTF-8 ALL").front(), "* SORT 3 1 4 2 5");
  EXPECT_EQ(client.run("THREAD ORDEREDSUBJECT UTF-8 ALL").front(), "* THREAD (1 4)(2)(3)(5)");
}

}  // namespace
}  // namespace imapd::session

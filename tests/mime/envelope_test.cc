#include "imapd/mime/envelope.h"

#include <gtest/gtest.h>

#include "tests/mime/imap_syntax.h"

namespace imapd::mime {
namespace {

// RFC 3501, section 8.
constexpr char kRfcHeader[] =
    "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
    "From: Terry Gray <gray@cac.washington.edu>\r\n"
    "Subject: IMAP4rev1 WG mtg summary and minutes\r\n"
    "To: imap@cac.washington.edu\r\n"
    "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
    "Message-Id: <B27397-0100000@cac.washington.edu>\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n"
    "\r\n";

TEST(EnvelopeTest, ExampleOfRfc3501Section8) {
  EXPECT_EQ(
      envelope(kRfcHeader),
      "(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev1 WG mtg summary and minutes\" "
      "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
      "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((NIL NIL \"imap\" \"cac.washington.edu\")) "
      "((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL "
      "\"<B27397-0100000@cac.washington.edu>\")");
}

std::string to_of(std::string_view value) {
  const std::string whole = envelope("To: " + std::string(value) + "\r\n\r\n");
  const std::string begin = "(NIL NIL NIL NIL NIL ";
  const std::string end = " NIL NIL NIL NIL)";
  EXPECT_TRUE(whole.starts_with(begin) && whole.ends_with(end)) << whole;
  EXPECT_EQ(claimq_test::check_imap_syntax(whole), "");
  return whole.substr(begin.size(), whole.size() - begin.size() - end.size());
}

TEST(EnvelopeTest, AddressesOfEveryForm) {
  const struct {
    const char* value;
    const char* expected;
  } cases[] = {
      {"a@b.c", R"(((NIL NIL "a" "b.c")))"},
      {"<a@b.c>", R"(((NIL NIL "a" "b.c")))"},
      {"a@b.c (A Name)", R"((("A Name" NIL "a" "b.c")))"},
      {"\"Doe, \\\"J\\\" John\" <j@b.c>", R"((("Doe, \"J\" John" NIL "j" "b.c")))"},
      {"John Q. Public <j@b.c>", R"((("John Q. Public" NIL "j" "b.c")))"},
      {"=?utf-8?Q?J=C3=B6rg?= <j@b.c>", R"((("=?utf-8?Q?J=C3=B6rg?=" NIL "j" "b.c")))"},
      {"\"j doe\"@b.c", R"(((NIL NIL "j doe" "b.c")))"},
      {"j . doe@b.c", R"(((NIL NIL "j . doe" "b.c")))"},
      {"<@x.y,@z:a@b.c>", R"(((NIL "@x.y,@z" "a" "b.c")))"},
      {"a@[127.0.0.1]", R"(((NIL NIL "a" "[127.0.0.1]")))"},
      {"Friends: a@b, c@d;",
       R"(((NIL NIL "Friends" NIL)(NIL NIL "a" "b")(NIL NIL "c" "d")(NIL NIL NIL NIL)))"},
      {"Undisclosed recipients:;", R"(((NIL NIL "Undisclosed recipients" NIL)(NIL NIL NIL NIL)))"},
      {"Open: a@b", R"(((NIL NIL "Open" NIL)(NIL NIL "a" "b")(NIL NIL NIL NIL)))"},
      {"G: a@b; c@d", R"(((NIL NIL "G" NIL)(NIL NIL "a" "b")(NIL NIL NIL NIL)(NIL NIL "c" "d")))"},
      {"nobody", R"(((NIL NIL "nobody" "MISSING_DOMAIN")))"},
      {"@b.c", R"(((NIL NIL "MISSING_MAILBOX" "b.c")))"},
      {"Name <>", R"((("Name" NIL "MISSING_MAILBOX" "MISSING_DOMAIN")))"},
      {"<>", "NIL"},
      {",,;", "NIL"},
      {"", "NIL"},
      {"a@b <c@d", R"((("a@b" NIL "c" "d")))"},
      {"x <a@b, y <c@d>", R"((("x" NIL "a" "b")("y" NIL "c" "d")))"},
      {"a@b\r\n , c@d", R"(((NIL NIL "a" "b")(NIL NIL "c" "d")))"},
      {"(((open", "NIL"},
      {"\"open", R"(((NIL NIL "open" "MISSING_DOMAIN")))"},
  };
  for (const auto& [value, expected] : cases) EXPECT_EQ(to_of(value), expected) << value;
}

TEST(EnvelopeTest, EmptySenderAndReplyToShowTheFrom) {
  EXPECT_EQ(envelope("From: a@b\r\nSender:\r\nReply-To: \r\n\r\n"),
            R"((NIL NIL ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL))");
}

TEST(EnvelopeTest, AbsentIsNilAndEmptyIsEmpty) {
  EXPECT_EQ(envelope("Subject:\r\n\r\n"), R"((NIL "" NIL NIL NIL NIL NIL NIL NIL NIL))");
  EXPECT_EQ(envelope(""), "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
}

TEST(EnvelopeTest, EightBitAndLongValuesAreLiterals) {
  EXPECT_EQ(envelope("Subject: gr\xc3\xbc\xc3\x9f\r\n\r\n"),
            "(NIL {6}\r\ngr\xc3\xbc\xc3\x9f NIL NIL NIL NIL NIL NIL NIL NIL)");
  EXPECT_TRUE(envelope("Subject: " + std::string(1001, 'x') + "\r\n\r\n").starts_with("(NIL {1001}\r\nxxx"));
  EXPECT_TRUE(envelope("Subject: " + std::string(1000, 'x') + "\r\n\r\n").starts_with("(NIL \"xxx"));
}

TEST(EnvelopeTest, UnfoldsAndNeverLetsOutNulOrBareCr) {
  using std::string_literals::operator""s;
  EXPECT_EQ(envelope("Subject: a\r\n b\n\tc\r\n\r\n"), "(NIL \"a b\tc\" NIL NIL NIL NIL NIL NIL NIL NIL)");
  EXPECT_EQ(envelope("Subject: a\0b\rc\r\n\r\n"s), "(NIL \"a b c\" NIL NIL NIL NIL NIL NIL NIL NIL)");
}

TEST(EnvelopeTest, HundredThousandRecipientsAreQuick) {
  std::string value;
  for (int i = 0; i < 100'000; ++i) value += "Some Name <someone@example.com>, ";
  EXPECT_GT(to_of(value).size(), 4'000'000u);
  to_of(std::string(1'000'000, '<'));
  to_of(std::string(1'000'000, '('));
  to_of(std::string(1'000'000, '@'));
  to_of(std::string(1'000'000, ':'));
}

}  // namespace
}  // namespace imapd::mime

#include "imapd/mime/text.h"

#include <gtest/gtest.h>

#include <thread>

namespace imapd::mime {
namespace {

using namespace std::literals;

TEST(TextTest, DecodesHeaders) {
  EXPECT_EQ(decode_header("=?iso-8859-1?Q?Gr=FC=DFe?= an =?utf-8?B?SsO2cmc=?="),
            "Gr\xc3\xbc\xc3\x9f"
            "e an J\xc3\xb6rg");
  EXPECT_EQ(decode_header("=?utf-8?Q?a?=  =?utf-8?Q?b?="), "ab");
  EXPECT_EQ(decode_header("=?iso-2022-jp?B?GyRCJDMkcxsoQg==?="), "\xe3\x81\x93\xe3\x82\x93");
  EXPECT_EQ(decode_header("raw gr\xc3\xbc\xc3\x9f"), "raw gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(decode_header("latin gr\xfc\xdf"), "latin gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(decode_header("=?nonsense?Q?a?="), decode_header("=?nonsense?Q?a?="));
}

TEST(TextTest, HugeEncodedHeadersAreQuick) {
  std::string words;
  for (int i = 0; i < 5'000; ++i) words += "=?utf-8?Q?a?= ";
  decode_header(words.substr(0, 60'000));
  decode_header(words);
  std::string open;
  for (int i = 0; i < 1'000'000; ++i) open += "=?";
  decode_header(open);
  decode_header(open.substr(0, 60'000));
}

TEST(TextTest, HeaderFieldIsUnfoldedAndTheFirst) {
  const std::string header = "A: 1\r\nSubject : one\r\n two\r\nsubject: three\r\n\r\nSubject: body\r\n";
  EXPECT_EQ(header_field(header, "SUBJECT"), "one two");
  EXPECT_EQ(header_values(header, "subject"), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(header_field(header, "absent"), std::nullopt);
}

TEST(TextTest, HeaderContainsFoldsCaseAndDecodes) {
  const std::string header = "Subject: =?utf-8?Q?GR=C3=9C=C3=9FE?=\r\nX-Empty:\r\n\r\n";
  EXPECT_TRUE(header_contains(header, "subject", Needle("gr\xc3\xbc\xc3\x9f")));
  EXPECT_TRUE(header_contains(header, "subject", Needle("R\xc3\x9c\xc3\x9f")));
  EXPECT_FALSE(header_contains(header, "subject", Needle("x")));
  EXPECT_TRUE(header_contains(header, "x-empty", Needle("")));
  EXPECT_FALSE(header_contains(header, "x-absent", Needle("")));
}

bool in_body(const std::string& bytes, std::string_view needle) {
  return body_contains(parse_message(bytes), bytes, Needle(needle));
}

TEST(TextTest, BodyContainsDecodesWhatIsText) {
  EXPECT_TRUE(in_body(
      "Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nGr=FC=DF=\r\n e",
      "\xc3\x9c\xc3\x9f E"));
  EXPECT_TRUE(in_body(
      "Content-Transfer-Encoding: base64\r\nContent-Type: application/json\r\n\r\neyJhIjogImhlbGxvIn0=",
      "HELLO"));
  EXPECT_TRUE(in_body("Content-Type: application/vnd.x+json\r\n\r\n{\"a\":1}", "\"A\""));
  EXPECT_TRUE(in_body("Content-Type: application/octet-stream\r\n\r\nplain", "LAIN"));
  EXPECT_FALSE(in_body("Content-Type: image/png\r\n\r\nplain", "plain"));
  EXPECT_FALSE(in_body("Content-Type: application/octet-stream\r\n\r\npl\0ain"s, "ain"));
  EXPECT_FALSE(in_body("Subject: here\r\n\r\nthere is no", "subject"));
}

TEST(TextTest, BodyAndTextLookIntoMessagesInside) {
  const std::string bytes =
      "Subject: outer\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ndeep";
  const MessageTree tree = parse_message(bytes);
  EXPECT_TRUE(body_contains(tree, bytes, Needle("INNER")));
  EXPECT_TRUE(body_contains(tree, bytes, Needle("deep")));
  EXPECT_FALSE(body_contains(tree, bytes, Needle("outer")));
  EXPECT_TRUE(text_contains(tree, bytes, Needle("subject: OUTER")));
  EXPECT_TRUE(text_contains(tree, bytes, Needle("deep")));
}

TEST(TextTest, HostileNeedleTakesLinearTime) {
  EXPECT_FALSE(Needle(std::string(60'000, 'a') + "b").is_in(std::string(8'000'000, 'a')));
}

std::string text_of(const std::string& bytes) { return decode_text(parse_message(bytes).root(), bytes); }

TEST(TextTest, DecodesCharsets) {
  EXPECT_EQ(text_of("Content-Type: text/plain; charset=shift_jis\r\n\r\n\x82\xb1"), "\xe3\x81\x93");
  EXPECT_EQ(text_of("Content-Type: text/plain; charset=unheard-of\r\n\r\n\xfc"), "\xc3\xbc");
  EXPECT_EQ(text_of("Content-Type: text/plain; charset=utf-8\r\n\r\n\xfcx"), "\xef\xbf\xbdx");
  EXPECT_EQ(text_of("Content-Type: text/plain\r\n\r\n\xc3\xbc"), "\xc3\xbc");
  EXPECT_EQ(text_of("Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$B$3"), "\xe3\x81\x93");
  EXPECT_EQ(text_of("Content-Type: text/plain; charset=utf-16be\r\n\r\n\0a\xd8"s), "a\xef\xbf\xbd");
}

TEST(TextTest, DecodesUuencodedBodies) {
  EXPECT_EQ(text_of("Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n"),
            "Cat");
}

TEST(TextTest, SentDateKeepsTheZoneOfTheSender) {
  const auto date = sent_date("Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n\r\n");
  ASSERT_TRUE(date);
  EXPECT_EQ(date->date, std::chrono::year(1996) / 7 / 17);
  EXPECT_EQ(date->time_of_day, 2h + 23min + 25s);
  EXPECT_EQ(date->zone, -420min);
  EXPECT_EQ(date->instant(), std::chrono::sys_days(std::chrono::year(1996) / 7 / 17) + 9h + 23min + 25s);
}

TEST(TextTest, SentDateThatIsNoDateIsNothing) {
  for (const char* value : {"", "nonsense", "Wed", "99 Foo 2026 99:99:99", "\xff\xff"}) {
    EXPECT_FALSE(sent_date("Date: " + std::string(value) + "\r\n\r\n")) << value;
  }
  EXPECT_FALSE(sent_date("Subject: x\r\n\r\n"));
}

TEST(TextTest, ThreadsMayStartTogether) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([] { EXPECT_EQ(decode_header("=?utf-8?Q?a?="), "a"); });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace imapd::mime

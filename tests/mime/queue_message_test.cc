#include "imapd/mime/queue_message.h"

#include <gtest/gtest.h>

#include <random>

#include "imapd/mime/body_structure.h"
#include "imapd/mime/envelope.h"
#include "imapd/mime/section.h"
#include "imapd/mime/text.h"
#include "tests/mime/imap_syntax.h"

namespace imapd::mime {
namespace {

using std::string_literals::operator""s;

void expect_round_trip(const QueueMessage& message) {
  const std::string bytes = compose(message);
  const QueueMessage back = decode(bytes);
  EXPECT_EQ(back.attributes, message.attributes) << bytes;
  EXPECT_EQ(back.content_type,
            message.content_type.empty() ? "application/octet-stream" : message.content_type)
      << bytes;
  EXPECT_EQ(back.body, message.body);
  EXPECT_EQ(back.key, message.key);
  EXPECT_EQ(back.group, message.group);
  EXPECT_EQ(back.priority, message.priority);
  EXPECT_EQ(back.message_id, message.message_id);
  EXPECT_EQ(back.queue, message.queue);
  EXPECT_EQ(back.date, std::chrono::floor<std::chrono::seconds>(message.date));
}

std::string header_of_message(const std::string& bytes) {
  const MessageTree tree = parse_message(bytes);
  return std::string(tree.root().header.of(bytes));
}

QueueMessage order() {
  QueueMessage message;
  message.attributes = {{"type", "order.created"}, {"tenant", "7"}};
  message.content_type = "application/json";
  message.body = "{\"id\": 1}";
  message.key = "customer-1";
  message.group = "customer";
  message.message_id = "1.2@claimq";
  message.queue = "orders/new";
  message.date = Timestamp(std::chrono::milliseconds(1'795'502'429'123));
  return message;
}

TEST(ComposeTest, PlainMessageReadsWell) {
  EXPECT_EQ(compose(order()),
            "Claimq-Version: 1\r\n"
            "From: \"orders/new\" <queue@claimq.invalid>\r\n"
            "Date: Tue, 24 Nov 2026 06:40:29 +0000\r\n"
            "Message-ID: <1.2@claimq>\r\n"
            "Subject: order.created\r\n"
            "Claimq-Attribute: tenant; value=\"7\"\r\n"
            "Claimq-Attribute: type; value=\"order.created\"\r\n"
            "Claimq-Key: customer-1\r\n"
            "Claimq-Group: customer\r\n"
            "Claimq-Queue: orders/new\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: application/json\r\n"
            "Content-Transfer-Encoding: 7bit\r\n"
            "\r\n"
            "{\"id\": 1}");
  expect_round_trip(order());
}

TEST(ComposeTest, BodyIsKeptWhereMailAllowsIt) {
  const auto encoding = [](std::string body) {
    QueueMessage message;
    message.body = std::move(body);
    expect_round_trip(message);
    return *header_field(compose(message), "content-transfer-encoding");
  };
  EXPECT_EQ(encoding(""), "7bit");
  EXPECT_EQ(encoding("a\r\nb\r\n"), "7bit");
  EXPECT_EQ(encoding("gr\xc3\xbc\xc3\x9f\r\n"), "8bit");
  EXPECT_EQ(encoding("a\nb"), "base64");
  EXPECT_EQ(encoding("a\rb"), "base64");
  EXPECT_EQ(encoding("a\r"), "base64");
  EXPECT_EQ(encoding("a\r\r\nb"), "base64");
  EXPECT_EQ(encoding("a\0b"s), "base64");
  EXPECT_EQ(encoding("\xff"), "base64");
  EXPECT_EQ(encoding("\xc0\x80"), "base64");
  EXPECT_EQ(encoding("\xed\xa0\x80"), "base64");
  EXPECT_EQ(encoding(std::string(998, 'x')), "7bit");
  EXPECT_EQ(encoding(std::string(998, 'x') + "\r\n"), "7bit");
  EXPECT_EQ(encoding(std::string(999, 'x')), "base64");
  EXPECT_EQ(encoding(std::string(999, 'x') + "\r\n"), "base64");
}

TEST(ComposeTest, NoValueBeginsAFieldOfItsOwn) {
  const std::string evil = "x\r\nEvil: 1\r\n\r\nbody\rEvil: 2\nEvil: 3\0\""s;
  QueueMessage message = order();
  message.attributes = {{evil, evil}, {"type", evil}, {"subject", evil}, {"", ""}, {"-", "-"}};
  message.key = message.group = message.queue = message.content_type = evil;
  expect_round_trip(message);
  message.message_id = evil;
  const std::string header = header_of_message(compose(message));
  EXPECT_EQ(header_field(header, "evil"), std::nullopt);
  EXPECT_EQ(compose(message).substr(header.size()), message.body);
  for (std::size_t at = 0; (at = header.find_first_of("\r\n", at)) != std::string::npos; at += 2) {
    ASSERT_EQ(header.substr(at, 2), "\r\n");
  }
}

TEST(ComposeTest, LinesStayWithinTheLimitOfMail) {
  QueueMessage message = order();
  message.attributes = {{std::string(5'000, 'n'), std::string(100'000, 'v')},
                        {"\xc3\xbc", std::string(3'000, '\x01')}};
  message.key = std::string(3'000, 'k');
  message.content_type = std::string(3'000, 't');
  message.queue = std::string(511, 'q');
  message.body = std::string(10'000, 'b');
  expect_round_trip(message);
  const std::string bytes = compose(message);
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = bytes.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - at, 998u);
    at = end + 2;
  }
}

TEST(ComposeTest, ContentTypesComeBackAsTheyWere) {
  for (const char* type : {"", "text/plain", "text/plain; charset=utf-8", "text/plain;charset=utf-8",
                           "text/html; charset=latin1", "TEXT/CSV", "application/octet-stream",
                           "multipart/mixed; boundary=b", "multipart/mixed", "message/rfc822", "nonsense",
                           "a/b/c", " a/b", "a/b; c=\"\xc3\xbc\"", "=?utf-8?B?eA==?="}) {
    for (const char* body : {"x", "\xff", "--b\r\n\r\nx\r\n--b--", "--b\nx"}) {
      QueueMessage message;
      message.content_type = type;
      message.body = body;
      expect_round_trip(message);
    }
  }
  QueueMessage message;
  message.content_type = "text/plain";
  EXPECT_EQ(header_field(compose(message), "content-type"), "text/plain;charset=utf-8");
}

TEST(ComposeTest, SubjectTellsSomething) {
  const auto subject = [](const QueueMessage& message) {
    return decode_header(*header_field(compose(message), "subject"));
  };
  QueueMessage message = order();
  EXPECT_EQ(subject(message), "order.created");
  message.attributes = {{"subject", "Gr\xc3\xbc\xc3\x9f"}};
  EXPECT_EQ(subject(message), "Gr\xc3\xbc\xc3\x9f");
  message.attributes.clear();
  EXPECT_EQ(subject(message), "{\"id\": 1}");
  message.body = "{\n  \"id\": 1,\n  \"x\": \"" + std::string(500, 'y') + "\"}";
  EXPECT_TRUE(subject(message).starts_with("{ \"id\": 1, \"x\": \"yyy")) << subject(message);
  EXPECT_TRUE(subject(message).ends_with("...") && subject(message).size() < 130);
  message.body = "\xff\x01\xff";
  EXPECT_EQ(subject(message), "customer-1");
  message.key = "";
  EXPECT_EQ(subject(message), "application/json, 3 bytes");
}

TEST(ComposeTest, PriorityAndDateAreClamped) {
  QueueMessage message;
  message.priority = 99;
  EXPECT_EQ(decode(compose(message)).priority, 9);
  message.priority = -1;
  EXPECT_EQ(decode(compose(message)).priority, 0);
  for (const Timestamp date : {Timestamp::min(), Timestamp::max()}) {
    message.date = date;
    EXPECT_NE(header_field(compose(message), "date"), std::nullopt);
  }
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t bound) { return engine_() % bound; }
  std::string text(std::size_t size_max) {
    static const char* const kPieces[] = {"a",
                                          "Z",
                                          "0",
                                          " ",
                                          "\t",
                                          "\"",
                                          "\\",
                                          ";",
                                          "=",
                                          "?",
                                          "=?utf-8?B?",
                                          "?=",
                                          "%",
                                          "%41",
                                          "'",
                                          "*",
                                          "\r\n",
                                          "\n",
                                          "\r",
                                          ":",
                                          "(",
                                          ")",
                                          "<",
                                          ">",
                                          "\xc3\xbc",
                                          "\xe3\x81\x93",
                                          "\xf0\x9f\x98\x80",
                                          "\xff",
                                          "--",
                                          "value=",
                                          "\x7f"};
    std::string result;
    const std::size_t kind = below(4);
    const std::size_t size = below(size_max + 1);
    while (result.size() < size) {
      if (kind == 0) {
        result.push_back(static_cast<char>('a' + below(26)));
      } else if (kind == 1) {
        result.push_back(static_cast<char>(below(256)));
      } else {
        result += kPieces[below(std::size(kPieces))];
      }
    }
    return result;
  }

 private:
  std::mt19937_64 engine_;
};

TEST(ComposeTest, RandomMessagesComeBackEqual) {
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    QueueMessage message;
    for (std::size_t i = random.below(6); i > 0; --i)
      message.attributes[random.text(40)] = random.text(random.below(8) == 0 ? 2'000 : 60);
    message.body = random.text(random.below(10) == 0 ? 20'000 : 300);
    if (random.below(2) == 0) message.content_type = random.below(2) == 0 ? "text/plain" : random.text(60);
    if (random.below(2) == 0) message.key = random.text(100);
    if (random.below(2) == 0) message.group = random.text(600);
    if (random.below(2) == 0) message.queue = random.text(200);
    message.priority = static_cast<int>(random.below(10));
    message.date = Timestamp(std::chrono::milliseconds(random.below(4'000'000'000'000)));
    expect_round_trip(message);
    const std::string bytes = compose(message);
    const MessageTree tree = parse_message(bytes);
    EXPECT_EQ(claimq_test::check_imap_syntax(envelope(tree.root().header.of(bytes))), "");
    EXPECT_EQ(claimq_test::check_imap_syntax(body_structure(tree, bytes, Extended::kYes)), "");
    if (HasFailure()) return;
  }
}

TEST(DecodeTest, ForeignMessageShowsHeadersAndDecodedBody) {
  const QueueMessage message = decode(
      "Received: a\r\nReceived: b\r\nFrom: x@y\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9F?=\r\nMessage-ID: <id@x>\r\n"
      "Date: Wed, 17 Jul 1996 02:23:25 -0700\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
      "Claimq-Key: k\r\nClaimq-Priority: 9\r\nClaimq-Attribute: a; value*=iso-8859-1''%FC\r\n\r\naGVsbG8=\r\n");
  EXPECT_EQ(message.body, "hello");
  EXPECT_EQ(message.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(message.message_id, "id@x");
  EXPECT_EQ(message.key, "k");
  EXPECT_EQ(message.priority, 9);
  EXPECT_EQ(message.date.time_since_epoch().count(), 837'595'405'000);
  EXPECT_EQ(message.attributes.at("header.subject"), "Gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(message.attributes.at("header.received"), "a\nb");
  EXPECT_EQ(message.attributes.at("header.from"), "x@y");
  EXPECT_EQ(message.attributes.at("a"), "\xc3\xbc");
  EXPECT_EQ(message.attributes.count("header.claimq-key"), 0u);
}

TEST(DecodeTest, MultipartBodyIsLeftAsItIs) {
  const std::string body = "--b\r\n\r\none\r\n--b--\r\n";
  const QueueMessage message = decode("Content-Type: multipart/mixed;\r\n boundary=b\r\n\r\n" + body);
  EXPECT_EQ(message.body, body);
  EXPECT_EQ(message.content_type, "multipart/mixed; boundary=b");
}

TEST(DecodeTest, TraceLinesInFrontOfAComposedMessageAreAttributes) {
  const QueueMessage message = decode("Claimq-Dead-Reason: max failures\r\n" + compose(order()));
  QueueMessage expected = order();
  EXPECT_EQ(message.body, expected.body);
  EXPECT_EQ(message.attributes.at("header.claimq-dead-reason"), "max failures");
  EXPECT_EQ(message.attributes.size(), expected.attributes.size() + 1);
}

TEST(DecodeTest, AnyBytesGiveAMessage) {
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    Random random(seed);
    std::string bytes = compose(order());
    for (std::size_t i = random.below(20); i > 0; --i)
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    decode(bytes.substr(0, random.below(bytes.size())));
    decode(bytes);
  }
  EXPECT_EQ(decode("").content_type, "text/plain; charset=us-ascii");
}

}  // namespace
}  // namespace imapd::mime

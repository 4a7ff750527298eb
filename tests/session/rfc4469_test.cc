#include "imapd/base/limits.h"
#include "tests/session/selected_fixture.h"

// RFC 4469: CATENATE.
namespace imapd::session {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Rfc4469Test : public SelectedTest {
 protected:
  static constexpr const char* kHeader = "Subject: holiday\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
  static constexpr const char* kMime1 = "Content-Type: text/plain\r\n\r\n";
  static constexpr const char* kText = "The old text.\r\n";
  static constexpr const char* kMime2 = "Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  static constexpr const char* kZip = "UEsDBA==";
  static std::string original() {
    return std::string(kHeader) + "--b\r\n" + kMime1 + kText + "\r\n--b\r\n" + kMime2 + kZip + "\r\n--b--\r\n";
  }
  static std::string text(const std::string& bytes) { return "TEXT {" + std::to_string(bytes.size()) + "+}\r\n" + bytes; }
  static std::string url(const std::string& path) { return "URL \"" + path + "\""; }
  std::string in_queue(const std::string& rest) {
    return url("/q;UIDVALIDITY=" + std::to_string(queue_.uid_validity.value()) + "/;UID=" + rest);
  }
  std::string catenate(Talker& talker, const std::string& parts) { return talker.run("APPEND q CATENATE (" + parts + ")").back(); }
  std::string stored(std::uint32_t uid) {
    const auto snapshot = server_.store().snapshot();
    return *snapshot.body(message(uid).body);
  }
  std::string appended(std::uint32_t uid) {
    return "OK [APPENDUID " + std::to_string(queue_.uid_validity.value()) + ' ' + std::to_string(uid) + "] ";
  }
};

TEST_F(Rfc4469Test, AppendixAExample1AnAttachmentIsReplaced) {
  append(original());
  append("the new attachment, a whole message");
  Client client(server_, "ann");
  const std::string validity = std::to_string(queue_.uid_validity.value());
  client.send("A003 APPEND q (\\Seen \\Draft $MDNSent) CATENATE (URL \"/q;UIDVALIDITY=" + validity + "/;UID=1/;section=HEADER\" TEXT {7}\r\n");
  EXPECT_EQ(client.line(), "+ OK");
  client.send("\r\n--b\r\n URL \"/q;UIDVALIDITY=" + validity + "/;UID=1/;section=1.MIME\" URL \"/q;UIDVALIDITY=" + validity +
              "/;UID=1/;section=1\" TEXT {7}\r\n");
  EXPECT_EQ(client.line(), "+ OK");
  client.send("\r\n--b\r\n URL \"/q;UIDVALIDITY=" + validity + "/;UID=2\" TEXT {9}\r\n");
  EXPECT_EQ(client.line(), "+ OK");
  client.send("\r\n--b--\r\n)\r\n");
  EXPECT_THAT(client.line(), StartsWith("A003 " + appended(3)));
  EXPECT_EQ(stored(3), std::string(kHeader) + "\r\n--b\r\n" + kMime1 + kText + "\r\n--b\r\n" + "the new attachment, a whole message" +
                           "\r\n--b--\r\n");
  EXPECT_TRUE(flags(3).contains(SystemFlag::kDraft));
  // Section 3: \Seen of what is named stays as it is.
  EXPECT_FALSE(flags(1).contains(SystemFlag::kSeen));
}

TEST_F(Rfc4469Test, AppendixAExample2TheTextIsReplaced) {
  append(original());
  Talker& client = connect();
  const std::string start = "Subject: About our holiday trip\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nNew.\r\n--b\r\n";
  EXPECT_THAT(catenate(client, text(start) + ' ' + in_queue("1/;Section=2.MIME") + ' ' + in_queue("1/;Section=2") + ' ' + text("\r\n--b--\r\n")),
              StartsWith(appended(2)));
  EXPECT_EQ(stored(2), start + kMime2 + kZip + "\r\n--b--\r\n");
}

TEST_F(Rfc4469Test, AppendixAExample4TheFirstBadUrlIsNamed) {
  append(original());
  Talker& client = connect();
  const std::string validity = std::to_string(queue_.uid_validity.value());
  EXPECT_THAT(catenate(client, text("x") + ' ' + in_queue("1") + ' ' + in_queue("1/;section=1.5.9") + ' ' + in_queue("77") + ' ' + text("y")),
              StartsWith("NO [BADURL /q;UIDVALIDITY=" + validity + "/;UID=77] "));
  EXPECT_THAT(catenate(client, text("x") + ' ' + in_queue("1/;section=1.5.9") + ' ' + in_queue("1/;section=7")),
              StartsWith("NO [BADURL /q;UIDVALIDITY=" + validity + "/;UID=1/;section=1.5.9] "));
  EXPECT_EQ(server_.store().mailbox(queue_.id)->counters.messages, 1u);
}

TEST_F(Rfc4469Test, Section41WhatIsABadUrl) {
  append(original());
  server_.make_queue("secret", {{"ann", "lswi"}});
  server_.append(*server_.store().find_mailbox({"", "secret"}), "secret");
  server_.make_queue("hidden", {{"bob", "lr"}});
  Talker& client = connect();
  for (const std::string path : {"/q;UIDVALIDITY=1/;UID=1", "/nothing/;UID=1", "/secret/;UID=1", "/hidden/;UID=1", "imap://localhost/q/;UID=1",
                                 "//localhost/q/;UID=1", ";UID=1", "/;UID=1", "/q", "/q/;UID=1/;SECTION=3", "x y]"}) {
    EXPECT_THAT(catenate(client, url(path)), StartsWith("NO [BADURL ")) << path;
  }
  EXPECT_THAT(catenate(client, url("x y]z")), StartsWith("NO [BADURL x?y?z] "));
  EXPECT_THAT(catenate(client, url(std::string(1100, 'x'))), HasSubstr(" " + std::string(1024, 'x') + "] "));
}

TEST_F(Rfc4469Test, Section3RelativeToTheSelectedMailbox) {
  append(original());
  Talker& client = selected_client();
  EXPECT_THAT(catenate(client, url("/;UID=1/;SECTION=HEADER") + ' ' + url(";UID=1/;SECTION=1")), StartsWith(appended(2)));
  EXPECT_EQ(stored(2), std::string(kHeader) + kText);
}

TEST_F(Rfc4469Test, SectionsTextsAndPartials) {
  append(original());
  Talker& client = connect();
  EXPECT_THAT(catenate(client, in_queue("1/;SECTION=HEADER.FIELDS%20(SUBJECT)") + ' ' + in_queue("1/;SECTION=1/;PARTIAL=4.3") + ' ' +
                                   in_queue("1/;SECTION=1/;PARTIAL=8") + ' ' + in_queue("1/;PARTIAL=0.7")),
              StartsWith(appended(2)));
  EXPECT_EQ(stored(2), "Subject: holiday\r\n\r\nold" "text.\r\n" "Subject");
  EXPECT_THAT(catenate(client, in_queue("1/;SECTION=TEXT")), StartsWith(appended(3)));
  EXPECT_EQ(stored(3), original().substr(std::string(kHeader).size()));
}

TEST_F(Rfc4469Test, WithManyMessagesAndWithReplace) {
  append(original());
  Talker& client = selected_client();
  EXPECT_THAT(client.run("APPEND q (\\Seen) CATENATE (" + in_queue("1") + ") {1+}\r\nx CATENATE (" + text("y") + ")").back(),
              HasSubstr(" 2:4] "));
  EXPECT_EQ(stored(2), original());
  EXPECT_EQ(stored(4), "y");
  // RFC 8508, section 4.2: of the message that goes.
  EXPECT_THAT(client.run("UID REPLACE 2 q CATENATE (" + text("To: x\r\n") + ' ' + in_queue("2") + ")").back(), StartsWith("OK"));
  EXPECT_EQ(stored(5), "To: x\r\n" + original());
  EXPECT_FALSE(exists(2));
}

TEST_F(Rfc4469Test, NothingAtAllIsRefusedAsAnEmptyMessage) {
  append("x");
  EXPECT_THAT(catenate(connect(), text("")), StartsWith("NO [CANNOT] "));
  EXPECT_THAT(catenate(connect(), in_queue("1/;PARTIAL=5")), StartsWith("NO [CANNOT] "));
}

class Rfc4469LimitsTest : public testing::Test {
 protected:
  static SessionOptions options() {
    SessionOptions some;
    some.message_bytes_max = 1000;
    return some;
  }
  std::string url(std::uint32_t uid, const std::string& rest = "") { return "URL \"/q/;UID=" + std::to_string(uid) + rest + "\""; }
  std::string times(std::size_t count, const std::string& part) {
    std::string parts = part;
    for (std::size_t i = 1; i < count; ++i) parts += ' ' + part;
    return parts;
  }
  Server server_{options()};
  store::MailboxInfo queue_ = server_.make_queue("q");
  Talker client_{server_, "ann"};
};

TEST_F(Rfc4469LimitsTest, Section42BytesAtTheLimitAndOnePast) {
  server_.append(queue_, std::string(500, 'x'));
  EXPECT_THAT(client_.run("APPEND q CATENATE (" + times(2, url(1)) + ")").back(), StartsWith("OK"));
  EXPECT_THAT(client_.run("APPEND q CATENATE (" + times(2, url(1)) + " TEXT {1+}\r\ny)").back(), StartsWith("NO [TOOBIG] "));
  // All messages of one command together.
  EXPECT_THAT(client_.run("APPEND q CATENATE (" + url(1) + ") CATENATE (" + url(1) + ")").back(), StartsWith("OK"));
  EXPECT_THAT(client_.run("APPEND q CATENATE (" + url(1) + ") CATENATE (" + url(1) + ") {1+}\r\nx").back(), StartsWith("NO [TOOBIG] "));
}

TEST_F(Rfc4469LimitsTest, PartsAtTheLimitAndOnePast) {
  server_.append(queue_, "x");
  EXPECT_THAT(client_.run("APPEND q CATENATE (" + times(limits::kAppendPartsMax, url(1)) + ")").back(), StartsWith("OK"));
  EXPECT_THAT(client_.run("APPEND q CATENATE (" + times(limits::kAppendPartsMax, url(1)) + ") {1+}\r\nx").back(), StartsWith("NO [LIMIT] "));
  client_.run("SELECT q");
  EXPECT_THAT(client_.run("REPLACE 1 q CATENATE (" + times(limits::kAppendPartsMax + 1, url(1)) + ")").back(), StartsWith("NO [LIMIT] "));
  EXPECT_THAT(client_.run("REPLACE 1 q CATENATE (" + times(limits::kAppendPartsMax, url(1)) + ")").back(), StartsWith("OK"));
}

TEST_F(Rfc4469LimitsTest, ParsedBytesAtTheLimitAndOnePast) {
  for (int i = 0; i < 8; ++i) server_.append(queue_, "\r\n" + std::string(498, 'x'));
  server_.append(queue_, "\r\n");
  std::string parts;
  for (std::uint32_t uid = 1; uid <= 8; ++uid) parts += (uid > 1 ? " " : "") + times(3, url(uid, "/;SECTION=1/;PARTIAL=0.1"));
  EXPECT_THAT(client_.run("APPEND q CATENATE (" + parts + ")").back(), StartsWith("OK"));
  EXPECT_THAT(client_.run("APPEND q CATENATE (" + parts + ' ' + url(9, "/;SECTION=1") + ")").back(), StartsWith("NO [LIMIT] "));
}

}  // namespace
}  // namespace imapd::session

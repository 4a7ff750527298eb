// COMPRESS=DEFLATE.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "imapd/base/check.h"
#include "tests/session/conversation.h"

namespace imapd::session {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// The client's end of the compression.
class Squeezer {
 public:
  Squeezer() {
    CHECK(deflateInit2(&out_, Z_BEST_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    CHECK(inflateInit2(&in_, -15) == Z_OK);
  }
  ~Squeezer() {
    deflateEnd(&out_);
    inflateEnd(&in_);
  }
  std::string squeeze(const std::string& text) {
    std::string made(text.size() + 1024, '\0');
    out_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    out_.avail_in = static_cast<uInt>(text.size());
    out_.next_out = reinterpret_cast<Bytef*>(made.data());
    out_.avail_out = static_cast<uInt>(made.size());
    CHECK(deflate(&out_, Z_SYNC_FLUSH) == Z_OK && out_.avail_out > 0);
    made.resize(made.size() - out_.avail_out);
    return made;
  }
  std::string stretch(const std::string& bytes) {
    std::string made;
    in_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    in_.avail_in = static_cast<uInt>(bytes.size());
    do {
      char piece[64 * 1024];
      in_.next_out = reinterpret_cast<Bytef*>(piece);
      in_.avail_out = sizeof piece;
      const int outcome = inflate(&in_, Z_SYNC_FLUSH);
      CHECK(outcome == Z_OK || outcome == Z_BUF_ERROR);
      made.append(piece, sizeof piece - in_.avail_out);
    } while (in_.avail_out == 0);
    return made;
  }

 private:
  z_stream out_{};
  z_stream in_{};
};

class CompressedClient {
 public:
  explicit CompressedClient(Server& server) : client_(server, "ann") {
    EXPECT_THAT(client_.command("COMPRESS DEFLATE").tagged, StartsWith("OK"));
  }
  void send(const std::string& text) { client_.send(squeezer_.squeeze(text)); }
  void send_raw(const std::string& bytes) { client_.send(bytes); }
  // Up to the line that begins with `start`, or to the end.
  std::string up_to(const std::string& start) {
    while (received_.find("\n" + start) == std::string::npos || !received_.ends_with("\r\n")) {
      const std::string byte = client_.bytes(1);
      if (byte.empty()) break;
      received_ += squeezer_.stretch(byte);
    }
    return std::exchange(received_, "\n");
  }

 private:
  Client client_;
  Squeezer squeezer_;
  std::string received_ = "\n";
};

TEST(Rfc4978, CommandsAndAnswersGoThroughDeflate) {
  Server server;
  CompressedClient client(server);
  client.send("a SELECT INBOX\r\n");
  EXPECT_THAT(client.up_to("a "), HasSubstr("a OK [READ-WRITE]"));
  const std::string body(200'000, 'x');
  client.send("b APPEND INBOX {" + std::to_string(body.size()) + "+}\r\n" + body + "\r\n");
  EXPECT_THAT(client.up_to("b "), HasSubstr("b OK [APPENDUID"));
  client.send("c FETCH 1 BODY.PEEK[]\r\n");
  EXPECT_THAT(client.up_to("c "), HasSubstr(body));
}

TEST(Rfc4978, ASecondCompressIsRefused) {
  Server server;
  CompressedClient client(server);
  client.send("a COMPRESS DEFLATE\r\nb CAPABILITY\r\n");
  const std::string answer = client.up_to("b ");
  EXPECT_THAT(answer, HasSubstr("a NO [COMPRESSIONACTIVE]"));
  EXPECT_THAT(answer, Not(HasSubstr("COMPRESS=DEFLATE")));
}

TEST(Rfc4978, OnlyDeflateAndOnlyLoggedIn) {
  Server server;
  Client client(server);
  EXPECT_THAT(client.command("COMPRESS DEFLATE").tagged, StartsWith("BAD"));
  EXPECT_THAT(client.command("LOGIN ann pw").tagged, HasSubstr(" COMPRESS=DEFLATE "));
  EXPECT_THAT(client.command("COMPRESS LZMA").tagged, StartsWith("BAD"));
  EXPECT_THAT(client.command("COMPRESS").tagged, StartsWith("BAD"));
}

TEST(Rfc4978, NoiseEndsTheSession) {
  Server server;
  CompressedClient client(server);
  client.send_raw("\xff\xff\xff\xff not deflate");
  EXPECT_EQ(client.up_to("a "), "\n");
}

TEST(Rfc4978, ABombMeetsTheLimitsOfTheFramer) {
  Server server;
  CompressedClient client(server);
  // 64 MiB in one line of some 64 KiB.
  const std::string zeros(1 << 20, 'A');
  for (int i = 0; i < 64; ++i) client.send(zeros);
  client.send("\r\n");
  client.send("a NOOP\r\n");
  EXPECT_THAT(client.up_to("a "), HasSubstr("[TOOBIG]"));
}

}  // namespace
}  // namespace imapd::session

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imapd/base/limits.h"
#include "tests/session/conversation.h"

// RFC 7888: LITERAL- before login, LITERAL+ after.
namespace imapd::session {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::size_t kMinusBytesMax = 4096;  // Section 5.
static_assert(limits::kPreLoginLiteralBytesMax == kMinusBytesMax);

class Rfc7888Test : public testing::Test {
 protected:
  static std::string announced(std::size_t bytes) { return "{" + std::to_string(bytes) + "+}\r\n" + std::string(bytes, 'x'); }
  Server server_;
};

TEST_F(Rfc7888Test, Section3NothingIsAskedForAndSpacesStandAfterTheLiteral) {
  Client client(server_);
  converse(client, R"(
    C: A001 LOGIN {11+}
    C: FRED FOOBAR {7+}
    C: fat man
    S: A001 NO [AUTHENTICATIONFAILED] ...
    C: A002 LOGIN {3+}
    C: ann {2+}
    C: pw
    S: A002 OK [CAPABILITY ...] ...
  )");
}

TEST_F(Rfc7888Test, Section3SynchronizingLiteralsAreStillAskedFor) {
  Client client(server_);
  converse(client, R"(
    C: A001 LOGIN {3}
    S: + OK
    C: ann {2+}
    C: pw
    S: A001 OK [CAPABILITY ...] ...
    C: A002 STATUS {5}
    S: + OK
    C: INBOX (MESSAGES)
    S: * STATUS INBOX (MESSAGES 0)
    S: A002 OK ...
  )");
}

TEST_F(Rfc7888Test, Section5NeverBothAtOnce) {
  Client client(server_);
  EXPECT_THAT(client.greeting(), HasSubstr(" LITERAL- "));
  EXPECT_THAT(client.greeting(), Not(HasSubstr("LITERAL+")));
  const std::string logged_in = client.command("LOGIN ann pw").tagged;
  EXPECT_THAT(logged_in, HasSubstr(" LITERAL+ "));
  EXPECT_THAT(logged_in, Not(HasSubstr("LITERAL-")));
  const std::string forgotten = client.command("UNAUTHENTICATE").tagged;
  ASSERT_THAT(forgotten, StartsWith("OK"));
  const auto shown = client.command("CAPABILITY").untagged;
  ASSERT_EQ(shown.size(), 1u);
  EXPECT_THAT(shown.front(), HasSubstr(" LITERAL- "));
  EXPECT_THAT(shown.front(), Not(HasSubstr("LITERAL+")));
}

TEST_F(Rfc7888Test, Section5BeforeLoginAtTheLimitAndOnePast) {
  Client client(server_);
  client.send("a ID (\"x\" " + announced(kMinusBytesMax) + ")\r\nb ID (\"x\" " + announced(kMinusBytesMax + 1) + ")\r\nc NOOP\r\n");
  std::string line = client.line();
  while (line.starts_with("* ")) line = client.line();
  EXPECT_THAT(line, StartsWith("a "));
  EXPECT_THAT(line, Not(HasSubstr("TOOBIG")));
  EXPECT_THAT(client.line(), StartsWith("b BAD [TOOBIG] "));
  EXPECT_THAT(client.line(), StartsWith("c OK "));
}

TEST_F(Rfc7888Test, Section5AppendBeforeLoginIsBadWithTooBig) {
  Client client(server_);
  client.send("a APPEND INBOX " + announced(kMinusBytesMax) + "\r\nb APPEND INBOX " + announced(kMinusBytesMax + 1) + "\r\n");
  EXPECT_THAT(client.line(), StartsWith("a BAD "));
  EXPECT_THAT(client.line(), StartsWith("b BAD [TOOBIG] "));
}

TEST_F(Rfc7888Test, Section4OneThatIsFarTooBigEndsTheConnection) {
  Client client(server_);
  client.send("a LOGIN {65537+}\r\n");
  EXPECT_THAT(client.line(), StartsWith("a BAD [TOOBIG] "));
  EXPECT_THAT(client.line(), StartsWith("* BYE [TOOBIG] "));
  EXPECT_EQ(client.line(), "<closed>");
}

TEST_F(Rfc7888Test, Section4AfterLoginLargeMessagesNeedNoConsent) {
  Client client(server_, "ann");
  client.send("a APPEND INBOX " + announced(kMinusBytesMax + 1) + "\r\nb APPEND INBOX {99999999999+}\r\n");
  EXPECT_THAT(client.line(), StartsWith("a OK [APPENDUID "));
  EXPECT_THAT(client.line(), StartsWith("b NO [TOOBIG] "));
  EXPECT_THAT(client.line(), StartsWith("* BYE [TOOBIG] "));
  EXPECT_EQ(client.line(), "<closed>");
}

TEST_F(Rfc7888Test, Section6And7LiteralsOfBinaryAndOfManyMessages) {
  Client client(server_, "ann");
  client.send("a APPEND INBOX ~{6+}\r\n\r\nx\r\ny {1+}\r\nz ~{1+}\r\nw\r\n");
  EXPECT_THAT(client.line(), HasSubstr(" 1:3] "));
}

}  // namespace
}  // namespace imapd::session

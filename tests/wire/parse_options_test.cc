// What a client that has enabled UTF-8 may send (RFC 6855, section 3; RFC 9051, section 5.1), and one that has not may not.
#include <gtest/gtest.h>

#include "imapd/wire/parse_command.h"
#include "tests/wire/describe.h"

namespace imapd::wire {
namespace {

constexpr const char* kMailboxCommands[] = {"SELECT", "EXAMINE", "CREATE", "DELETE", "SUBSCRIBE", "UNSUBSCRIBE", "GETACL", "MYRIGHTS"};

std::string parsed_with_utf8(const std::string& line) {
  const auto parsed = parse_command(line + "\r\n", ParseOptions{.utf8 = true});
  if (const auto* command = std::get_if<Command>(&parsed)) return describe(*command);
  return "BAD " + std::get<BadCommand>(parsed).text;
}

std::string parsed_without(const std::string& line) { return parse_and_describe(line + "\r\n"); }

TEST(ParseOptionsTest, NamesAreUtf8OnceEnabled) {
  for (const std::string command : kMailboxCommands) {
    EXPECT_EQ(parsed_with_utf8("a " + command + " \"Entw\xc3\xbcrfe\""), "a " + command + " [Entw\xc3\xbcrfe]");
    EXPECT_EQ(parsed_with_utf8("a " + command + " {8+}\r\nEntw\xc3\xbcrf"), "a " + command + " [Entw\xc3\xbcrf]");
  }
  EXPECT_EQ(parsed_with_utf8("a RENAME \"\xc3\xa9\" \"\xf0\x9f\x93\xac\""), "a RENAME [\xc3\xa9] [\xf0\x9f\x93\xac]");
  EXPECT_EQ(parsed_with_utf8("a LIST \"\xc3\xa9/\" \"\xc3\xa9*\""), "a LIST [\xc3\xa9/] [\xc3\xa9*]");
  EXPECT_EQ(parsed_with_utf8("a SELECT inBOX"), "a SELECT [INBOX]");
}

TEST(ParseOptionsTest, ModifiedUtf7MeansItselfOnceEnabled) {
  EXPECT_EQ(parsed_with_utf8("a SELECT Entw&APw-rfe"), "a SELECT [Entw&APw-rfe]");
  EXPECT_EQ(parsed_with_utf8("a SELECT \"R & D\""), "a SELECT [R & D]");
  EXPECT_EQ(parsed_with_utf8("a LIST \"\" &AOk-*"), "a LIST [] [&AOk-*]");
}

TEST(ParseOptionsTest, EightBitNamesAreBadUntilThen) {
  for (const std::string command : kMailboxCommands) {
    EXPECT_EQ(parsed_without("a " + command + " \"Entw\xc3\xbcrfe\""),
              "a BAD " + command + ": mailbox name holds an 8-bit character in quotes");
  }
  EXPECT_EQ(parsed_without("a LIST \"\" \"\xc3\xa9*\""), "a BAD LIST: mailbox pattern holds an 8-bit character in quotes");
  EXPECT_EQ(parsed_without("a LIST \"\xc3\xa9\" *"), "a BAD LIST: reference holds an 8-bit character in quotes");
  EXPECT_EQ(parsed_without("a SETACL q \"\xc3\xa9\" lr"), "a BAD SETACL: identifier holds an 8-bit character in quotes");
  EXPECT_EQ(parsed_without("a SETMETADATA q (/shared/comment \"\xc3\xa9\")"),
            "a BAD SETMETADATA: value holds an 8-bit character in quotes");
}

TEST(ParseOptionsTest, BytesThatAreNoUtf8AreBad) {
  for (const std::string bytes : {"\xc3", "\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80"}) {
    EXPECT_EQ(parsed_with_utf8("a SELECT \"" + bytes + "\""), "BAD SELECT: mailbox name is not UTF-8");
    EXPECT_EQ(parsed_with_utf8("a SETACL q \"" + bytes + "\" lr"), "BAD SETACL: identifier is not UTF-8");
    EXPECT_EQ(parsed_with_utf8("a SEARCH SUBJECT \"" + bytes + "\""), "BAD SEARCH: SUBJECT is not UTF-8");
    EXPECT_TRUE(parsed_with_utf8("a SELECT {" + std::to_string(bytes.size()) + "+}\r\n" + bytes)
                    .starts_with("BAD SELECT: mailbox name is not UTF-8: ?"));
  }
}

TEST(ParseOptionsTest, OtherStringsMayHoldUtf8OnceEnabled) {
  EXPECT_EQ(parsed_with_utf8("a SEARCH SUBJECT \"\xc3\xa9\""), "a SEARCH and(header:SUBJECT=\xc3\xa9)");
  EXPECT_EQ(parsed_with_utf8("a DELETEACL q \"j\xc3\xbcrgen\""), "a DELETEACL [q] [j\xc3\xbcrgen]");
  EXPECT_EQ(parsed_with_utf8("a SELECT \"\xc3\xa9\\\"\\\\\""), "a SELECT [\xc3\xa9\"\\]");
}

// RFC 6855, section 3: only strings changed. Atoms are ASCII, and so is what a string may not hold for another reason.
TEST(ParseOptionsTest, AtomsStayAscii) {
  EXPECT_EQ(parsed_with_utf8("a SELECT \xc3\xa9"), "BAD SELECT: mailbox name expected");
  EXPECT_EQ(parsed_with_utf8("a LIST \"\" \xc3\xa9*"), "BAD LIST: mailbox pattern expected");
  EXPECT_EQ(parsed_with_utf8("a GETMETADATA q \"/shared/\xc3\xa9\""),
            "BAD GETMETADATA: entry name holds a character that it may not");
}

}  // namespace
}  // namespace imapd::wire

#include "imapd/base/limits.h"
#include "tests/session/selected_fixture.h"

// RFC 5466 (FILTERS).
namespace imapd::session {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class FiltersTest : public SelectedTest {
 protected:
  // `value` without quotes in it.
  static std::string set(Talker& client, const std::string& tree, const std::string& name, const std::string& value) {
    const std::string entry = "/" + tree + "/filters/values/" + name;
    return client.run("SETMETADATA \"\" (" + entry + " \"" + value + "\")").back();
  }
  void boss_and_others() {
    append("From: boss@example.com\r\n\r\n" + std::string(6000, 'x'));
    append("From: ann@example.com\r\n\r\nshort");
    append("From: ann@example.com\r\n\r\n" + std::string(6000, 'x'));
    append("From: ann@example.com\r\n\r\nshort", FlagSet{SystemFlag::kSeen});
  }
};

TEST_F(FiltersTest, IsAdvertised) { EXPECT_THAT(connect().run("CAPABILITY").front(), HasSubstr(" FILTERS ")); }

// Sections 3.1 and 3.2.
TEST_F(FiltersTest, StandsForTheKeysThatTheServerKeeps) {
  boss_and_others();
  Talker& client = selected_client();
  EXPECT_THAT(client.run("SETMETADATA \"\" (\"/private/filters/values/on-the-road\" "
                         "\"OR SMALLER 5000 FROM \\\"boss@example.com\\\"\")")
                  .back(),
              StartsWith("OK "));
  EXPECT_EQ(client.run("SEARCH UID 1:900 FILTER on-the-road SINCE \"3-Dec-2002\"").front(), "* SEARCH 1 2 4");
  EXPECT_EQ(client.run("UID SEARCH UNSEEN FILTER ON-the-ROAD").front(), "* SEARCH 1 2");
  EXPECT_EQ(client.run("SEARCH NOT FILTER on-the-road").front(), "* SEARCH 3");
  EXPECT_EQ(client.run("SORT (SIZE) UTF-8 FILTER on-the-road").front(), "* SORT 2 4 1");
  EXPECT_EQ(client.run("THREAD REFERENCES UTF-8 FILTER on-the-road 1:3").front(), "* THREAD (1)(2)");
}

// More keys than one are all meant, wherever the filter stands.
TEST_F(FiltersTest, StandsAsInParentheses) {
  boss_and_others();
  Talker& client = selected_client();
  set(client, "private", "two", "UNSEEN SMALLER 5000");
  EXPECT_EQ(client.run("SEARCH NOT FILTER two").front(), "* SEARCH 1 3 4");
  EXPECT_EQ(client.run("SEARCH OR FILTER two 3").front(), "* SEARCH 2 3");
}

TEST_F(FiltersTest, OnesOwnComesBeforeTheSharedOne) {
  boss_and_others();
  Talker& admin = connect("admin");
  Talker& client = selected_client();
  EXPECT_THAT(set(client, "shared", "f", "SEEN"), StartsWith("NO [NOPERM]"));
  EXPECT_THAT(set(admin, "shared", "f", "SEEN"), StartsWith("OK "));
  EXPECT_EQ(client.run("SEARCH FILTER f").front(), "* SEARCH 4");
  EXPECT_THAT(set(client, "private", "f", "UNSEEN"), StartsWith("OK "));
  EXPECT_EQ(client.run("SEARCH FILTER f").front(), "* SEARCH 1 2 3");
  EXPECT_EQ(selected_client("bob").run("SEARCH FILTER f").front(), "* SEARCH 4");
  client.run("SETMETADATA \"\" (/private/filters/values/f NIL)");
  EXPECT_EQ(client.run("SEARCH FILTER f").front(), "* SEARCH 4");
}

TEST_F(FiltersTest, WhatIsNotThereIsUndefined) {
  fill(1);
  Talker& client = selected_client();
  set(selected_client("bob"), "private", "of-bob", "ALL");
  for (const char* const command : {"SEARCH FILTER none", "UID SEARCH OR SEEN NOT (ALL FILTER none)", "SORT (SIZE) UTF-8 FILTER none",
                                    "THREAD REFERENCES UTF-8 FILTER none"}) {
    EXPECT_LINES(client.run(command), ElementsAre(StartsWith("NO [UNDEFINED-FILTER none]"))) << command;
  }
  EXPECT_LINES(client.run("SEARCH FILTER of-bob"), ElementsAre(StartsWith("NO [UNDEFINED-FILTER of-bob]")));
  EXPECT_THAT(client.run("SEARCH FILTER a/b").back(), StartsWith("BAD "));
  EXPECT_THAT(client.run("SEARCH FILTER \"a\"").back(), StartsWith("BAD "));
}

TEST_F(FiltersTest, UndefinedEmptiesWhatWasToBeSaved) {
  fill(2);
  Talker& client = selected_client();
  client.run("SEARCH RETURN (SAVE) 1");
  EXPECT_THAT(client.run("SEARCH RETURN (SAVE) FILTER none").back(), StartsWith("NO "));
  EXPECT_EQ(client.run("SEARCH $").front(), "* SEARCH");
}

// Section 3.1: at least 3 substitutions, and loops are found.
TEST_F(FiltersTest, FiltersNameFilters) {
  fill(3);
  Talker& client = selected_client();
  for (int i = 0; i < 5; ++i) set(client, "private", "f" + std::to_string(i), "FILTER f" + std::to_string(i + 1));
  set(client, "private", "f5", "2");
  EXPECT_EQ(client.run("SEARCH FILTER f0 FILTER f0").front(), "* SEARCH 2");
  set(client, "private", "f5", "OR 2 FILTER F0");
  EXPECT_LINES(client.run("SEARCH FILTER f3"), ElementsAre(StartsWith("NO [UNDEFINED-FILTER f3]")));
}

TEST_F(FiltersTest, NestingIsBounded) {
  fill(3);
  Talker& client = selected_client();
  constexpr int kNested = limits::kParenthesisDepthMax / 2;  // Each is a level of its own below the one that names it.
  for (int i = 0; i <= kNested; ++i) set(client, "private", "f" + std::to_string(i), "FILTER f" + std::to_string(i + 1));
  set(client, "private", "f" + std::to_string(kNested + 1), "2");
  EXPECT_EQ(client.run("SEARCH FILTER f3").front(), "* SEARCH 2");
  EXPECT_LINES(client.run("SEARCH FILTER f0"), ElementsAre(StartsWith("NO [LIMIT]")));
}

// Ten filters of which each names the next one a few times would be millions of keys.
TEST_F(FiltersTest, WhatFiltersBecomeIsBounded) {
  fill(1);
  Talker& client = selected_client();
  std::string many = "FILTER f1";
  for (int i = 0; i < 20; ++i) many += " FILTER f1";
  set(client, "private", "f0", many);
  for (int i = 1; i < 6; ++i) {
    const std::string next = "FILTER f" + std::to_string(i + 1);
    set(client, "private", "f" + std::to_string(i), next + ' ' + next + ' ' + next + ' ' + next);
  }
  set(client, "private", "f6", "ALL");
  EXPECT_LINES(client.run("SEARCH FILTER f0"), ElementsAre(StartsWith("NO [LIMIT]")));
  EXPECT_EQ(client.run("SEARCH FILTER f3").front(), "* SEARCH 1");

  const std::string value = "SUBJECT " + std::string(limits::kMetadataValueBytesMax - 8, 'x');
  EXPECT_THAT(set(client, "private", "long", value), StartsWith("OK "));
  std::string program;
  for (std::size_t i = 0; i < limits::kFilterBytesMax / limits::kMetadataValueBytesMax; ++i) program += " FILTER long";
  EXPECT_THAT(client.run("SEARCH" + program).back(), StartsWith("OK "));
  EXPECT_THAT(client.run("SEARCH" + program + " FILTER long").back(), StartsWith("NO [LIMIT]"));
}

// Section 3.2: what is stored is checked, and its name.
TEST_F(FiltersTest, OnlyWholeProgramsAreKept) {
  Talker& client = connect();
  EXPECT_THAT(set(client, "private", "f", "OR SMALLER"), StartsWith("NO [CANNOT] No search program"));
  EXPECT_THAT(set(client, "private", "f", "SEEN "), StartsWith("NO [CANNOT] "));
  EXPECT_THAT(set(client, "private", "f", ""), StartsWith("NO [CANNOT] "));
  EXPECT_THAT(set(client, "private", "a/b", "SEEN"), StartsWith("NO [CANNOT] This is no name of a filter"));
  EXPECT_THAT(client.run("SETMETADATA INBOX (/private/filters/values/f \"anything\")").back(), StartsWith("OK "));
  EXPECT_THAT(client.run("SETMETADATA \"\" (/private/filters/descriptions/f \"Those I have read\")").back(), StartsWith("OK "));
  EXPECT_EQ(client.run("GETMETADATA \"\" /private/filters/descriptions/f").front(),
            "* METADATA \"\" (/private/filters/descriptions/f \"Those I have read\")");
}

TEST_F(FiltersTest, StringsMayBeLiteralsAndUtf8) {
  append("Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\n\r\nbody");
  Talker& client = selected_client();
  client.run("SETMETADATA \"\" (/private/filters/values/f {21+}\r\nSUBJECT {7+}\r\ngr\xc3\xbc\xc3\x9f)");
  EXPECT_EQ(client.run("SEARCH FILTER f").back().substr(0, 2), "NO");  // 7 octets were said, and 6 are there.
  client.run("SETMETADATA \"\" (/private/filters/values/f {19+}\r\nSUBJECT {6}\r\ngr\xc3\xbc\xc3\x9f)");
  EXPECT_EQ(client.run("SEARCH FILTER f").front(), "* SEARCH 1");
}

// Section 3.1: an error of the client, where without filters it is NO.
TEST_F(FiltersTest, AnotherCharsetIsBad) {
  fill(1);
  Talker& client = selected_client();
  set(client, "private", "f", "ALL");
  EXPECT_EQ(client.run("SEARCH CHARSET UTF-8 FILTER f").front(), "* SEARCH 1");
  for (const char* const command : {"SEARCH CHARSET KOI8-R FILTER f", "SORT (SIZE) KOI8-R FILTER f", "THREAD REFERENCES KOI8-R FILTER f"}) {
    EXPECT_LINES(client.run(command), ElementsAre(StartsWith("BAD [BADCHARSET"))) << command;
  }
}

// RFC 7162, section 3.1.5, and RFC 9586: as if the keys had been sent.
TEST_F(FiltersTest, KeysCountAsSent) {
  fill(2);
  Talker& client = selected_client();
  set(client, "private", "new", "MODSEQ 1");
  set(client, "private", "numbers", "1:2");
  const std::string line = client.run("SEARCH RETURN (COUNT) FILTER new").at(1);
  EXPECT_EQ(line, "* ESEARCH (TAG \"" + client.last_tag() + "\") COUNT 2 MODSEQ " + highest());
  client.run("ENABLE UIDONLY");
  EXPECT_LINES(client.run("UID SEARCH FILTER numbers"), ElementsAre(StartsWith("BAD [UIDREQUIRED]")));
}

}  // namespace
}  // namespace imapd::session

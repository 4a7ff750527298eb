#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/wire/describe.h"

namespace imapd::wire {
namespace {

struct Row {
  const char* program;
  const char* expected;
};

void expect_search(const Row& row) {
  EXPECT_EQ(parse_and_describe("a SEARCH " + std::string(row.program) + "\r\n"), "a SEARCH " + std::string(row.expected)) << row.program;
}

TEST(ParseSearchTest, EveryKey) {
  constexpr Row kRows[] = {
      {"ALL", "and(all)"},
      {"ANSWERED", "and(has:\\Answered)"},
      {"UNANSWERED", "and(lacks:\\Answered)"},
      {"DELETED", "and(has:\\Deleted)"},
      {"UNDELETED", "and(lacks:\\Deleted)"},
      {"DRAFT UNDRAFT", "and(has:\\Draft lacks:\\Draft)"},
      {"flagged unflagged", "and(has:\\Flagged lacks:\\Flagged)"},
      {"SEEN UNSEEN", "and(has:\\Seen lacks:\\Seen)"},
      {"NEW", "and(and(recent lacks:\\Seen))"},
      {"OLD RECENT", "and(old recent)"},
      {"KEYWORD Junk", "and(has:Junk)"},
      {"UNKEYWORD $Forwarded", "and(lacks:$Forwarded)"},
      {"KEYWORD \\Claimed UNKEYWORD \\claimed", "and(has:\\Claimed lacks:\\Claimed)"},
      {"KEYWORD $Claimed UNKEYWORD $claimed", "and(has:\\Claimed lacks:\\Claimed)"},
      {"1:3,7", "and(seq:1:3,7)"},
      {"*", "and(seq:*)"},
      {"UID 5:*", "and(uid:5:*)"},
      {"BCC a CC b FROM c SUBJECT d TO e", "and(header:BCC=a header:CC=b header:FROM=c header:SUBJECT=d header:TO=e)"},
      {"HEADER X-Foo \"\"", "and(header:X-Foo=)"},
      {"HEADER \"Message-ID\" <a@b>", "and(header:Message-ID=<a@b>)"},
      {"BODY \"a b\" TEXT {3}\r\n\xe2\x82\xac", "and(body:a b text:\xe2\x82\xac)"},
      {"SUBJECT \"\xc3\xa9\"", "and(header:SUBJECT=\xc3\xa9)"},
      {"BEFORE 1-Feb-1994 ON \"02-feb-1994\" SINCE 3-FEB-1994", "and(internal<1-Feb-1994 internal=2-Feb-1994 internal>=3-Feb-1994)"},
      {"SENTBEFORE 1-Feb-1994 SENTON 2-Feb-1994 SENTSINCE 3-Feb-1994", "and(sent<1-Feb-1994 sent=2-Feb-1994 sent>=3-Feb-1994)"},
      {"OLDER 1 YOUNGER 4294967295", "and(age>=1 age<=4294967295)"},
      {"LARGER 0 SMALLER 4294967296", "and(size>0 size<4294967296)"},
      {"SMALLER 9223372036854775807", "and(size<9223372036854775807)"},
      {"NOT SEEN", "and(not(has:\\Seen))"},
      {"NOT NOT SEEN", "and(has:\\Seen)"},
      {"NOT NOT NOT (SEEN DELETED)", "and(not(and(has:\\Seen has:\\Deleted)))"},
      {"OR SEEN DELETED ALL", "and(or(has:\\Seen has:\\Deleted) all)"},
      {"OR FROM a OR FROM b OR FROM c FROM d", "and(or(header:FROM=a header:FROM=b header:FROM=c header:FROM=d))"},
      {"OR OR 1 2 NOT 3", "and(or(or(seq:1 seq:2) not(seq:3)))"},
      {"FILTER on-the-road NOT filter X", "and(filter:on-the-road not(filter:X))"},
      {"(SEEN (DELETED) (1 2))", "and(and(has:\\Seen has:\\Deleted and(seq:1 seq:2)))"},
  };
  for (const Row& row : kRows) expect_search(row);
}

TEST(ParseSearchTest, ModSequence) {
  constexpr Row kRows[] = {
      {"MODSEQ 620162338", "names_mod_seq and(modseq>=620162338)"},
      {"MODSEQ 0", "names_mod_seq and(modseq>=0)"},
      {"MODSEQ 9223372036854775807", "names_mod_seq and(modseq>=9223372036854775807)"},
      {"MODSEQ \"/flags/\\\\draft\" all 620162338", "names_mod_seq and(modseq>=620162338 of \\Draft/2)"},
      {"OR NOT MODSEQ \"/flags/$Claimed\" priv 7 LARGER 50000", "names_mod_seq and(or(not(modseq>=7 of \\Claimed/0) size>50000))"},
      {"MODSEQ \"/flags/Junk\" shared 7", "names_mod_seq and(modseq>=7 of Junk/1)"},
  };
  for (const Row& row : kRows) expect_search(row);
}

TEST(ParseSearchTest, OptionsBeforeTheProgram) {
  constexpr Row kRows[] = {
      {"RETURN () ALL", "return() and(all)"},
      {"RETURN (MIN COUNT) UNSEEN", "return(min count ) and(lacks:\\Seen)"},
      {"return (max all) CHARSET utf-8 SEEN", "return(max all ) charset:UTF-8 and(has:\\Seen)"},
      {"RETURN (context update COUNT) ALL", "return(count context update ) and(all)"},
      {"RETURN (SAVE COUNT) $", "return(count save ) and(seq:$)"},
      {"RETURN (PARTIAL 500:1 MIN) UID 3,$", "return(min partial:500:1 ) and(uid:3,$)"},
      {"RETURN (partial -1:-100) OR $ 1,3000:3021", "return(partial:-1:-100 ) and(or(seq:$ seq:1,3000:3021))"},
      {"CHARSET \"x-unknown\" ALL", "charset:X-UNKNOWN and(all)"},
  };
  for (const Row& row : kRows) expect_search(row);
  EXPECT_EQ(parse_and_describe("a UID SEARCH UID 1"), "a SEARCH uid and(uid:1)");
}

TEST(ParseSearchTest, BadPrograms) {
  constexpr Row kRows[] = {
      {"", "search key expected"},
      {"FOO", "unknown search key FOO"},
      {"ALL ", "search key expected"},
      {"()", "search key expected"},
      {"(ALL", "')' expected after search keys"},
      {"ALL)", "unexpected text after the arguments"},
      {"NOT", "a space expected after NOT"},
      {"OR ALL", "a space expected between the two keys of OR"},
      {"KEYWORD \\Seen", "keyword expected, not \\Seen"},
      {"KEYWORD \\Foo", "unknown system flag \\Foo"},
      {"KEYWORD", "a space expected after KEYWORD"},
      {"LARGER x", "LARGER must be a number"},
      {"LARGER 9223372036854775808", "LARGER is too large a number"},
      {"BEFORE 30-Feb-1994", "no such date: 30-Feb-1994"},
      {"SENTON 1994-02-01", "no such date: 1994-02-01"},
      {"SINCE \"1-Feb-1994", "date lacks its closing quote"},
      {"ON", "a space expected after ON"},
      {"MODSEQ -1", "MODSEQ must be a number"},
      {"MODSEQ 9223372036854775808", "MODSEQ is too large a number"},
      {"MODSEQ \"/flags/\\\\draft\" 6", "metadata entry type must be priv, shared or all"},
      {"MODSEQ \"/foo/x\" all 6", "metadata entry must begin with /flags/"},
      {"UID 0", "number in a sequence set must not begin with 0"},
      {"RETURN (RELEVANCY) ALL", "unknown RETURN option RELEVANCY"},
      {"RETURN (MIN MAX", "')' expected after the RETURN options"},
      {"RETURN ALL", "'(' expected after RETURN"},
      {"OLDER 0", "OLDER must not begin with 0"},
      {"YOUNGER 4294967296", "YOUNGER is too large a number"},
      {"RETURN ( ALL) ALL", "RETURN option expected"},
      {"RETURN (ALL PARTIAL 1:2) ALL", "ALL and PARTIAL exclude each other"},
      {"RETURN (PARTIAL 1:2 PARTIAL 1:2) ALL", "PARTIAL is repeated"},
      {"RETURN (PARTIAL) ALL", "a space expected after PARTIAL"},
      {"RETURN (PARTIAL 0:2) ALL", "first number of PARTIAL must not begin with 0"},
      {"RETURN (PARTIAL 1:*) ALL", "second number of PARTIAL must be a number"},
      {"RETURN (PARTIAL 1) ALL", "':' expected between the numbers of PARTIAL"},
      {"RETURN (PARTIAL -1:2) ALL", "both numbers of PARTIAL count from the same end"},
      {"RETURN (PARTIAL 1:-2) ALL", "both numbers of PARTIAL count from the same end"},
      {"RETURN (PARTIAL 1:4294967296) ALL", "second number of PARTIAL is too large a number"},
      {"RETURN (MIN)", "a space expected after the RETURN options"},
      {"CHARSET utf-8", "a space expected after the charset"},
      {"SUBJECT \xc3\xa9", "SUBJECT expected"},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(parse_and_describe("a SEARCH " + std::string(row.program)), "a BAD SEARCH: " + std::string(row.expected)) << row.program;
  }
}

TEST(ParseSearchTest, DepthAtTheLimitPassesAndOneMoreDoesNot) {
  const auto nested = [](int depth, std::string_view open, std::string_view close) {
    std::string program = "a SEARCH ";
    for (int i = 0; i < depth; ++i) program += open;
    program += "ALL";
    for (int i = 0; i < depth; ++i) program += close;
    return parse_and_describe(program);
  };
  constexpr int kMax = limits::kParenthesisDepthMax;
  EXPECT_EQ(nested(kMax, "(", ")"), "a SEARCH and(all)");
  EXPECT_EQ(nested(kMax + 1, "(", ")"), "a BAD SEARCH: search keys are nested too deep");
  EXPECT_THAT(nested(kMax, "OR ", " ALL"), testing::StartsWith("a SEARCH and(or("));
  EXPECT_EQ(nested(kMax + 1, "OR ", " ALL"), "a BAD SEARCH: search keys are nested too deep");
  EXPECT_EQ(nested(10'000, "NOT ", ""), "a SEARCH and(all)");
  EXPECT_EQ(nested(10'000, "NOT (", ")"), "a BAD SEARCH: search keys are nested too deep");
}

TEST(ParseSearchTest, KeysAtTheLimitPassAndOneMoreDoesNot) {
  const auto keys = [](std::size_t count, std::string_view key, std::string_view last) {
    std::string program = "a SEARCH ";
    for (std::size_t i = 1; i < count; ++i) program += key;
    return parse_and_describe(program + std::string(last));
  };
  EXPECT_THAT(keys(limits::kSearchKeysMax, "ALL ", "ALL"), testing::StartsWith("a SEARCH and(all"));
  EXPECT_EQ(keys(limits::kSearchKeysMax + 1, "ALL ", "ALL"), "a BAD SEARCH: too many search keys");
  EXPECT_THAT(keys(limits::kSearchKeysMax - 1, "OR ALL ", "ALL"), testing::StartsWith("a SEARCH and(or(all"));
  EXPECT_EQ(keys(limits::kSearchKeysMax + 1, "OR ALL ", "ALL"), "a BAD SEARCH: too many search keys");
}

}  // namespace
}  // namespace imapd::wire

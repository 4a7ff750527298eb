// ANNOTATION in FETCH, SEARCH, SORT, STORE, APPEND and SELECT (RFC 5257, section 5).
#include <gtest/gtest.h>

#include "imapd/base/limits.h"
#include "tests/wire/describe.h"

namespace imapd::wire {
namespace {

struct Row {
  const char* command;
  const char* expected;
};

template <std::size_t n>
void expect_rows(const Row (&rows)[n]) {
  for (const Row& row : rows) EXPECT_EQ(parse_and_describe("a " + std::string(row.command) + "\r\n"), "a " + std::string(row.expected));
}

TEST(ParseAnnotationTest, Fetch) {
  constexpr Row kRows[] = {
      {"FETCH 1 (ANNOTATION (/comment value))", "FETCH 1 {ANNOTATION[/comment] value.priv value.shared}"},
      {"FETCH 1 annotation (/comment Value.Priv)", "FETCH 1 {ANNOTATION[/comment] value.priv}"},
      {"UID FETCH 1 (UID ANNOTATION (/* (value.priv size.priv)))", "FETCH uid 1 {UID,ANNOTATION[/*] value.priv size.priv}"},
      {"FETCH 1 (ANNOTATION ((/comment /altsubject /comment) value.priv))", "FETCH 1 {ANNOTATION[/comment|/altsubject] value.priv}"},
      {"FETCH 1 (ANNOTATION (/comment (size.shared value size)) FLAGS)",
       "FETCH 1 {ANNOTATION[/comment] size.shared value.priv value.shared size.priv,FLAGS}"},
      {"FETCH 1 (ANNOTATION (\"/a b\" \"value\"))", "FETCH 1 {ANNOTATION[/a b] value.priv value.shared}"},
      {"FETCH 1 (ANNOTATION ({2+}\r\n/c size.shared))", "FETCH 1 {ANNOTATION[/c] size.shared}"},
      {"FETCH 1 (ANNOTATION (/1.2.13/comment value.priv))", "FETCH 1 {ANNOTATION[/1.2.13/comment] value.priv}"},
      {"FETCH 1 (ANNOTATION (% value.priv))", "FETCH 1 {ANNOTATION[%] value.priv}"},
      {"FETCH 1 (ANNOTATION (/a value.priv) ANNOTATION (/b size.priv))",
       "FETCH 1 {ANNOTATION[/a] value.priv,ANNOTATION[/b] size.priv}"},
      {"FETCH 1 ANNOTATION (/a value.priv) (CHANGEDSINCE 5)", "FETCH 1 {ANNOTATION[/a] value.priv} changedsince 5"},
      {"FETCH 1 ANNOTATION", "BAD FETCH: a space expected after ANNOTATION"},
      {"FETCH 1 ANNOTATION /comment", "BAD FETCH: '(' expected after ANNOTATION"},
      {"FETCH 1 ANNOTATION ()", "BAD FETCH: entry name expected"},
      {"FETCH 1 ANNOTATION (\"\" value)", "BAD FETCH: entry name expected"},
      {"FETCH 1 ANNOTATION (() value)", "BAD FETCH: entry name expected"},
      {"FETCH 1 ANNOTATION (/comment)", "BAD FETCH: a space expected before the attributes"},
      {"FETCH 1 ANNOTATION (/comment ())", "BAD FETCH: attribute expected"},
      {"FETCH 1 ANNOTATION (/comment value", "BAD FETCH: ')' expected after the attributes"},
      {"FETCH 1 ANNOTATION (/comment content-type)", "BAD FETCH: unknown attribute CONTENT-TYPE"},
      {"FETCH 1 ANNOTATION (/comment value.priv.shared)", "BAD FETCH: unknown attribute VALUE.PRIV.SHARED"},
      {"FETCH 1 ANNOTATION (/comment value.)", "BAD FETCH: unknown attribute VALUE."},
      {"FETCH 1 ANNOTATION (comment value)", "BAD FETCH: entry name must begin with '/'"},
      {"FETCH 1 ANNOTATION (/ value)", "BAD FETCH: entry name has an empty component"},
      {"FETCH 1 ANNOTATION (/comment/ value)", "BAD FETCH: entry name has an empty component"},
      {"FETCH 1 ANNOTATION (/a//b value)", "BAD FETCH: entry name has an empty component"},
      {"FETCH 1 ANNOTATION (/*//b value)", "BAD FETCH: entry name has an empty component"},
      {"FETCH 1 ANNOTATION ({3+}\r\n/\xc3\xa9 value)", "BAD FETCH: entry name holds a character that it may not"},
      {"FETCH 1 ANNOTATION (/0/comment value)", "BAD FETCH: there is no such part: 0"},
      {"FETCH 1 ANNOTATION (/1./comment value)", "BAD FETCH: there is no such part: 1."},
      {"FETCH 1 ANNOTATION (/1..2/comment value)", "BAD FETCH: there is no such part: 1..2"},
      {"FETCH 1 ANNOTATION (/1a/comment value)", "BAD FETCH: there is no such part: 1a"},
  };
  expect_rows(kRows);
}

TEST(ParseAnnotationTest, Search) {
  constexpr Row kRows[] = {
      {"SEARCH ANNOTATION /comment value \"IMAP4\"", "SEARCH and(annotation[/comment] value=IMAP4)"},
      {"SEARCH ANNOTATION * value.priv \"IMAP4\" SEEN", "SEARCH and(annotation[*] value.priv=IMAP4 has:\\Seen)"},
      {"SEARCH NOT ANNOTATION /a/% Value.Shared NIL", "SEARCH and(not(annotation[/a/%] value.shared=NIL))"},
      {"SEARCH ANNOTATION /a value ~{3+}\r\na\"b", "SEARCH and(annotation[/a] value=a\"b)"},
      {"SEARCH ANNOTATION /a value \"\xc3\xa9\"", "SEARCH and(annotation[/a] value=\xc3\xa9)"},
      {"SEARCH ANNOTATION /a size \"1\"", "BAD SEARCH: attribute must be value, value.priv or value.shared"},
      {"SEARCH ANNOTATION /a value", "BAD SEARCH: a space expected before the value"},
      {"SEARCH ANNOTATION /a value atom", "BAD SEARCH: value must be a string or NIL"},
      {"SEARCH ANNOTATION a value \"\"", "BAD SEARCH: entry name must begin with '/'"},
      {"SEARCH ANNOTATION", "BAD SEARCH: a space expected after ANNOTATION"},
  };
  expect_rows(kRows);
}

TEST(ParseAnnotationTest, Sort) {
  constexpr Row kRows[] = {
      {"SORT (ANNOTATION /altsubject value.shared) UTF-8 ALL", "SORT keys:1 charset:UTF-8 annotation[/altsubject] value.shared and(all)"},
      {"SORT (REVERSE ANNOTATION /a value.priv ANNOTATION /a value.shared SIZE ANNOTATION /a value.priv) UTF-8 ALL",
       "SORT keys:3 charset:UTF-8 annotation[/a] value.priv annotation[/a] value.shared and(all)"},
      {"SORT (ANNOTATION /a value) UTF-8 ALL", "BAD SORT: attribute must end in .priv or .shared"},
      {"SORT (ANNOTATION /a size.shared) UTF-8 ALL", "BAD SORT: attribute must be value, value.priv or value.shared"},
      {"SORT (ANNOTATION /% value.shared) UTF-8 ALL", "BAD SORT: entry name must not be a pattern"},
      {"SORT (ANNOTATION) UTF-8 ALL", "BAD SORT: a space expected after ANNOTATION"},
  };
  expect_rows(kRows);
}

TEST(ParseAnnotationTest, StoreAndAppend) {
  constexpr Row kRows[] = {
      {"STORE 1 ANNOTATION (/comment (value.priv \"My new comment\"))", "STORE 1 annotation[/comment] value.priv"},
      {"UID STORE 1 ANNOTATION (/comment (value.shared NIL))", "STORE uid 1 annotation[/comment] value.shared"},
      {"STORE 1 (UNCHANGEDSINCE 5) ANNOTATION (/a (value.priv \"x\" value.shared ~{1+}\r\ny) /b (value.priv \"z\"))",
       "STORE 1 unchangedsince 5 annotation[/a] value.priv value.shared annotation[/b] value.priv"},
      {"STORE 1 +ANNOTATION (/a (value.priv NIL))", "BAD STORE: unknown item ANNOTATION"},
      {"STORE 1 ANNOTATION (/a (value NIL))", "BAD STORE: attribute must end in .priv or .shared"},
      {"STORE 1 ANNOTATION (/* (value.priv NIL))", "BAD STORE: entry name must not be a pattern"},
      {"STORE 1 ANNOTATION (/a ())", "BAD STORE: attribute expected"},
      {"STORE 1 ANNOTATION ()", "BAD STORE: entry name expected"},
      {"STORE 1 ANNOTATION (/a (value.priv))", "BAD STORE: a space expected before the value"},
      {"APPEND x ANNOTATION (/comment (value.priv \"Don't\")) {1+}\r\nm", "APPEND [x] () annotation[/comment] value.priv <m>"},
      {"APPEND x (\\Seen) \"17-Jul-1996 02:44:25 -0700\" ANNOTATION (/a (value.shared {1+}\r\nv)) {1+}\r\nm",
       "APPEND [x] (\\Seen) 17-Jul-1996 02:44:25 -0700 annotation[/a] value.shared <m>"},
      {"APPEND x ANNOTATION (/a (value.shared NIL)){1+}\r\nm", "BAD APPEND: a space expected after the annotations"},
  };
  expect_rows(kRows);
}

TEST(ParseAnnotationTest, Select) {
  constexpr Row kRows[] = {
      {"SELECT INBOX (ANNOTATE)", "SELECT [INBOX] annotate"},
      {"EXAMINE INBOX (CONDSTORE ANNOTATE)", "EXAMINE [INBOX] condstore annotate"},
      {"SELECT INBOX (ANNOTATION)", "BAD SELECT: unknown parameter ANNOTATION"},
  };
  expect_rows(kRows);
}

std::string entries(std::size_t count, std::string_view after = "") {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "/" : " /") + std::string("e") + std::to_string(i) + std::string(after);
  return text;
}

TEST(ParseAnnotationTest, AtAndPastTheLimits) {
  const auto is_bad = [](const std::string& command) { return parse_and_describe("a " + command + "\r\n").starts_with("a BAD"); };
  constexpr std::size_t kMax = limits::kMetadataEntriesPerCommandMax;
  const auto fetch = [](std::size_t count) { return "FETCH 1 ANNOTATION ((" + entries(count) + ") value)"; };
  EXPECT_FALSE(is_bad(fetch(kMax)));
  EXPECT_TRUE(is_bad(fetch(kMax + 1)));
  // All items of a FETCH together.
  const auto two_items = [](std::size_t count) {
    return "FETCH 1 (ANNOTATION (/x value) ANNOTATION ((" + entries(count) + ") value))";
  };
  EXPECT_FALSE(is_bad(two_items(kMax - 1)));
  EXPECT_TRUE(is_bad(two_items(kMax)));
  const auto store = [](std::size_t count) { return "STORE 1 ANNOTATION (" + entries(count, " (value.priv NIL)") + ')'; };
  EXPECT_FALSE(is_bad(store(kMax)));
  EXPECT_TRUE(is_bad(store(kMax + 1)));
  const auto named = [](std::size_t size) { return "FETCH 1 ANNOTATION (/" + std::string(size - 1, 'x') + " value)"; };
  EXPECT_FALSE(is_bad(named(limits::kMetadataEntryBytesMax)));
  EXPECT_TRUE(is_bad(named(limits::kMetadataEntryBytesMax + 1)));
}

}  // namespace
}  // namespace imapd::wire

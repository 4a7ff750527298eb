#include "imapd/wire/mailbox_pattern.h"

#include <gtest/gtest.h>

namespace imapd::wire {
namespace {

struct Row {
  const char* pattern;
  const char* name;
  bool matches;
};

TEST(MailboxPatternTest, Table) {
  constexpr Row kRows[] = {
      {"", "", true},
      {"", "a", false},
      {"a", "", false},
      {"*", "", true},
      {"%", "", true},
      {"*", "a/b/c", true},
      {"%", "a", true},
      {"%", "a/b", false},
      {"%/%", "a/b", true},
      {"%/%", "a/b/c", false},
      {"a/*", "a", false},
      {"a/*", "a/b/c", true},
      {"a*", "a/b", true},
      {"a%", "ab", true},
      {"a%", "a/b", false},
      {"*c", "a/b/c", true},
      {"*b%", "a/b", true},
      {"%b*", "xb/c", true},
      {"%b*", "x/b", false},
      {"*/%/c", "a/b/c", true},
      {"*%*", "a/b", true},
      {"%%%", "ab", true},
      {"%%%", "a/b", false},
      {"a%c*e", "abcde", true},
      {"a%c*e", "ab/cde", false},
      {"*a*a*b", "aaaaaaaaab", true},
      {"Orders", "orders", false},
      {"inbox", "INBOX", true},
      {"InBox", "INBOX", true},
      {"in%", "INBOX", true},
      {"%bOx", "INBOX", true},
      {"inbox/%", "INBOX/dead", true},
      {"inbox/DEAD", "INBOX/dead", false},
      {"inboxes", "INBOXES", false},
      {"a/inbox", "a/INBOX", false},
      {"\xc3\xa9%", "\xc3\xa9t\xc3\xa9", true},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(matches_mailbox_pattern(row.pattern, row.name), row.matches) << row.pattern << " ~ " << row.name;
  }
}

// Backtracking would take 2^n steps here.
TEST(MailboxPatternTest, ManyWildcardsEndSoon) {
  std::string pattern;
  for (int i = 0; i < 256; ++i) pattern += "*a%";
  EXPECT_FALSE(matches_mailbox_pattern(pattern + 'b', std::string(512, 'a')));
  EXPECT_TRUE(matches_mailbox_pattern(std::string(60'000, '%'), "a"));
  EXPECT_FALSE(matches_mailbox_pattern(std::string(60'000, 'a'), std::string(512, 'a')));
}

TEST(MailboxPatternTest, ReferenceIsPutBeforeThePattern) {
  EXPECT_EQ(join_reference("", "%"), "%");
  EXPECT_EQ(join_reference("a/", "%"), "a/%");
}

TEST(MailboxPatternTest, InboxHasOneSpelling) {
  EXPECT_EQ(canonical_mailbox_name("inBoX"), "INBOX");
  EXPECT_EQ(canonical_mailbox_name("inboxes"), "inboxes");
  EXPECT_EQ(canonical_mailbox_name("a/inbox"), "a/inbox");
}

}  // namespace
}  // namespace imapd::wire

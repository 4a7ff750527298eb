// NOTIFY (RFC 5465, section 8).
#include <gtest/gtest.h>

#include "imapd/base/limits.h"
#include "imapd/wire/parse_command.h"
#include "tests/wire/describe.h"

namespace imapd::wire {
namespace {

std::string parsed(const std::string& line) {
  const auto result = parse_command(line + "\r\n", ParseOptions());
  if (const auto* bad = std::get_if<BadCommand>(&result)) return bad->tag + " BAD " + bad->text;
  return describe(std::get<Command>(result));
}

bool is_bad(const std::string& arguments) { return parsed("a NOTIFY " + arguments).starts_with("a BAD NOTIFY: "); }

TEST(ParseNotifyTest, NoneAndSet) {
  EXPECT_EQ(parsed("a NOTIFY NONE"), "a NOTIFY");
  EXPECT_EQ(parsed("a notify set (selected (MessageNew MessageExpunge))"), "a NOTIFY (selected new expunge)");
  EXPECT_EQ(parsed("a NOTIFY SET STATUS (Selected-Delayed (messagenew (UID BODY.PEEK[HEADER.FIELDS (FROM)]) MESSAGEEXPUNGE "
                   "FlagChange)) (inboxes NONE)"),
            "a NOTIFY status (delayed new expunge flags {UID} {peek BODY[HEADER.FIELDS (FROM)]}) (inboxes)");
  EXPECT_EQ(parsed("a NOTIFY SET (mailboxes inbox (MailboxName)) (subtree (a \"b c\") (SubscriptionChange MailboxMetadataChange))"),
            "a NOTIFY (named [INBOX] name) (subtree [a] [b c] subscription metadata)");
  EXPECT_EQ(parsed("a NOTIFY SET (personal (ServerMetadataChange)) (subscribed (MessageExpunge MessageNew))"),
            "a NOTIFY (personal server) (subscribed new expunge)");
}

TEST(ParseNotifyTest, UnknownEventsAreNotBad) {
  EXPECT_EQ(parsed("a NOTIFY SET (personal (Sunrise))"), "a NOTIFY unknown-event (personal)");
  EXPECT_EQ(parsed("a NOTIFY SET (selected (MessageNew MessageExpunge AnnotationChange))"),
            "a NOTIFY unknown-event (selected new expunge)");
}

TEST(ParseNotifyTest, WhatIsBad) {
  for (const char* arguments : {
           "", "SOME", "NONE x", "SET", "SET STATUS", "SET (selected)", "SET (selected MessageNew)", "SET (selected ())",
           "SET (nowhere (MessageNew MessageExpunge))", "SET (mailboxes (MailboxName))", "SET (subtree () NONE)",
           // Sections 5 and 6.1: events that need one another, and what is not for the selected mailbox.
           "SET (personal (MessageNew))", "SET (personal (MessageExpunge))", "SET (personal (FlagChange))",
           "SET (selected (MessageNew MessageExpunge MailboxName))", "SET (selected NONE) (selected-delayed NONE)",
           "SET (personal (MessageNew (UID) MessageExpunge))", "SET (selected (MessageNew () MessageExpunge))"}) {
    EXPECT_TRUE(is_bad(arguments)) << arguments << ": " << parsed(std::string("a NOTIFY ") + arguments);
  }
}

TEST(ParseNotifyTest, NamesAndGroupsAtTheLimitAndOnePast) {
  const auto named = [](std::size_t count) {
    std::string arguments = "SET (mailboxes (";
    for (std::size_t i = 0; i < count; ++i) arguments += i == 0 ? "q" : " q";
    return arguments + ") NONE)";
  };
  EXPECT_FALSE(is_bad(named(limits::kNotifyNamesMax)));
  EXPECT_TRUE(is_bad(named(limits::kNotifyNamesMax + 1)));
  std::string groups = "SET";
  for (std::size_t i = 0; i < limits::kNotifyGroupsMax; ++i) groups += " (personal NONE)";
  EXPECT_FALSE(is_bad(groups));
  EXPECT_TRUE(is_bad(groups + " (personal NONE)"));
}

}  // namespace
}  // namespace imapd::wire

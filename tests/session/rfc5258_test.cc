// The conversations of RFC 5258, section 5, as they go here: mailboxes are listed by name, \HasChildren and \HasNoChildren always
// stand, INBOX has its Drafts, Sent and Trash, nothing is remote.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "imapd/base/limits.h"
#include "tests/session/conversation.h"

namespace imapd::session {
namespace {

class Rfc5258Test : public testing::Test {
 protected:
  void make(const std::vector<std::string>& names, const std::string& rights = "lrswipkxte") {
    for (const std::string& name : names) server_.make_queue(name, {{"anyone", rights}});
  }
  void subscribe(const std::vector<std::string>& names) {
    for (const std::string& name : names) EXPECT_TRUE(client_.command("SUBSCRIBE " + name).tagged.starts_with("OK"));
  }
  void make_food() {
    make({"Fruit", "Fruit/Apple", "Fruit/Banana", "Tofu", "Vegetable", "Vegetable/Broccoli", "Vegetable/Corn"});
    subscribe({"INBOX", "Fruit/Banana", "Fruit/Peach", "Vegetable", "Vegetable/Broccoli"});
  }
  void make_foo() { make({"Foo", "Foo/Bar", "Foo/Baz", "Moo"}); }

  void comment_on(const std::vector<std::string>& names) {
    Client admin(server_, "admin");
    for (const std::string& name : names) {
      EXPECT_TRUE(admin.command("SETMETADATA " + name + " (/shared/comment \"for all\")").tagged.starts_with("OK"));
    }
  }

  Server server_;
  Client client_{server_, "ann"};
};

TEST_F(Rfc5258Test, Example1TheWholeHierarchy) {
  make_food();
  converse(client_, R"~(
    C: A01 LIST "" "*"
    S: * LIST (\HasChildren) "/" Fruit
    S: * LIST (\HasNoChildren) "/" Fruit/Apple
    S: * LIST (\HasNoChildren) "/" Fruit/Banana
    S: * LIST (\HasChildren) "/" INBOX
    S: * LIST (\HasNoChildren \Drafts) "/" INBOX/Drafts
    S: * LIST (\HasNoChildren \Sent) "/" INBOX/Sent
    S: * LIST (\HasNoChildren \Trash) "/" INBOX/Trash
    S: * LIST (\HasNoChildren) "/" Tofu
    S: * LIST (\HasChildren) "/" Vegetable
    S: * LIST (\HasNoChildren) "/" Vegetable/Broccoli
    S: * LIST (\HasNoChildren) "/" Vegetable/Corn
    S: A01 OK ...
  )~");
}

TEST_F(Rfc5258Test, Examples2And5WhatIsSubscribed) {
  make_food();
  const std::string listed = R"~(
    S: * LIST (\HasNoChildren \Subscribed) "/" Fruit/Banana
    S: * LIST (\NonExistent \Subscribed) "/" Fruit/Peach
    S: * LIST (\HasChildren \Subscribed) "/" INBOX
    S: * LIST (\HasChildren \Subscribed) "/" Vegetable
    S: * LIST (\HasNoChildren \Subscribed) "/" Vegetable/Broccoli
  )~";
  converse(client_, "C: A02 LIST (SUBSCRIBED) \"\" \"*\"\n" + listed + "S: A02 OK ...");
  converse(client_, "C: A05 LIST (REMOTE SUBSCRIBED) \"\" \"*\"\n" + listed + "S: A05 OK ...");
}

TEST_F(Rfc5258Test, Examples3And4WhatHasChildren) {
  make_food();
  const std::string listed = R"~(
    S: * LIST (\HasChildren) "/" Fruit
    S: * LIST (\HasChildren) "/" INBOX
    S: * LIST (\HasNoChildren) "/" Tofu
    S: * LIST (\HasChildren) "/" Vegetable
  )~";
  converse(client_, "C: A03 LIST () \"\" \"%\" RETURN (CHILDREN)\n" + listed + "S: A03 OK ...");
  converse(client_, "C: A04 LIST (REMOTE) \"\" \"%\" RETURN (CHILDREN)\n" + listed + "S: A04 OK ...");
}

TEST_F(Rfc5258Test, Example6ReturningSubscriptionsListsNothingMore) {
  make_food();
  converse(client_, R"~(
    C: A06 LIST (REMOTE) "" ("INBOX" "Fruit*" "Tofu" "Veg*") RETURN (SUBSCRIBED)
    S: * LIST (\HasChildren) "/" Fruit
    S: * LIST (\HasNoChildren) "/" Fruit/Apple
    S: * LIST (\HasNoChildren \Subscribed) "/" Fruit/Banana
    S: * LIST (\HasChildren \Subscribed) "/" INBOX
    S: * LIST (\HasNoChildren) "/" Tofu
    S: * LIST (\HasChildren \Subscribed) "/" Vegetable
    S: * LIST (\HasNoChildren \Subscribed) "/" Vegetable/Broccoli
    S: * LIST (\HasNoChildren) "/" Vegetable/Corn
    S: A06 OK ...
  )~");
}

TEST_F(Rfc5258Test, Example7SeveralPatterns) {
  make({"Drafts", "Sent/March2004", "Sent/December2003", "Sent/August2004"});
  converse(client_, R"~(
    C: BBB LIST "" ("INBOX" "Drafts" "Sent/%")
    S: * LIST (\HasNoChildren) "/" Drafts
    S: * LIST (\HasChildren) "/" INBOX
    S: * LIST (\HasNoChildren) "/" Sent/August2004
    S: * LIST (\HasNoChildren) "/" Sent/December2003
    S: * LIST (\HasNoChildren) "/" Sent/March2004
    S: BBB OK ...
    C: b LIST "" (Dr* D% "" drafts)
    S: * LIST (\HasNoChildren) "/" Drafts
    S: b OK ...
  )~");
}

TEST_F(Rfc5258Test, Example8AOneChildIsSubscribed) {
  make_foo();
  subscribe({"Foo/Baz"});
  converse(client_, R"~(
    C: CA3 LIST "" "%" RETURN (CHILDREN)
    S: * LIST (\HasChildren) "/" Foo
    S: * LIST (\HasChildren) "/" INBOX
    S: * LIST (\HasNoChildren) "/" Moo
    S: CA3 OK ...
    C: C02 LIST (SUBSCRIBED) "" "*"
    S: * LIST (\HasNoChildren \Subscribed) "/" Foo/Baz
    S: C02 OK ...
    C: C03 LIST (SUBSCRIBED) "" "%"
    S: C03 OK ...
    C: C04 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    S: * LIST (\HasChildren) "/" Foo ("CHILDINFO" ("SUBSCRIBED"))
    S: C04 OK ...
    C: A1 SUBSCRIBE Foo
    S: A1 OK ...
    C: C04 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    S: * LIST (\HasChildren \Subscribed) "/" Foo ("CHILDINFO" ("SUBSCRIBED"))
    S: C04 OK ...
  )~");
}

TEST_F(Rfc5258Test, Example8A2TheLevelIsNoMailbox) {
  make({"Foo/Bar", "Foo/Baz", "Moo"});
  subscribe({"Foo/Baz"});
  converse(client_, R"~(
    C: C04 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    S: * LIST (\NonExistent \HasChildren) "/" Foo ("CHILDINFO" ("SUBSCRIBED"))
    S: C04 OK ...
  )~");
}

TEST_F(Rfc5258Test, Example8BAndCNothingUnderItIsSubscribed) {
  make_foo();
  converse(client_, R"~(
    C: B LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    S: B OK ...
  )~");
  subscribe({"Foo", "Moo"});
  converse(client_, R"~(
    C: C04 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%" RETURN (CHILDREN)
    S: * LIST (\HasChildren \Subscribed) "/" Foo
    S: * LIST (\HasNoChildren \Subscribed) "/" Moo
    S: C04 OK ...
  )~");
}

TEST_F(Rfc5258Test, Example9ChildInfoWhetherOrNotChildrenMatch) {
  make({"foo2", "foo2/bar1", "foo2/bar2", "baz2", "baz2/bar2", "baz2/bar22", "baz2/bar222", "eps2", "eps2/mamba", "qux2/bar2"});
  subscribe({"foo2/bar1", "foo2/bar2", "baz2/bar2", "baz2/bar22", "baz2/bar222", "eps2", "eps2/mamba", "qux2/bar2"});
  converse(client_, R"~(
    C: D03 LIST (RECURSIVEMATCH SUBSCRIBED) "" "*2"
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar2
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar22
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar222
    S: * LIST (\HasChildren \Subscribed) "/" eps2 ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\HasChildren) "/" foo2 ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\HasNoChildren \Subscribed) "/" foo2/bar2
    S: * LIST (\HasNoChildren \Subscribed) "/" qux2/bar2
    S: D03 OK ...
    C: D04 LIST (RECURSIVEMATCH SUBSCRIBED) "" "*"
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar2
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar22
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar222
    S: * LIST (\HasChildren \Subscribed) "/" eps2 ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\HasNoChildren \Subscribed) "/" eps2/mamba
    S: * LIST (\HasNoChildren \Subscribed) "/" foo2/bar1
    S: * LIST (\HasNoChildren \Subscribed) "/" foo2/bar2
    S: * LIST (\HasNoChildren \Subscribed) "/" qux2/bar2
    S: D04 OK ...
  )~");
}

TEST_F(Rfc5258Test, Example10ChildInfoWithoutChildren) {
  make({"foo"});
  subscribe({"foo/bar", "no/where/at-all"});
  converse(client_, R"~(
    C: a1 LIST "" ("foo" "foo/*")
    S: * LIST (\HasNoChildren) "/" foo
    S: a1 OK ...
    C: a2 LIST (SUBSCRIBED) "" "foo/*"
    S: * LIST (\NonExistent \Subscribed) "/" foo/bar
    S: a2 OK ...
    C: a3 LIST (SUBSCRIBED RECURSIVEMATCH) "" foo RETURN (CHILDREN)
    S: * LIST (\HasNoChildren) "/" foo ("CHILDINFO" ("SUBSCRIBED"))
    S: a3 OK ...
    C: a4 LIST (SUBSCRIBED RECURSIVEMATCH) "" no/%
    S: * LIST (\NonExistent) "/" no/where ("CHILDINFO" ("SUBSCRIBED"))
    S: a4 OK ...
  )~");
}

TEST_F(Rfc5258Test, Example11LevelsThatAreNoMailboxes) {
  make({"music/rock", "also/jazz"});
  converse(client_, R"~(
    C: a1 LIST (REMOTE) "" (m* a*)
    S: * LIST (\HasNoChildren) "/" also/jazz
    S: * LIST (\HasNoChildren) "/" music/rock
    S: a1 OK ...
    C: a3 LIST (REMOTE) "" %
    S: * LIST (\HasChildren) "/" INBOX
    S: * LIST (\NonExistent \HasChildren) "/" also
    S: * LIST (\NonExistent \HasChildren) "/" music
    S: a3 OK ...
    C: a3.1 LIST "" (m% music/rock)
    S: * LIST (\HasNoChildren) "/" music/rock
    S: a3.1 OK ...
    C: a4 LIST "" m%
    S: * LIST (\Noselect \HasChildren) "/" music
    S: a4 OK ...
  )~");
}

TEST_F(Rfc5258Test, Section3EmptyPatternsMatchNothing) {
  converse(client_, R"~(
    C: a LIST () "" ""
    S: a OK ...
    C: b LIST "" ("")
    S: b OK ...
    C: c LIST "INBOX" "" RETURN ()
    S: c OK ...
    C: d LIST "" ("" INBOX)
    S: * LIST (\HasChildren) "/" INBOX
    S: d OK ...
    C: e LIST "" ""
    S: * LIST (\Noselect) "/" ""
    S: e OK ...
  )~");
}

TEST_F(Rfc5258Test, Section31RecursiveMatchNeedsSomethingToMatch) {
  converse(client_, R"~(
    C: a LIST (RECURSIVEMATCH) "" *
    S: a BAD ...
    C: b LIST (REMOTE RECURSIVEMATCH) "" *
    S: b BAD ...
    C: c LIST (RECURSIVEMATCH SPECIAL-USE) "" *
    S: c BAD ...
    C: d LIST (NONSENSE) "" *
    S: d BAD ...
    C: e LIST "" * RETURN (NONSENSE)
    S: e BAD ...
    C: f LIST (SUBSCRIBED SUBSCRIBED REMOTE REMOTE) "" * RETURN (CHILDREN CHILDREN)
    S: f OK ...
  )~");
}

TEST_F(Rfc5258Test, SelectionOptionsHoldTogether) {
  subscribe({"INBOX/Drafts", "INBOX"});
  converse(client_, R"~(
    C: a LIST (SUBSCRIBED SPECIAL-USE) "" *
    S: * LIST (\HasNoChildren \Subscribed \Drafts) "/" INBOX/Drafts
    S: a OK ...
    C: b LIST (SUBSCRIBED SPECIAL-USE RECURSIVEMATCH) "" %
    S: * LIST (\HasChildren \Subscribed) "/" INBOX ("CHILDINFO" ("SUBSCRIBED"))
    S: b OK ...
  )~");
}

// What somebody may not look up is to him as what is not there: in every answer, whatever he asks for.
TEST_F(Rfc5258Test, WhatIsInvisibleDoesNotExist) {
  server_.make_queue("open", {{"anyone", "lr"}});
  server_.make_queue("open/hidden", {{"bob", "lr"}});
  server_.make_queue("hidden", {{"bob", "lr"}});
  server_.make_queue("hidden/open", {{"anyone", "lr"}});
  server_.make_queue("dark/hidden", {{"bob", "lr"}});
  comment_on({"open", "open/hidden", "hidden"});
  converse(client_, R"~(
    C: a LIST () "" (open* hidden* dark*) RETURN (CHILDREN STATUS (MESSAGES) METADATA ("/shared/comment") MYRIGHTS)
    S: * LIST (\HasNoChildren) "/" hidden/open
    S: * STATUS hidden/open (MESSAGES 0)
    S: * MYRIGHTS hidden/open lr
    S: * LIST (\HasNoChildren) "/" open
    S: * STATUS open (MESSAGES 0)
    S: * MYRIGHTS open lr
    S: * METADATA open (/shared/comment "for all")
    S: a OK ...
    C: b LIST () "" (% dark) RETURN (CHILDREN MYRIGHTS)
    S: * LIST (\HasChildren) "/" INBOX
    S: ...MYRIGHTS...
    S: * LIST (\NonExistent \HasChildren) "/" hidden
    S: * LIST (\HasNoChildren) "/" open
    S: ...MYRIGHTS...
    S: b OK ...
  )~");
  // Who subscribes to it learns what he would learn of any name.
  subscribe({"open/hidden", "open/missing"});
  converse(client_, R"~(
    C: c LIST (SUBSCRIBED) "" * RETURN (CHILDREN STATUS (MESSAGES) METADATA ("/shared/comment") MYRIGHTS)
    S: * LIST (\NonExistent \Subscribed) "/" open/hidden
    S: * LIST (\NonExistent \Subscribed) "/" open/missing
    S: c OK ...
    C: d UNSUBSCRIBE open/missing
    S: d OK ...
    C: e LIST (SUBSCRIBED RECURSIVEMATCH) "" open RETURN (CHILDREN)
    S: * LIST (\HasNoChildren) "/" open ("CHILDINFO" ("SUBSCRIBED"))
    S: e OK ...
    C: f UNSUBSCRIBE open/hidden
    S: f OK ...
    C: g LIST (SUBSCRIBED RECURSIVEMATCH) "" *
    S: g OK ...
  )~");
}

TEST_F(Rfc5258Test, MoreIsToldOnlyOfWhatIsSelected) {
  make_foo();
  comment_on({"Foo", "Moo"});
  subscribe({"Foo/Baz", "Moo"});
  converse(client_, R"~(
    C: a LIST (SUBSCRIBED RECURSIVEMATCH) "" % RETURN (STATUS (MESSAGES) METADATA (/shared/comment))
    S: * LIST (\HasChildren) "/" Foo ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\HasNoChildren \Subscribed) "/" Moo
    S: * STATUS Moo (MESSAGES 0)
    S: * METADATA Moo (/shared/comment "for all")
    S: a OK ...
  )~");
}

TEST_F(Rfc5258Test, PatternsHaveALimit) {
  const auto list = [&](std::size_t count) {
    std::string command = "LIST \"\" (Foo";
    for (std::size_t i = 1; i < count; ++i) command += " Foo";
    return client_.command(command + ')');
  };
  make_foo();
  EXPECT_EQ(list(limits::kListPatternsMax).untagged, std::vector<std::string>{"* LIST (\\HasChildren) \"/\" Foo"});
  EXPECT_TRUE(list(limits::kListPatternsMax + 1).tagged.starts_with("BAD"));
}

}  // namespace
}  // namespace imapd::session

// The conversations of RFC 4314, as they go here. Rights stand in the order of lrswipkxtea, then c and d; users are listed by name.
#include "tests/session/conversation.h"

#include <gtest/gtest.h>

namespace imapd::session {
namespace {

TEST(Rfc4314, Section3_1SetAcl) {
  Server server;
  server.make_queue("Drafts", {{"ann", "lrswipxtea"}, {"Chris", "lrswi"}});
  Client client(server, "ann");
  converse(client, R"(
    C: A001 GETACL Drafts
    S: * ACL Drafts Chris lrswi ann lrswipxteacd
    S: A001 OK ...
    C: A002 SETACL Drafts Chris +cda
    S: A002 OK ...
    C: A003 GETACL Drafts
    S: * ACL Drafts Chris lrswikxteacd ann lrswipxteacd
    S: A003 OK ...
    C: A035 SETACL Drafts John lrQswicda
    S: A035 BAD ...
    C: A036 SETACL Drafts John lrqswicda
    S: A036 BAD ...
    C: A037 SETACL Drafts Chris -d
    S: A037 OK ...
    C: A038 GETACL Drafts
    S: * ACL Drafts Chris lrswikxac ann lrswipxteacd
    S: A038 OK ...
  )");
}

TEST(Rfc4314, Section3_2DeleteAclAndNegativeRights) {
  Server server;
  server.make_queue("q", {{"ann", "lrswipkxtea"}, {"bob", "lrs"}, {"-bob", "s"}});
  Client client(server, "ann");
  converse(client, R"(
    C: B002 DELETEACL q bob
    S: B002 OK ...
    C: B003 GETACL q
    S: * ACL q -bob s ann lrswipkxteacd
    S: B003 OK ...
  )");
}

TEST(Rfc4314, Section3_4ListRightsAnd3_5MyRights) {
  Server server;
  server.make_queue("q", {{"ann", "lra"}});
  Client client(server, "ann");
  converse(client, R"(
    C: a LISTRIGHTS q anyone
    S: * LISTRIGHTS q anyone "" l r s w i p k x t e a c d
    S: a OK ...
    C: b LISTRIGHTS INBOX ann
    S: * LISTRIGHTS INBOX ann la r s w i p k x t e c d
    S: b OK ...
    C: c MYRIGHTS q
    S: * MYRIGHTS q lra
    S: c OK ...
  )");
}

TEST(Rfc4314, Section6WithoutLookupTheMailboxDoesNotExist) {
  Server server;
  server.make_queue("q", {{"ann", "rswipkxtea"}, {"bob", "lr"}});
  Client ann(server, "ann");
  for (const char* command : {"SETACL % ann lr", "DELETEACL % ann", "GETACL %", "LISTRIGHTS % ann", "MYRIGHTS %"}) {
    std::string here = command;
    std::string nowhere = command;
    here.replace(here.find('%'), 1, "q");
    nowhere.replace(nowhere.find('%'), 1, "no");
    const std::string answer = ann.command(here).tagged;
    EXPECT_TRUE(answer.starts_with("NO [NONEXISTENT]")) << answer;
    EXPECT_EQ(answer, ann.command(nowhere).tagged);
  }
  Client bob(server, "bob");
  EXPECT_TRUE(bob.command("GETACL q").tagged.starts_with("NO [NOPERM]"));
  EXPECT_TRUE(bob.command("SETACL q bob +a").tagged.starts_with("NO [NOPERM]"));
}

TEST(Rfc4314, AnOwnerCannotLockHimselfOut) {
  Server server;
  Client client(server, "ann");
  converse(client, R"(
    C: a SETACL INBOX ann lr
    S: a OK ...
    C: b MYRIGHTS INBOX
    S: * MYRIGHTS INBOX lra
    S: b OK ...
    C: c DELETEACL INBOX ann
    S: c OK ...
    C: d MYRIGHTS INBOX
    S: * MYRIGHTS INBOX la
    S: d OK ...
  )");
}

}  // namespace
}  // namespace imapd::session

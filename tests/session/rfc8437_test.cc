// UNAUTHENTICATE.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/session/conversation.h"

namespace imapd::session {
namespace {

TEST(Rfc8437, Section2AnotherUserLogsIn) {
  Server server;
  Client client(server, "ann");
  converse(client, R"(
    C: a CREATE INBOX/Secret
    S: a OK ...
    C: b SELECT INBOX/Secret (CONDSTORE)
  )");
  while (!client.line().starts_with("b OK")) {
  }
  converse(client, R"(
    C: c UNAUTHENTICATE
    S: c OK ...
    C: d SELECT INBOX
    S: d BAD ...log in first...
    C: e CAPABILITY
    S: * CAPABILITY ...AUTH=PLAIN...
    S: e OK ...
    C: f LOGIN bob pw
    S: f OK ...
    C: g SELECT INBOX/Secret
    S: g NO [NONEXISTENT] ...
    C: h FETCH 1 FLAGS
    S: h BAD ...
    C: i UNAUTHENTICATE now
    S: i BAD ...
  )");
}

TEST(Rfc8437, IsForThoseWhoAreLoggedIn) {
  Server server;
  Client client(server);
  EXPECT_TRUE(client.command("UNAUTHENTICATE").tagged.starts_with("BAD"));
  EXPECT_NE(client.command("LOGIN ann pw").tagged.find(" UNAUTHENTICATE "), std::string::npos);
}

TEST(Rfc8437, NothingIsEnabledAfterIt) {
  Server server;
  server.make_queue("q");
  Client client(server, "ann");
  EXPECT_TRUE(client.command("ENABLE CONDSTORE").tagged.starts_with("OK"));
  EXPECT_TRUE(client.command("UNAUTHENTICATE").tagged.starts_with("OK"));
  EXPECT_TRUE(client.command("LOGIN bob pw").tagged.starts_with("OK"));
  EXPECT_THAT(client.command("ENABLE CONDSTORE").untagged, testing::ElementsAre("* ENABLED CONDSTORE"));
}

}  // namespace
}  // namespace imapd::session

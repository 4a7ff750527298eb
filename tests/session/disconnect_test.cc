// What becomes of the claims of a session that ends (the claim, rule 7).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/session/selected_fixture.h"
#include "tests/support/await.h"

namespace imapd::session {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class DisconnectTest : public SelectedTest {
 protected:
  void release_on_disconnect() {
    store::UpdateMailbox request;
    request.mailbox = queue_.id;
    request.policy = queue_.policy;
    request.policy->release_on_disconnect = true;
    ASSERT_TRUE(support::await(server_.store(), &store::Store::update_mailbox, std::move(request)));
  }
};

TEST_F(DisconnectTest, ClaimsAreReleasedWhereThePolicySaysSoAndWhoIdlesIsTold) {
  release_on_disconnect();
  fill(1);
  Talker& other = condstore_client("bob");
  auto holder = std::make_unique<Client>(server_, "ann");
  holder->command("SELECT q");
  holder->command("STORE 1 +FLAGS (\\Claimed)");
  EXPECT_THAT(other.run("NOOP").front(), HasSubstr("\\Claimed"));
  other.client().send("i IDLE\r\n");
  EXPECT_THAT(other.client().line(), StartsWith("+ "));
  holder.reset();
  const std::string told = other.client().line();
  EXPECT_THAT(told, StartsWith("* 1 FETCH (UID 1 FLAGS ("));
  EXPECT_THAT(told, Not(HasSubstr("Claimed")));
}

TEST_F(DisconnectTest, UnauthenticateEndsTheSessionForItsClaimsToo) {
  release_on_disconnect();
  fill(1);
  Talker& other = condstore_client("bob");
  Client holder(server_, "ann");
  holder.command("SELECT q");
  holder.command("STORE 1 +FLAGS (\\Claimed)");
  other.run("NOOP");
  other.client().send("i IDLE\r\n");
  EXPECT_THAT(other.client().line(), StartsWith("+ "));
  holder.command("UNAUTHENTICATE");
  EXPECT_THAT(other.client().line(), Not(HasSubstr("Claimed")));
}

}  // namespace
}  // namespace imapd::session

// What becomes of open sessions when their user is removed, or loses a rank or a right.
#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class RemovalTest : public SelectedTest {
 protected:
  RemovalTest() {
    for (const char* name : {"admin", "ann", "bob"}) put(name, store::PutUser::Mode::kCreate, std::string(name) == "admin");
  }
  void put(const std::string& name, store::PutUser::Mode mode, bool administrator, const std::string& hash = "hash") {
    store::PutUser request;
    request.user.name = name;
    request.user.password_hash = hash;
    request.user.administrator = administrator;
    request.mode = mode;
    ASSERT_TRUE(support::await(server_.store(), &store::Store::put_user, std::move(request)));
  }
  void remove(const std::string& name) {
    store::RemoveUser request;
    request.name = name;
    ASSERT_TRUE(support::await(server_.store(), &store::Store::remove_user, std::move(request)));
  }
  void set_acl(std::map<std::string, std::string> acl) {
    store::UpdateMailbox request;
    request.mailbox = queue_.id;
    request.acl = std::move(acl);
    ASSERT_TRUE(support::await(server_.store(), &store::Store::update_mailbox, std::move(request)));
  }
  void expect_bye(Client& client, const std::string& text) {
    EXPECT_EQ(client.line(), "* BYE " + text);
  }
};

TEST_F(RemovalTest, ARemovedUserIsSaidByeWhateverHeDoes) {
  Talker& waiting = connect("ann");
  Talker& selected = selected_client("ann");
  Talker& idle = selected_client("ann");
  idle.client().send("i IDLE\r\n");
  EXPECT_THAT(idle.client().line(), StartsWith("+ "));
  Talker& notified = selected_client("ann");
  notified.run("NOTIFY SET (selected (MessageNew MessageExpunge)) (personal (MailboxName))");
  Talker& other = selected_client("bob");
  remove("ann");
  for (Talker* client : {&waiting, &selected, &idle, &notified}) {
    expect_bye(client->client(), "Your account has been removed");
  }
  EXPECT_EQ(idle.client().line(), "i OK IDLE ended by the server");
  for (Talker* client : {&waiting, &selected, &idle, &notified}) EXPECT_EQ(client->client().line(), "<closed>");
  EXPECT_LINES(other.run("NOOP"), ElementsAre("OK NOOP done"));
}

TEST_F(RemovalTest, OneWhoIsNoAdministratorAnyMoreMustLogInAgain) {
  Talker& admin = connect("admin");
  Talker& ann = connect("ann");
  put("ann", store::PutUser::Mode::kReplace, true);
  put("admin", store::PutUser::Mode::kReplace, false);
  expect_bye(admin.client(), "You are no administrator any more, log in again");
  EXPECT_EQ(admin.client().line(), "<closed>");
  EXPECT_LINES(ann.run("NOOP"), ElementsAre("OK NOOP done"));
}

TEST_F(RemovalTest, AChangedPasswordEndsNothing) {
  Talker& ann = selected_client("ann");
  put("ann", store::PutUser::Mode::kReplace, false, "another hash");
  EXPECT_LINES(ann.run("NOOP"), ElementsAre("OK NOOP done"));
}

TEST_F(RemovalTest, LosingTheRightToReadEndsIdleAndNotify) {
  Talker& idle = selected_client("ann");
  idle.client().send("i IDLE\r\n");
  EXPECT_THAT(idle.client().line(), StartsWith("+ "));
  Talker& notified = selected_client("ann");
  notified.run("NOTIFY SET (selected (MessageNew MessageExpunge))");
  Talker& still = selected_client("ann");
  still.run("NOTIFY NONE");
  Talker& other = selected_client("bob");
  set_acl({{"anyone", "lrs"}, {"-ann", "r"}});
  for (Talker* client : {&idle, &notified, &still}) {
    expect_bye(client->client(), "You may not read the selected mailbox any more");
  }
  EXPECT_EQ(idle.client().line(), "i OK IDLE ended by the server");
  for (Talker* client : {&idle, &notified, &still}) EXPECT_EQ(client->client().line(), "<closed>");
  EXPECT_LINES(other.run("NOOP"), ElementsAre("OK NOOP done"));
}

TEST_F(RemovalTest, LosingTheRightToReadEndsTheNextCommand) {
  fill(1);
  Talker& client = selected_client("ann");
  set_acl({{"ann", "l"}});
  EXPECT_LINES(client.run("FETCH 1 BODY[]"), ElementsAre("* BYE You may not read the selected mailbox any more",
                                                         StartsWith("NO [NOPERM]")));
  EXPECT_EQ(client.client().line(), "<closed>");
  // Where nothing is selected nothing is lost.
  Talker& again = connect("ann");
  EXPECT_LINES(again.run("SELECT q"), ElementsAre(StartsWith("NO [NOPERM]")));
}

TEST_F(RemovalTest, OtherRightsMayGoWhileItIsOpen) {
  fill(1);
  Talker& client = selected_client("ann");
  set_acl({{"ann", "r"}});
  EXPECT_LINES(client.run("FETCH 1 UID"), ElementsAre("* 1 FETCH (UID 1)", "OK FETCH completed"));
  EXPECT_LINES(client.run("STORE 1 +FLAGS (\\Flagged)").back(), HasSubstr("NO"));
}

}  // namespace
}  // namespace imapd::session

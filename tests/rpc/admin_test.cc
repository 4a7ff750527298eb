#include <barrier>
#include <thread>

#include "tests/rpc/rpc_fixture.h"

namespace rpc_test {
namespace {

using AdminTest = RpcTest;

TEST_F(AdminTest, QueueIsMadeShownChangedListedDeleted) {
  v1::CreateQueueRequest create;
  create.set_name("a/b");
  create.mutable_policy()->mutable_lease_default()->set_seconds(30);
  create.mutable_policy()->set_failures_max(3);
  v1::CreateQueueResponse created;
  ASSERT_TRUE(call(*admin_, &AdminStub::CreateQueue, create, created).status.ok());
  EXPECT_EQ(created.queue().name(), "a/b");
  EXPECT_EQ(created.queue().policy().lease_default().seconds(), 30);
  EXPECT_EQ(created.queue().policy().failures_max(), 3u);
  EXPECT_EQ(call(*admin_, &AdminStub::CreateQueue, create).reason, "QUEUE_EXISTS");

  v1::UpdateQueueRequest update;
  update.set_name("a/b");
  update.mutable_policy()->set_failures_max(7);
  v1::UpdateQueueResponse updated;
  ASSERT_TRUE(call(*admin_, &AdminStub::UpdateQueue, update, updated).status.ok());
  EXPECT_EQ(updated.queue().policy().failures_max(), 7u);
  EXPECT_EQ(updated.queue().policy().lease_default().seconds(), 30);

  enqueue("a/b", 2);
  clock_.advance(std::chrono::seconds(5));
  v1::GetQueueRequest get;
  get.set_name("a/b");
  v1::GetQueueResponse got;
  ASSERT_TRUE(call(*admin_, &AdminStub::GetQueue, get, got).status.ok());
  EXPECT_EQ(got.queue().messages(), 2u);
  EXPECT_EQ(got.queue().ready(), 2u);
  EXPECT_EQ(got.queue().oldest_age().seconds(), 5);

  v1::DeleteQueueRequest remove;
  remove.set_name("a/b");
  EXPECT_EQ(call(*admin_, &AdminStub::DeleteQueue, remove).reason, "QUEUE_IN_USE");
  remove.set_force(true);
  EXPECT_TRUE(call(*admin_, &AdminStub::DeleteQueue, remove).status.ok());
  EXPECT_EQ(call(*admin_, &AdminStub::GetQueue, get).reason, "QUEUE_NOT_FOUND");
}

TEST_F(AdminTest, ListPagesAndHidesWhatMayNotBeSeen) {
  for (const char* name : {"a", "b", "c", "d"}) create_queue(name);
  grant("b", "alice", "l");
  grant("d", "anyone", "lr");
  std::vector<std::string> names;
  v1::ListQueuesRequest request;
  request.set_page_size(3);
  v1::ListQueuesResponse response;
  do {
    ASSERT_TRUE(call(*admin_, &AdminStub::ListQueues, request, response).status.ok());
    ASSERT_LE(response.queues_size(), 3);
    for (const v1::Queue& queue : response.queues()) names.push_back(queue.name());
    request.set_page_token(response.next_page_token());
  } while (!response.next_page_token().empty());
  EXPECT_THAT(names, ElementsAre("a", "a/Dead", "b", "b/Dead", "c", "c/Dead", "d", "d/Dead"));
  request.Clear();
  ASSERT_TRUE(call(*admin_, &AdminStub::ListQueues, request, response, "alice").status.ok());
  ASSERT_EQ(response.queues_size(), 2);
  EXPECT_EQ(response.queues(0).name(), "b");
  EXPECT_EQ(response.queues(1).name(), "d");
}

TEST_F(AdminTest, WrongPolicyIsRefused) {
  v1::CreateQueueRequest request;
  request.set_name("q");
  request.mutable_policy()->mutable_lease_max()->set_seconds(-1);
  EXPECT_THAT(call(*admin_, &AdminStub::CreateQueue, request).fields, ElementsAre("policy.lease_max"));
  request.mutable_policy()->mutable_lease_max()->set_seconds(100 * 3600);
  EXPECT_EQ(call(*admin_, &AdminStub::CreateQueue, request).reason, "INVALID_FIELD");
  request.clear_policy();
  for (const char* name : {"", "/a", "INBOX", "a*", "a\x01"}) {
    request.set_name(name);
    EXPECT_THAT(call(*admin_, &AdminStub::CreateQueue, request).fields, ElementsAre("name")) << name;
  }
}

TEST_F(AdminTest, QueuesBelongToThoseWithTheRights) {
  v1::CreateQueueRequest request;
  request.set_name("team");
  EXPECT_EQ(call(*admin_, &AdminStub::CreateQueue, request, "alice").reason, "NO_RIGHT");
  create_queue("team");
  grant("team", "alice", "lk");
  request.set_name("team/jobs");
  ASSERT_TRUE(call(*admin_, &AdminStub::CreateQueue, request, "alice").status.ok());
  v1::UpdateQueueRequest update;
  update.set_name("team");
  EXPECT_EQ(call(*admin_, &AdminStub::UpdateQueue, update, "alice").reason, "NO_RIGHT");
  update.set_name("team/jobs");
  EXPECT_TRUE(call(*admin_, &AdminStub::UpdateQueue, update, "alice").status.ok());
  EXPECT_EQ(call(*admin_, &AdminStub::UpdateQueue, update, "bob").reason, "QUEUE_NOT_FOUND");
}

TEST_F(AdminTest, DeadLettersGoOnlyWhereTheirSenderMayPutThem) {
  create_queue("team");
  grant("team", "alice", "lk");
  create_queue("payroll");
  v1::CreateQueueRequest request;
  request.set_name("team/jobs");
  for (const char* place : {"payroll", "a place of its own"}) {
    request.mutable_policy()->set_dead_letters(place);
    EXPECT_EQ(call(*admin_, &AdminStub::CreateQueue, request, "alice").reason, "NO_RIGHT") << place;
  }
  request.mutable_policy()->clear_dead_letters();
  ASSERT_TRUE(call(*admin_, &AdminStub::CreateQueue, request, "alice").status.ok());
  v1::UpdateQueueRequest update;
  update.set_name("team/jobs");
  for (const char* place : {"payroll", "a place of its own"}) {
    update.mutable_policy()->set_dead_letters(place);
    EXPECT_EQ(call(*admin_, &AdminStub::UpdateQueue, update, "alice").reason, "NO_RIGHT") << place;
  }
  grant("payroll", "alice", "li");
  update.mutable_policy()->set_dead_letters("payroll");
  EXPECT_TRUE(call(*admin_, &AdminStub::UpdateQueue, update, "alice").status.ok());
}

// As METADATA does over IMAP: compares, and tries again.
TEST_F(AdminTest, UpdateKeepsWhatSomebodyElseChangedMeanwhile) {
  create_queue("q");
  constexpr std::uint32_t kRounds = 200;
  std::barrier start(2);
  std::thread other([this, &start] {
    for (std::uint32_t round = 1; round <= kRounds; ++round) {
      start.arrive_and_wait();
      for (bool done = false; !done;) {
        const auto before = queues_->find_queue("q")->policy;
        EXPECT_EQ(before.messages_max, round - 1);
        broker::queue::UpdateQueue update{"q", before, before};
        update.policy.messages_max = round;
        done = support::await(*queues_, &broker::queue::Queues::update_queue, std::move(update)).has_value();
      }
    }
  });
  v1::UpdateQueueRequest update;
  update.set_name("q");
  for (std::uint32_t round = 1; round <= kRounds; ++round) {
    update.mutable_policy()->set_failures_max(round);
    v1::UpdateQueueResponse updated;
    start.arrive_and_wait();
    EXPECT_TRUE(call(*admin_, &AdminStub::UpdateQueue, update, updated).status.ok());
    EXPECT_EQ(updated.queue().policy().failures_max(), round);
  }
  other.join();
  EXPECT_EQ(queues_->find_queue("q")->policy.messages_max, kRounds);
  EXPECT_EQ(queues_->find_queue("q")->policy.failures_max, kRounds);
}

TEST_F(AdminTest, AclIsSetShownAndRemoved) {
  create_queue("q");
  grant("q", "alice", "lrswipkxtea");
  v1::GetAclRequest get;
  get.set_queue("q");
  v1::GetAclResponse got;
  ASSERT_TRUE(call(*admin_, &AdminStub::GetAcl, get, got, "alice").status.ok());
  ASSERT_EQ(got.entries_size(), 1);
  EXPECT_EQ(got.entries(0).identifier(), "alice");
  grant("q", "alice", "");
  ASSERT_TRUE(call(*admin_, &AdminStub::GetAcl, get, got).status.ok());
  EXPECT_EQ(got.entries_size(), 0);
  v1::SetAclRequest set;
  set.set_queue("q");
  set.mutable_entry()->set_identifier("not a user");
  set.mutable_entry()->set_rights("z");
  EXPECT_THAT(call(*admin_, &AdminStub::SetAcl, set).fields, ElementsAre("entry.identifier", "entry.rights"));
  EXPECT_EQ(call(*admin_, &AdminStub::GetAcl, get, "bob").reason, "QUEUE_NOT_FOUND");
}

TEST_F(AdminTest, UsersAreMadeListedAndRemoved) {
  v1::CreateUserRequest create;
  create.set_name("carol");
  create.set_password("secret");
  v1::CreateUserResponse created;
  ASSERT_TRUE(call(*admin_, &AdminStub::CreateUser, create, created).status.ok());
  EXPECT_EQ(created.user().name(), "carol");
  EXPECT_EQ(call(*admin_, &AdminStub::CreateUser, create).reason, "USER_EXISTS");
  EXPECT_EQ(call(*admin_, &AdminStub::CreateUser, create, "alice").reason, "NO_RIGHT");
  v1::GetServerInfoRequest info;
  EXPECT_TRUE(call(*admin_, &AdminStub::GetServerInfo, info, "carol").status.ok());
  v1::ListUsersRequest list;
  v1::ListUsersResponse listed;
  ASSERT_TRUE(call(*admin_, &AdminStub::ListUsers, list, listed).status.ok());
  EXPECT_EQ(listed.users_size(), 4);
  EXPECT_EQ(call(*admin_, &AdminStub::ListUsers, list, "carol").reason, "NO_RIGHT");
  v1::DeleteUserRequest remove;
  remove.set_name("carol");
  EXPECT_EQ(call(*admin_, &AdminStub::DeleteUser, remove, "alice").reason, "NO_RIGHT");
  ASSERT_TRUE(call(*admin_, &AdminStub::DeleteUser, remove).status.ok());
  EXPECT_EQ(call(*admin_, &AdminStub::DeleteUser, remove).reason, "USER_NOT_FOUND");
  EXPECT_EQ(call(*admin_, &AdminStub::GetServerInfo, info, "carol").status.error_code(), StatusCode::UNAUTHENTICATED);
  remove.set_name("admin");
  EXPECT_EQ(call(*admin_, &AdminStub::DeleteUser, remove).reason, "LAST_ADMINISTRATOR");
}

TEST_F(AdminTest, PasswordIsSetByItsOwnerAndByAdministrators) {
  v1::SetPasswordRequest request;
  request.set_name("alice");
  request.set_password("");
  EXPECT_THAT(call(*admin_, &AdminStub::SetPassword, request).fields, ElementsAre("password"));
  request.set_password("other");
  EXPECT_EQ(call(*admin_, &AdminStub::SetPassword, request, "bob").reason, "NO_RIGHT");
  ASSERT_TRUE(call(*admin_, &AdminStub::SetPassword, request, "alice").status.ok());
  EXPECT_EQ(call(*admin_, &AdminStub::SetPassword, request, "alice").status.error_code(), StatusCode::UNAUTHENTICATED);
  request.set_name("nobody");
  EXPECT_EQ(call(*admin_, &AdminStub::SetPassword, request).reason, "USER_NOT_FOUND");
}

TEST_F(AdminTest, ServerInfo) {
  v1::GetServerInfoResponse response;
  ASSERT_TRUE(call(*admin_, &AdminStub::GetServerInfo, v1::GetServerInfoRequest(), response, "alice").status.ok());
  EXPECT_EQ(response.version(), "1.2.3");
  EXPECT_EQ(response.durability(), "relaxed");
  EXPECT_EQ(response.imap_address(), "127.0.0.1:1143");
  EXPECT_TRUE(response.writable());
}

}  // namespace
}  // namespace rpc_test

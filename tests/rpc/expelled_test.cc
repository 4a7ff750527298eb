// What becomes of the streams of somebody who may no more.
#include <thread>

#include <grpcpp/generic/generic_stub.h>

#include "tests/rpc/rpc_fixture.h"

namespace rpc_test {
namespace {

class ExpelledTest : public RpcTest {
 protected:
  ExpelledTest() { create_queue("q"); }

  struct Worker {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReaderWriter<v1::WorkRequest, v1::WorkResponse>> stream;
    std::vector<v1::Claim> claims;
  };
  // A worker that holds `count` messages and waits for more.
  std::unique_ptr<Worker> work(const std::string& user, std::size_t count) {
    auto worker = std::make_unique<Worker>();
    authenticate(worker->context, user);
    worker->stream = queue_->Work(&worker->context);
    v1::WorkRequest request;
    request.mutable_start()->set_queue("q");
    request.mutable_start()->set_worker_id("w");
    worker->stream->Write(request);
    request.mutable_credit()->set_messages(100);
    worker->stream->Write(request);
    v1::WorkResponse response;
    while (worker->claims.size() < count && worker->stream->Read(&response)) {
      worker->claims.insert(worker->claims.end(), response.claims().begin(), response.claims().end());
    }
    return worker;
  }
  Answer end_of(Worker& worker) {
    v1::WorkResponse response;
    while (worker.stream->Read(&response)) EXPECT_EQ(response.claims_size(), 0);
    return answer(worker.stream->Finish());
  }
  struct Watcher {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> stream;
  };
  std::unique_ptr<Watcher> watch(const std::string& user) {
    auto watcher = std::make_unique<Watcher>();
    authenticate(watcher->context, user);
    v1::WatchRequest request;
    request.set_queue("q");
    watcher->stream = queue_->Watch(&watcher->context, request);
    v1::WatchResponse response;
    EXPECT_TRUE(watcher->stream->Read(&response));
    return watcher;
  }
  Answer end_of(Watcher& watcher) {
    v1::WatchResponse response;
    while (watcher.stream->Read(&response)) {}
    return answer(watcher.stream->Finish());
  }
  void remove_user(const std::string& name) {
    v1::DeleteUserRequest request;
    request.set_name(name);
    ASSERT_TRUE(call(*admin_, &AdminStub::DeleteUser, request).status.ok());
  }
  void put_user(const std::string& name, bool administrator) {
    imapd::store::PutUser put;
    put.user = store_->user(name).value().value();
    put.user.administrator = administrator;
    put.mode = imapd::store::PutUser::Mode::kReplace;
    ASSERT_TRUE(support::await(*store_, &imapd::store::Store::put_user, std::move(put)));
  }
  std::uint64_t ready() { return queues_->find_queue("q")->counters.ready; }
};

TEST_F(ExpelledTest, ARemovedUserLosesTheStreamsAndWhatTheyHold) {
  grant("q", "alice", "lrw");
  enqueue("q", 3);
  auto worker = work("alice", 3);
  auto watcher = watch("alice");
  EXPECT_EQ(ready(), 0u);
  remove_user("alice");
  EXPECT_EQ(end_of(*worker).status.error_code(), StatusCode::UNAUTHENTICATED);
  // Before the stream's end was told.
  EXPECT_EQ(ready(), 3u);
  EXPECT_EQ(end_of(*watcher).status.error_code(), StatusCode::UNAUTHENTICATED);
}

TEST_F(ExpelledTest, ALostRightEndsWhatNeedsIt) {
  grant("q", "alice", "lrw");
  enqueue("q", 2);
  auto worker = work("alice", 2);
  auto watcher = watch("alice");
  grant("q", "alice", "lr");
  const Answer ended = end_of(*worker);
  EXPECT_EQ(ended.status.error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(ended.reason, "NO_RIGHT");
  EXPECT_EQ(ready(), 2u);
  grant("q", "alice", "l");
  EXPECT_EQ(end_of(*watcher).reason, "NO_RIGHT");
}

TEST_F(ExpelledTest, WhoMayNotSeeTheQueueAnyMoreIsToldThatThereIsNone) {
  grant("q", "alice", "lrw");
  auto worker = work("alice", 0);
  auto watcher = watch("alice");
  grant("q", "alice", "");
  EXPECT_EQ(end_of(*worker).reason, "QUEUE_NOT_FOUND");
  EXPECT_EQ(end_of(*watcher).reason, "QUEUE_NOT_FOUND");
}

TEST_F(ExpelledTest, AnAdministratorNoMoreKeepsWhatTheListGives) {
  put_user("bob", true);
  put_user("alice", true);
  grant("q", "alice", "lrwte");
  enqueue("q", 1);
  auto kept = work("alice", 1);
  auto worker = work("bob", 0);
  auto watcher = watch("bob");
  put_user("alice", false);
  put_user("bob", false);
  EXPECT_EQ(end_of(*worker).reason, "QUEUE_NOT_FOUND");
  EXPECT_EQ(end_of(*watcher).reason, "QUEUE_NOT_FOUND");
  v1::WorkRequest settle;
  auto* ref = settle.mutable_settle()->add_ack();
  ref->set_serial(kept->claims[0].message().serial());
  ref->set_token(kept->claims[0].token());
  kept->stream->Write(settle);
  v1::WorkResponse response;
  ASSERT_TRUE(kept->stream->Read(&response));
  EXPECT_EQ(response.results(0).status().code(), 0);
}

TEST_F(ExpelledTest, AnotherUserOfTheSameNameInheritsNoStream) {
  grant("q", "alice", "lrw");
  enqueue("q", 1);
  auto worker = work("alice", 1);
  const auto alice = store_->user("alice").value().value();
  imapd::store::RemoveUser remove;
  remove.name = "alice";
  auto removed = support::start(*store_, &imapd::store::Store::remove_user, std::move(remove));
  clock_.advance(imapd::Millis(1));
  imapd::store::PutUser put;
  put.user = alice;
  put.user.created = clock_.now();
  auto made = support::start(*store_, &imapd::store::Store::put_user, std::move(put));
  ASSERT_TRUE(removed.get());
  ASSERT_TRUE(made.get());
  EXPECT_EQ(end_of(*worker).status.error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ready(), 1u);
}

// The credentials are judged when the call begins, and its request may come an hour later.
TEST_F(ExpelledTest, ARequestThatComesAfterItsUserWentIsRefused) {
  put_user("alice", true);
  grpc::GenericStub stub(channel_);
  grpc::CompletionQueue done;
  const auto next = [&done] {
    void* tag = nullptr;
    bool ok = false;
    EXPECT_TRUE(done.Next(&tag, &ok));
  };
  grpc::ClientContext context;
  authenticate(context, "alice");
  const auto late = stub.PrepareCall(&context, "/claimq.v1.AdminService/CreateUser", &done);
  late->StartCall(&context);
  next();
  // Answered, so that the one before has probably been judged.
  ASSERT_TRUE(call(*admin_, &AdminStub::GetServerInfo, v1::GetServerInfoRequest(), "alice").status.ok());
  remove_user("alice");
  v1::CreateUserRequest request;
  request.set_name("mallory");
  request.set_password("a secret of mallory");
  request.set_administrator(true);
  grpc::ByteBuffer bytes;
  bool own = false;
  ASSERT_TRUE(grpc::SerializationTraits<v1::CreateUserRequest>::Serialize(request, &bytes, &own).ok());
  late->WriteLast(bytes, {}, &context);
  next();
  grpc::Status status;
  late->Finish(&status, &context);
  next();
  EXPECT_EQ(answer(status).reason, "UNAUTHENTICATED");
  EXPECT_FALSE(store_->user("mallory").value());
}

TEST_F(ExpelledTest, AChangedPasswordEndsNothing) {
  grant("q", "alice", "lrw");
  auto worker = work("alice", 0);
  v1::SetPasswordRequest request;
  request.set_name("alice");
  request.set_password("another secret");
  ASSERT_TRUE(call(*admin_, &AdminStub::SetPassword, request).status.ok());
  enqueue("q", 1);
  v1::WorkResponse response;
  ASSERT_TRUE(worker->stream->Read(&response));
  EXPECT_EQ(response.claims_size(), 1);
}

TEST_F(ExpelledTest, AClaimThatWaitedGivesARemovedUserNothing) {
  grant("q", "alice", "lrw");
  v1::ClaimRequest request;
  request.set_queue("q");
  request.set_worker_id("w");
  request.mutable_wait()->set_seconds(30);
  Answer ended;
  std::thread worker([&] { ended = call(*queue_, &QueueStub::Claim, request, "alice"); });
  remove_user("alice");
  enqueue("q", 1);
  worker.join();
  EXPECT_EQ(ended.status.error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(claim("q", 1, std::chrono::seconds(20)), SizeIs(1));
}

}  // namespace
}  // namespace rpc_test

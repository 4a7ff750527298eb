#include <grpcpp/generic/generic_stub.h>

#include <thread>

#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/rpc/rpc_fixture.h"

namespace rpc_test {
namespace {

namespace health_v1 = grpc::health::v1;

class ServerTest : public RpcTest {
 protected:
  health_v1::HealthCheckResponse::ServingStatus health(const std::string& service) {
    grpc::ClientContext context;
    health_v1::HealthCheckRequest request;
    request.set_service(service);
    health_v1::HealthCheckResponse response;
    const auto stub = health_v1::Health::NewStub(channel_);
    EXPECT_TRUE(stub->Check(&context, request, &response).ok());
    return response.status();
  }
  Answer info_with(const std::vector<std::string>& authorizations) {
    grpc::ClientContext context;
    for (const std::string& value : authorizations) context.AddMetadata("authorization", value);
    v1::GetServerInfoResponse response;
    return answer(admin_->GetServerInfo(&context, {}, &response));
  }
};

TEST_F(ServerTest, HealthFollowsTheStoreAndTheDrain) {
  for (const char* service : {"", "claimq.v1.QueueService", "claimq.v1.AdminService"}) {
    EXPECT_EQ(health(service), health_v1::HealthCheckResponse::SERVING);
  }
  health_.fail("store", "a write failed");
  EXPECT_EQ(health("claimq.v1.QueueService"), health_v1::HealthCheckResponse::NOT_SERVING);
  health_.recover("store");
  EXPECT_EQ(health(""), health_v1::HealthCheckResponse::SERVING);
  server_->drain();
  EXPECT_EQ(health(""), health_v1::HealthCheckResponse::NOT_SERVING);
}

TEST_F(ServerTest, HealthOfAnUnknownServiceIsUnknown) {
  const auto stub = health_v1::Health::NewStub(channel_);
  health_v1::HealthCheckRequest request;
  request.set_service("nobody.knows.Me");
  health_v1::HealthCheckResponse response;
  grpc::ClientContext check;
  EXPECT_EQ(stub->Check(&check, request, &response).error_code(), StatusCode::NOT_FOUND);
  grpc::ClientContext watch;
  const auto stream = stub->Watch(&watch, request);
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), health_v1::HealthCheckResponse::SERVICE_UNKNOWN);
  watch.TryCancel();
}

TEST_F(ServerTest, HealthIsWatchedUntilTheServerStops) {
  const auto stub = health_v1::Health::NewStub(channel_);
  health_v1::HealthCheckRequest request;
  health_v1::HealthCheckResponse response;
  grpc::ClientContext context;
  const auto stream = stub->Watch(&context, request);
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), health_v1::HealthCheckResponse::SERVING);
  health_.fail("store", "a write failed");
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), health_v1::HealthCheckResponse::NOT_SERVING);
  health_.recover("store");
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), health_v1::HealthCheckResponse::SERVING);
  std::thread stop([this] { server_->stop(kPatience); });
  while (stream->Read(&response)) EXPECT_EQ(response.status(), health_v1::HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(stream->Finish().error_code(), StatusCode::UNAVAILABLE);
  stop.join();
}

// Streams that never send their request keep nobody from asking.
TEST_F(ServerTest, HealthIsToldWhileOthersAreSlowToAsk) {
  grpc::GenericStub stub(channel_);
  grpc::CompletionQueue done;
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::GenericClientAsyncReaderWriter>> calls;
  for (int i = 0; i < 5; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    calls.push_back(stub.PrepareCall(contexts.back().get(), "/grpc.health.v1.Health/Check", &done));
    calls.back()->StartCall(&contexts);
    void* tag = nullptr;
    bool ok = false;
    ASSERT_TRUE(done.Next(&tag, &ok));
  }
  EXPECT_EQ(health(""), health_v1::HealthCheckResponse::SERVING);
  for (const auto& context : contexts) context->TryCancel();
}

TEST_F(ServerTest, DrainEndsClaimsThatWait) {
  create_queue("q");
  v1::ClaimRequest request;
  request.set_queue("q");
  request.set_worker_id("w");
  request.mutable_wait()->set_seconds(30);
  Answer ended;
  std::thread worker([&] { ended = call(*queue_, &QueueStub::Claim, request); });
  server_->drain();
  worker.join();
  EXPECT_EQ(ended.status.error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, ReflectionListsTheServices) {
  grpc::GenericStub stub(channel_);
  grpc::ClientContext context;
  grpc::CompletionQueue done;
  const auto next = [&done] {
    void* tag = nullptr;
    bool ok = false;
    return done.Next(&tag, &ok) && ok;
  };
  auto stream = stub.PrepareCall(&context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &done);
  stream->StartCall(nullptr);
  ASSERT_TRUE(next());
  // ServerReflectionRequest { list_services: "" }
  const grpc::Slice slice(std::string("\x3a\x00", 2));
  stream->Write(grpc::ByteBuffer(&slice, 1), nullptr);
  ASSERT_TRUE(next());
  grpc::ByteBuffer answer;
  stream->Read(&answer, nullptr);
  ASSERT_TRUE(next());
  grpc::Slice bytes;
  ASSERT_TRUE(answer.DumpToSingleSlice(&bytes).ok());
  const std::string text(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
  EXPECT_THAT(text, testing::HasSubstr("claimq.v1.QueueService"));
  EXPECT_THAT(text, testing::HasSubstr("claimq.v1.AdminService"));
  EXPECT_THAT(text, testing::HasSubstr("grpc.health.v1.Health"));
  context.TryCancel();
  grpc::Status status;
  stream->Finish(&status, nullptr);
  next();
}

TEST_F(ServerTest, WrongCredentialsAreUnauthenticated) {
  EXPECT_TRUE(info_with({basic("alice", "secret")}).status.ok());
  EXPECT_TRUE(info_with({"basic " + imapd::auth::base64_encode("alice:secret")}).status.ok());
  for (const std::string& wrong : {basic("alice", "wrong"), std::string("Basic"), std::string("Basic !"), std::string("Bearer x"),
                                   "Basic " + imapd::auth::base64_encode("alice")}) {
    const Answer refused = info_with({wrong});
    EXPECT_EQ(refused.status.error_code(), StatusCode::UNAUTHENTICATED) << wrong;
    EXPECT_EQ(refused.reason, "UNAUTHENTICATED");
  }
  EXPECT_EQ(info_with({}).status.error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(info_with({basic("alice", "secret"), basic("admin", "secret")}).status.error_code(), StatusCode::UNAUTHENTICATED);
}

TEST_F(ServerTest, StreamsAskForCredentialsToo) {
  grpc::ClientContext context;
  auto work = queue_->Work(&context);
  EXPECT_EQ(work->Finish().error_code(), StatusCode::UNAUTHENTICATED);
  grpc::ClientContext watch_context;
  auto watch = queue_->Watch(&watch_context, {});
  EXPECT_EQ(watch->Finish().error_code(), StatusCode::UNAUTHENTICATED);
}

TEST_F(ServerTest, StopWaitsForNobodyWhoHeldBack) {
  // The second wrong password is answered late: by then the client has gone.
  EXPECT_EQ(info_with({basic("bob", "wrong")}).status.error_code(), StatusCode::UNAUTHENTICATED);
  for (int i = 0; i < 3; ++i) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", basic("bob", "wrong"));
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(100));
    v1::GetServerInfoResponse response;
    EXPECT_FALSE(admin_->GetServerInfo(&context, {}, &response).ok());
  }
  server_->stop(std::chrono::milliseconds(0));
}

TEST_F(ServerTest, AddressInUseIsRefused) {
  broker::rpc::ServerOptions options;
  options.listen.port = server_->port();
  broker::queue::Queues queues(*store_, clock_);
  const auto second = broker::rpc::Server::start(options, {*store_, queues, *authenticator_, health_, clock_});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, imapd::Code::kInvalidArgument);
}

}  // namespace
}  // namespace rpc_test

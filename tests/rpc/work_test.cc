#include <set>

#include "tests/rpc/rpc_fixture.h"

namespace rpc_test {
namespace {

class WorkTest : public RpcTest {
 protected:
  WorkTest() { create_queue("q"); }

  // A worker's end of a stream.
  struct Worker {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReaderWriter<v1::WorkRequest, v1::WorkResponse>> stream;

    bool credit(std::uint32_t messages) {
      v1::WorkRequest request;
      request.mutable_credit()->set_messages(messages);
      return stream->Write(request);
    }
    // Reads frames until there are so many claims.
    std::vector<v1::Claim> claims(std::size_t count) {
      std::vector<v1::Claim> claims;
      v1::WorkResponse response;
      while (claims.size() < count && stream->Read(&response)) {
        claims.insert(claims.end(), response.claims().begin(), response.claims().end());
      }
      return claims;
    }
  };
  std::unique_ptr<Worker> open(const std::string& worker_id, const std::string& user = "admin", const std::string& queue = "q") {
    auto worker = std::make_unique<Worker>();
    authenticate(worker->context, user);
    worker->stream = queue_->Work(&worker->context);
    v1::WorkRequest request;
    request.mutable_start()->set_queue(queue);
    request.mutable_start()->set_worker_id(worker_id);
    worker->stream->Write(request);
    return worker;
  }
  static void add(google::protobuf::RepeatedPtrField<v1::ClaimRef>& refs, const v1::Claim& claim) {
    refs.Add()->set_serial(claim.message().serial());
    refs.Mutable(refs.size() - 1)->set_token(claim.token());
  }
  Answer refusal(const v1::WorkRequest& first) {
    Worker worker;
    authenticate(worker.context, "admin");
    worker.stream = queue_->Work(&worker.context);
    worker.stream->Write(first);
    v1::WorkResponse response;
    while (worker.stream->Read(&response)) {}
    return answer(worker.stream->Finish());
  }
};

TEST_F(WorkTest, NoMoreIsPushedThanThereIsCredit) {
  enqueue("q", 5);
  auto worker = open("w1");
  worker->credit(2);
  const auto first = worker->claims(2);
  ASSERT_THAT(first, SizeIs(2));
  v1::WorkRequest settle;
  for (const v1::Claim& claim : first) add(*settle.mutable_settle()->mutable_ack(), claim);
  worker->stream->Write(settle);
  v1::WorkResponse response;
  ASSERT_TRUE(worker->stream->Read(&response));
  EXPECT_EQ(response.claims_size(), 0);
  EXPECT_EQ(response.results_size(), 2);
  worker->credit(10);
  EXPECT_THAT(worker->claims(3), SizeIs(3));
}

TEST_F(WorkTest, WaitsForMessages) {
  auto worker = open("w1");
  worker->credit(1);
  enqueue("q", 1);
  EXPECT_THAT(worker->claims(1), SizeIs(1));
}

TEST_F(WorkTest, SettlementsAreAnsweredWhileAClaimWaits) {
  enqueue("q", 1);
  auto worker = open("w1");
  worker->credit(10);
  const auto claims = worker->claims(1);
  ASSERT_THAT(claims, SizeIs(1));
  v1::WorkRequest settle;
  add(*settle.mutable_settle()->mutable_extend(), claims[0]);
  worker->stream->Write(settle);
  v1::WorkResponse response;
  ASSERT_TRUE(worker->stream->Read(&response));
  ASSERT_EQ(response.results_size(), 1);
  EXPECT_GT(response.results(0).new_token(), claims[0].token());
  enqueue("q", 1);
  EXPECT_THAT(worker->claims(1), SizeIs(1));
}

TEST_F(WorkTest, ResultsComeInTheOrderOfTheSettlements) {
  enqueue("q", 5);
  auto worker = open("w1");
  worker->credit(5);
  const auto claims = worker->claims(5);
  ASSERT_THAT(claims, SizeIs(5));
  v1::WorkRequest settle;
  settle.mutable_settle()->set_reason("because");
  add(*settle.mutable_settle()->mutable_reject(), claims[0]);
  add(*settle.mutable_settle()->mutable_fail(), claims[1]);
  worker->stream->Write(settle);
  settle.mutable_settle()->Clear();
  add(*settle.mutable_settle()->mutable_release(), claims[2]);
  add(*settle.mutable_settle()->mutable_ack(), claims[3]);
  add(*settle.mutable_settle()->mutable_ack(), claims[3]);
  worker->stream->Write(settle);
  std::vector<v1::SettleResult> results;
  v1::WorkResponse response;
  while (results.size() < 5 && worker->stream->Read(&response)) {
    results.insert(results.end(), response.results().begin(), response.results().end());
  }
  ASSERT_THAT(results, SizeIs(5));
  EXPECT_EQ(results[0].serial(), claims[1].message().serial());
  EXPECT_EQ(results[1].serial(), claims[0].message().serial());
  EXPECT_EQ(results[1].dead_letters(), "q/Dead");
  EXPECT_EQ(results[2].serial(), claims[3].message().serial());
  EXPECT_EQ(results[2].status().code(), StatusCode::OK);
  EXPECT_EQ(results[3].status().code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(results[4].serial(), claims[2].message().serial());
}

TEST_F(WorkTest, SettlementsThatTogetherAreMoreThanOneBatchAreAllAnswered) {
  auto worker = open("w1");
  for (int sent = 0; sent < 4; ++sent) {
    v1::WorkRequest settle;
    for (int i = 0; i < 999; ++i) settle.mutable_settle()->add_ack()->set_serial(7);
    ASSERT_TRUE(worker->stream->Write(settle));
  }
  worker->stream->WritesDone();
  int results = 0;
  v1::WorkResponse response;
  while (worker->stream->Read(&response)) results += response.results_size();
  EXPECT_EQ(results, 4 * 999);
  EXPECT_TRUE(worker->stream->Finish().ok());
}

TEST_F(WorkTest, RequestTooLargeToBeKeptEndsTheStream) {
  v1::WorkRequest request;
  request.mutable_start()->set_queue("q");
  request.mutable_start()->set_worker_id(std::string(300 * 1024, 'w'));
  EXPECT_THAT(refusal(request).fields, ElementsAre("request"));
}

TEST_F(WorkTest, RightThatWentWhileAClaimWaitedIsMissed) {
  grant("q", "alice", "lrwe");
  auto worker = open("w1", "alice");
  worker->credit(1);
  // Answered only when the claim's turn has come and gone: so after it another one waits.
  v1::WorkRequest settle;
  settle.mutable_settle()->add_ack()->set_serial(7);
  worker->stream->Write(settle);
  v1::WorkResponse response;
  ASSERT_TRUE(worker->stream->Read(&response));
  grant("q", "alice", "lr");
  enqueue("q", 1);
  while (worker->stream->Read(&response)) EXPECT_EQ(response.claims_size(), 0);
  EXPECT_EQ(answer(worker->stream->Finish()).reason, "NO_RIGHT");
  EXPECT_THAT(claim("q", 1, kPatience), SizeIs(1));
}

TEST_F(WorkTest, ClosedStreamReleasesWhatItHolds) {
  enqueue("q", 2);
  auto worker = open("w1");
  worker->credit(2);
  ASSERT_THAT(worker->claims(2), SizeIs(2));
  worker->stream->WritesDone();
  EXPECT_TRUE(worker->stream->Finish().ok());
  const auto claims = claim("q", 2, {}, "w2");
  ASSERT_THAT(claims, SizeIs(2));
  EXPECT_EQ(claims[0].message().failures(), 0u);
}

TEST_F(WorkTest, ClosedStreamSettlesWhatCameBefore) {
  enqueue("q", 1);
  auto worker = open("w1");
  worker->credit(5);
  const auto claims = worker->claims(1);
  v1::WorkRequest settle;
  add(*settle.mutable_settle()->mutable_ack(), claims[0]);
  worker->stream->Write(settle);
  worker->stream->WritesDone();
  v1::WorkResponse response;
  ASSERT_TRUE(worker->stream->Read(&response));
  EXPECT_EQ(response.results_size(), 1);
  EXPECT_FALSE(worker->stream->Read(&response));
  EXPECT_TRUE(worker->stream->Finish().ok());
  EXPECT_EQ(queues_->find_queue("q")->counters.messages, 0u);
}

TEST_F(WorkTest, CancelledStreamReleasesWhatItHolds) {
  enqueue("q", 1);
  auto worker = open("w1");
  worker->credit(5);
  ASSERT_THAT(worker->claims(1), SizeIs(1));
  worker->context.TryCancel();
  EXPECT_EQ(worker->stream->Finish().error_code(), StatusCode::CANCELLED);
  EXPECT_THAT(claim("q", 1, kPatience, "w2"), SizeIs(1));
}

TEST_F(WorkTest, TwoStreamsNeverGetTheSameMessage) {
  enqueue("q", 200);
  auto one = open("w1");
  auto two = open("w2");
  one->credit(100);
  two->credit(100);
  std::set<std::uint64_t> won;
  for (Worker* worker : {one.get(), two.get()}) {
    for (const v1::Claim& claim : worker->claims(100)) EXPECT_TRUE(won.insert(claim.message().serial()).second);
  }
  EXPECT_THAT(won, SizeIs(200));
}

TEST_F(WorkTest, WrongRequestsEndTheStream) {
  v1::WorkRequest request;
  request.mutable_credit()->set_messages(1);
  EXPECT_THAT(refusal(request).fields, ElementsAre("start"));
  request.mutable_start()->set_queue("q");
  EXPECT_THAT(refusal(request).fields, ElementsAre("start.worker_id"));
  request.mutable_start()->set_worker_id("w");
  request.mutable_start()->mutable_lease()->set_nanos(1);
  EXPECT_THAT(refusal(request).fields, ElementsAre("lease"));
  request.mutable_start()->clear_lease();
  request.mutable_start()->set_queue("nowhere");
  EXPECT_EQ(refusal(request).reason, "QUEUE_NOT_FOUND");

  auto worker = open("w1");
  worker->credit(100'001);
  v1::WorkResponse response;
  EXPECT_FALSE(worker->stream->Read(&response));
  EXPECT_THAT(answer(worker->stream->Finish()).fields, ElementsAre("credit.messages"));
}

TEST_F(WorkTest, AckWithoutTheRightIsTold) {
  grant("q", "alice", "lrw");
  enqueue("q", 1);
  auto worker = open("w1", "alice");
  worker->credit(1);
  const auto claims = worker->claims(1);
  ASSERT_THAT(claims, SizeIs(1));
  v1::WorkRequest settle;
  add(*settle.mutable_settle()->mutable_ack(), claims[0]);
  worker->stream->Write(settle);
  v1::WorkResponse response;
  ASSERT_TRUE(worker->stream->Read(&response));
  EXPECT_EQ(response.results(0).status().code(), StatusCode::PERMISSION_DENIED);
}

TEST_F(WorkTest, DrainLetsWorkersSettleThenEnds) {
  enqueue("q", 2);
  auto worker = open("w1");
  worker->credit(1);
  const auto claims = worker->claims(1);
  ASSERT_THAT(claims, SizeIs(1));
  server_->drain();
  v1::WorkRequest settle;
  add(*settle.mutable_settle()->mutable_ack(), claims[0]);
  settle.mutable_settle();
  worker->stream->Write(settle);
  worker->credit(1);
  v1::WorkResponse response;
  ASSERT_TRUE(worker->stream->Read(&response));
  EXPECT_EQ(response.results(0).status().code(), StatusCode::OK);
  EXPECT_FALSE(worker->stream->Read(&response));
  EXPECT_EQ(worker->stream->Finish().error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(WorkTest, StoppedServerLeavesTheLeases) {
  enqueue("q", 1);
  auto worker = open("w1");
  worker->credit(1);
  ASSERT_THAT(worker->claims(1), SizeIs(1));
  server_->stop(std::chrono::milliseconds(0));
  EXPECT_FALSE(worker->stream->Finish().ok());
  EXPECT_EQ(queues_->find_queue("q")->counters.claimed, 1u);
}

}  // namespace
}  // namespace rpc_test

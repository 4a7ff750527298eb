#include "tests/rpc/rpc_fixture.h"

namespace rpc_test {
namespace {

class CompleteTest : public RpcTest {
 protected:
  CompleteTest() {
    create_queue("jobs");
    create_queue("results");
    request_.set_worker_id("w1");
  }
  Answer send(const std::string& user = "admin") {
    response_.Clear();
    return call(*queue_, &QueueStub::Complete, request_, response_, user);
  }
  void ack(const std::string& queue, const v1::Claim& claim) {
    auto& acks = *request_.add_acks();
    acks.set_queue(queue);
    auto& ref = *acks.add_claims();
    ref.set_serial(claim.message().serial());
    ref.set_token(claim.token());
  }
  void message(const std::string& queue, const std::string& body) {
    auto& enqueue = *request_.add_enqueues();
    enqueue.set_queue(queue);
    enqueue.add_messages()->set_body(body);
  }
  std::uint64_t count(const std::string& queue) {
    v1::GetQueueRequest get;
    get.set_name(queue);
    v1::GetQueueResponse got;
    EXPECT_TRUE(call(*admin_, &AdminStub::GetQueue, get, got).status.ok());
    return got.queue().messages();
  }
  v1::CompleteRequest request_;
  v1::CompleteResponse response_;
};

TEST_F(CompleteTest, AcksAndEnqueuesAcrossQueues) {
  enqueue("jobs", 2);
  for (const v1::Claim& each : claim("jobs", 2)) ack("jobs", each);
  message("results", "one");
  message("jobs", "next");
  message("results", "two");
  ASSERT_TRUE(send().status.ok());
  ASSERT_EQ(response_.enqueues_size(), 3);
  EXPECT_EQ(response_.enqueues(0).serials(0) + 1, response_.enqueues(2).serials(0));
  EXPECT_EQ(count("jobs"), 1u);
  EXPECT_EQ(claim("jobs")[0].message().message().body(), "next");
  EXPECT_EQ(claim("results")[0].message().message().body(), "one");
  EXPECT_EQ(claim("results")[0].message().message().body(), "two");
}

TEST_F(CompleteTest, ALostLeaseStopsAllAndIsNamed) {
  enqueue("jobs", 2);
  const auto claims = claim("jobs", 2);
  ASSERT_TRUE(call(*queue_, &QueueStub::Release, settle_request<v1::ReleaseRequest>("jobs", {claims[1]})).status.ok());
  ack("jobs", claims[0]);
  ack("jobs", claims[1]);
  message("results", "never");
  const Answer answer = send();
  EXPECT_EQ(answer.status.error_code(), StatusCode::ABORTED);
  EXPECT_EQ(answer.reason, "LEASE_LOST");
  EXPECT_THAT(answer.fields, ElementsAre("acks[1].claims[0]"));
  EXPECT_EQ(count("results"), 0u);
  EXPECT_EQ(count("jobs"), 2u);
  // What was not lost is still held.
  request_.mutable_acks()->RemoveLast();
  EXPECT_TRUE(send().status.ok());
  EXPECT_EQ(count("results"), 1u);
  // Done: a repetition finds nothing to do.
  EXPECT_EQ(send().reason, "MESSAGE_GONE");
  EXPECT_EQ(count("results"), 1u);
}

TEST_F(CompleteTest, AQueueThatTakesNothingStopsAll) {
  enqueue("jobs", 1);
  const auto claims = claim("jobs");
  ack("jobs", claims[0]);
  message("results", "x");
  const auto refused_by = [this](auto change) {
    v1::UpdateQueueRequest update;
    update.set_name("results");
    change(*update.mutable_policy());
    EXPECT_TRUE(call(*admin_, &AdminStub::UpdateQueue, update).status.ok());
    return send().reason;
  };
  EXPECT_EQ(refused_by([](v1::QueuePolicy& policy) { policy.set_enqueue_paused(true); }), "QUEUE_PAUSED");
  EXPECT_EQ(refused_by([](v1::QueuePolicy& policy) {
              policy.set_enqueue_paused(false);
              policy.set_bytes_max(10);
            }),
            "QUEUE_FULL");
  EXPECT_EQ(count("jobs"), 1u);
  EXPECT_EQ(refused_by([](v1::QueuePolicy& policy) { policy.set_bytes_max(0); }), "");
}

TEST_F(CompleteTest, WrongFieldsAndRights) {
  EXPECT_THAT(send().fields, ElementsAre("acks"));
  request_.clear_worker_id();
  message("no//name", "x");
  EXPECT_THAT(send().fields, ElementsAre("worker_id"));
  request_.set_worker_id("w1");
  EXPECT_THAT(send().fields, ElementsAre("enqueues[0].queue"));
  request_.clear_enqueues();
  enqueue("jobs", 1);
  const auto claims = claim("jobs");
  ack("jobs", claims[0]);
  ack("jobs", claims[0]);
  EXPECT_EQ(send().reason, "INVALID_FIELD");
  request_.mutable_acks()->RemoveLast();
  message("results", "x");
  EXPECT_EQ(send("alice").reason, "QUEUE_NOT_FOUND");
  grant("jobs", "alice", "l");
  EXPECT_EQ(send("alice").reason, "NO_RIGHT");
  grant("jobs", "alice", "le");
  EXPECT_EQ(send("alice").reason, "QUEUE_NOT_FOUND");
  grant("results", "alice", "li");
  // The claim is another user's.
  EXPECT_EQ(send("alice").reason, "NO_RIGHT");
  EXPECT_TRUE(send().status.ok());
}

TEST_F(CompleteTest, LimitsAtTheEdge) {
  for (std::uint32_t i = 0; i < 100; ++i) message("results", "x");
  EXPECT_TRUE(send().status.ok());
  message("results", "x");
  EXPECT_THAT(send().fields, ElementsAre("enqueues"));
  request_.clear_enqueues();
  enqueue("jobs", 1'000);
  for (const v1::Claim& each : claim("jobs", 1'000)) ack("jobs", each);
  ASSERT_EQ(request_.acks_size(), 1'000);
  auto& extra = *request_.add_acks();
  extra.set_queue("jobs");
  extra.add_claims()->set_serial(1);
  EXPECT_THAT(send().fields, ElementsAre("acks"));
  request_.mutable_acks()->RemoveLast();
  request_.mutable_acks(0)->clear_claims();
  EXPECT_THAT(send().fields, ElementsAre("acks[0].claims"));
}

TEST_F(CompleteTest, NoMoreMessagesTogetherThanOneEnqueueTakes) {
  for (int half = 0; half < 2; ++half) {
    auto& enqueue = *request_.add_enqueues();
    enqueue.set_queue("results");
    for (int i = 0; i < 5'000; ++i) enqueue.add_messages()->set_body("x");
  }
  EXPECT_TRUE(send().status.ok());
  message("jobs", "one more");
  EXPECT_EQ(send().reason, "INVALID_FIELD");
  EXPECT_EQ(count("results"), 10'000u);
}

}  // namespace
}  // namespace rpc_test

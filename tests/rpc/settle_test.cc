#include "tests/rpc/rpc_fixture.h"

namespace rpc_test {
namespace {

class SettleTest : public RpcTest {
 protected:
  SettleTest() { create_queue("q"); }
  v1::Queue queue(const std::string& name = "q") {
    v1::GetQueueRequest request;
    request.set_name(name);
    v1::GetQueueResponse response;
    EXPECT_TRUE(call(*admin_, &AdminStub::GetQueue, request, response).status.ok());
    return response.queue();
  }
};

TEST_F(SettleTest, AckRemoves) {
  enqueue("q", 2);
  const auto claims = claim("q", 2);
  v1::AckResponse response;
  ASSERT_TRUE(call(*queue_, &QueueStub::Ack, settle_request<v1::AckRequest>("q", claims), response).status.ok());
  ASSERT_EQ(response.results_size(), 2);
  for (int i : {0, 1}) {
    EXPECT_EQ(response.results(i).serial(), claims[static_cast<std::size_t>(i)].message().serial());
    EXPECT_EQ(response.results(i).status().code(), 0);
  }
  EXPECT_EQ(queue().messages(), 0u);
}

TEST_F(SettleTest, ReleaseMakesReadyWithoutBlame) {
  enqueue("q", 1);
  ASSERT_TRUE(call(*queue_, &QueueStub::Release, settle_request<v1::ReleaseRequest>("q", claim("q"))).status.ok());
  const auto again = claim("q");
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].message().failures(), 0u);
  EXPECT_EQ(again[0].message().deliveries(), 2u);
}

TEST_F(SettleTest, ReleaseWithDelaySchedules) {
  enqueue("q", 1);
  auto request = settle_request<v1::ReleaseRequest>("q", claim("q"));
  request.mutable_delay()->set_seconds(60);
  ASSERT_TRUE(call(*queue_, &QueueStub::Release, request).status.ok());
  EXPECT_EQ(queue().scheduled(), 1u);
}

TEST_F(SettleTest, FailBacksOffAndCounts) {
  enqueue("q", 1);
  auto request = settle_request<v1::FailRequest>("q", claim("q"));
  request.set_reason("cannot parse");
  ASSERT_TRUE(call(*queue_, &QueueStub::Fail, request).status.ok());
  EXPECT_EQ(queue().scheduled(), 1u);
  v1::PeekRequest peek;
  peek.set_queue("q");
  v1::PeekResponse peeked;
  ASSERT_TRUE(call(*queue_, &QueueStub::Peek, peek, peeked).status.ok());
  EXPECT_EQ(peeked.messages(0).failures(), 1u);
}

TEST_F(SettleTest, RejectGoesToTheDeadLetters) {
  enqueue("q", 1);
  auto request = settle_request<v1::RejectRequest>("q", claim("q"));
  request.set_reason("poison");
  v1::RejectResponse response;
  ASSERT_TRUE(call(*queue_, &QueueStub::Reject, request, response).status.ok());
  EXPECT_EQ(response.results(0).dead_letters(), "q/Dead");
  EXPECT_EQ(queue().messages(), 0u);
  EXPECT_EQ(queue().dead(), 1u);
  EXPECT_TRUE(queue("q/Dead").is_dead_letters());
}

TEST_F(SettleTest, ExtendGivesANewTokenAndMakesTheOldStale) {
  enqueue("q", 1);
  const auto claims = claim("q");
  auto extend = settle_request<v1::ExtendRequest>("q", claims);
  extend.mutable_lease()->set_seconds(120);
  v1::ExtendResponse extended;
  ASSERT_TRUE(call(*queue_, &QueueStub::Extend, extend, extended).status.ok());
  EXPECT_GT(extended.results(0).new_token(), claims[0].token());
  const std::int64_t now_ms = clock_.now().time_since_epoch().count();
  EXPECT_EQ(TimeUtil::TimestampToMilliseconds(extended.results(0).deadline()) - now_ms, 120'000);
  auto ack = settle_request<v1::AckRequest>("q", claims);
  EXPECT_EQ(call(*queue_, &QueueStub::Ack, ack).reason, "LEASE_LOST");
  ack.mutable_claims(0)->set_token(extended.results(0).new_token());
  EXPECT_TRUE(call(*queue_, &QueueStub::Ack, ack).status.ok());
}

TEST_F(SettleTest, StaleTokenIsAbortedAndChangesNothing) {
  enqueue("q", 1);
  auto request = settle_request<v1::AckRequest>("q", claim("q"));
  request.mutable_claims(0)->set_token(request.claims(0).token() - 1);
  const Answer refused = call(*queue_, &QueueStub::Ack, request);
  EXPECT_EQ(refused.status.error_code(), StatusCode::ABORTED);
  EXPECT_EQ(refused.reason, "LEASE_LOST");
  EXPECT_EQ(queue().claimed(), 1u);
}

TEST_F(SettleTest, MessageThatIsGoneIsNotFound) {
  enqueue("q", 1);
  const auto request = settle_request<v1::AckRequest>("q", claim("q"));
  ASSERT_TRUE(call(*queue_, &QueueStub::Ack, request).status.ok());
  const Answer refused = call(*queue_, &QueueStub::Ack, request);
  EXPECT_EQ(refused.status.error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(refused.reason, "MESSAGE_GONE");
}

TEST_F(SettleTest, BatchTellsEachResult) {
  enqueue("q", 2);
  const auto claims = claim("q", 2);
  auto request = settle_request<v1::AckRequest>("q", claims);
  request.mutable_claims(0)->set_token(1);
  request.add_claims()->set_serial(999);
  v1::AckResponse response;
  ASSERT_TRUE(call(*queue_, &QueueStub::Ack, request, response).status.ok());
  ASSERT_EQ(response.results_size(), 3);
  EXPECT_EQ(response.results(0).status().code(), StatusCode::ABORTED);
  EXPECT_EQ(response.results(1).status().code(), StatusCode::OK);
  EXPECT_EQ(response.results(2).status().code(), StatusCode::NOT_FOUND);
}

TEST_F(SettleTest, OtherUsersClaimIsNotOurs) {
  grant("q", "alice", "lrwe");
  enqueue("q", 1);
  const auto request = settle_request<v1::AckRequest>("q", claim("q"));
  const Answer refused = call(*queue_, &QueueStub::Ack, request, "alice");
  EXPECT_EQ(refused.status.error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(refused.reason, "NO_RIGHT");
}

TEST_F(SettleTest, AckNeedsTheRightToExpunge) {
  grant("q", "alice", "lrw");
  enqueue("q", 1);
  v1::ClaimRequest claim_request;
  claim_request.set_queue("q");
  claim_request.set_worker_id("w1");
  v1::ClaimResponse claimed;
  ASSERT_TRUE(call(*queue_, &QueueStub::Claim, claim_request, claimed, "alice").status.ok());
  const std::vector<v1::Claim> claims(claimed.claims().begin(), claimed.claims().end());
  EXPECT_EQ(call(*queue_, &QueueStub::Ack, settle_request<v1::AckRequest>("q", claims), "alice").reason, "NO_RIGHT");
  EXPECT_TRUE(call(*queue_, &QueueStub::Release, settle_request<v1::ReleaseRequest>("q", claims), "alice").status.ok());
}

TEST_F(SettleTest, WrongFieldsAreNamed) {
  v1::FailRequest request;
  request.set_queue("q");
  request.set_worker_id("tab\there");
  request.set_reason(std::string(1'025, 'r'));
  request.mutable_delay()->set_seconds(-5);
  const Answer refused = call(*queue_, &QueueStub::Fail, request);
  EXPECT_THAT(refused.fields, ElementsAre("worker_id", "claims", "reason", "delay"));
  request.set_queue("nowhere");
  request.set_worker_id("w");
  request.clear_reason();
  request.clear_delay();
  request.add_claims();
  EXPECT_EQ(call(*queue_, &QueueStub::Fail, request).reason, "QUEUE_NOT_FOUND");
}

}  // namespace
}  // namespace rpc_test

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "tests/rpc/rpc_fixture.h"

namespace rpc_test {
namespace {

class ClaimTest : public RpcTest {
 protected:
  ClaimTest() {
    create_queue("q");
    request_.set_queue("q");
    request_.set_worker_id("w1");
  }
  Answer send(const std::string& user = "admin") { return call(*queue_, &QueueStub::Claim, request_, response_, user); }
  v1::ClaimRequest request_;
  v1::ClaimResponse response_;
};

TEST_F(ClaimTest, OldestComeFirstAndNotTwice) {
  const auto serials = enqueue("q", 3);
  const auto first = claim("q", 2);
  ASSERT_THAT(first, SizeIs(2));
  EXPECT_EQ(first[0].message().serial(), serials[0]);
  EXPECT_EQ(first[1].message().serial(), serials[1]);
  const auto second = claim("q", 2, {}, "w2");
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].message().serial(), serials[2]);
}

TEST_F(ClaimTest, EmptyQueueAnswersAtOnceWithoutWait) { EXPECT_THAT(claim("q"), IsEmpty()); }

TEST_F(ClaimTest, WaitEndsWhenNothingComes) {
  request_.mutable_wait()->set_nanos(1);
  EXPECT_TRUE(send().status.ok());
  EXPECT_EQ(response_.claims_size(), 0);
}

TEST_F(ClaimTest, WaitEndsWithTheFirstMessage) {
  std::vector<v1::Claim> won;
  std::thread worker([&] { won = claim("q", 1, kPatience); });
  enqueue("q", 1);
  worker.join();
  EXPECT_THAT(won, SizeIs(1));
}

TEST_F(ClaimTest, CancelledWaitHoldsNothing) {
  grpc::ClientContext context;
  authenticate(context, "admin");
  request_.mutable_wait()->set_seconds(30);
  grpc::Status status;
  std::thread worker([&] { status = queue_->Claim(&context, request_, &response_); });
  context.TryCancel();
  worker.join();
  EXPECT_EQ(status.error_code(), StatusCode::CANCELLED);
  enqueue("q", 1);
  EXPECT_THAT(claim("q", 1, kPatience, "w2"), SizeIs(1));
}

TEST_F(ClaimTest, DeadlineThatPassesHoldsNothing) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", basic("admin", "secret"));
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(50));
  request_.mutable_wait()->set_seconds(30);
  EXPECT_EQ(queue_->Claim(&context, request_, &response_).error_code(), StatusCode::DEADLINE_EXCEEDED);
  enqueue("q", 1);
  EXPECT_THAT(claim("q", 1, kPatience, "w2"), SizeIs(1));
}

TEST_F(ClaimTest, CancelledAtAnyMomentNothingIsLost) {
  enqueue("q", 4);
  for (int round = 0; round < 50; ++round) {
    grpc::ClientContext context;
    authenticate(context, "admin");
    v1::ClaimResponse response;
    std::thread worker([&] { queue_->Claim(&context, request_, &response); });
    if (round % 2 == 1) std::this_thread::yield();
    context.TryCancel();
    worker.join();
  }
  // What had left before the cancellation came is held until its lease ends; everything else is free again.
  clock_.advance(std::chrono::minutes(2));
  ASSERT_TRUE(support::await(*store_, &imapd::store::Store::expire_due, {clock_.now(), 100}));
  clock_.advance(std::chrono::minutes(10));
  ASSERT_TRUE(support::await(*store_, &imapd::store::Store::expire_due, {clock_.now(), 100}));
  std::size_t count = 0;
  while (count < 4) {
    const auto claims = claim("q", 4, kPatience, "w2");
    ASSERT_FALSE(claims.empty());
    count += claims.size();
  }
}

TEST_F(ClaimTest, LeaseIsWithinThePolicy) {
  enqueue("q", 1);
  request_.mutable_lease()->set_seconds(25 * 3600);
  EXPECT_THAT(send().fields, ElementsAre("lease"));
  request_.mutable_lease()->set_seconds(10);
  ASSERT_TRUE(send().status.ok());
  ASSERT_EQ(response_.claims_size(), 1);
  const std::int64_t now_ms = clock_.now().time_since_epoch().count();
  EXPECT_EQ(TimeUtil::TimestampToMilliseconds(response_.claims(0).deadline()) - now_ms, 10'000);
}

TEST_F(ClaimTest, WrongFieldsAreNamed) {
  request_.set_worker_id("");
  request_.set_count_max(1'001);
  request_.mutable_wait()->set_seconds(61);
  const Answer refused = send();
  EXPECT_EQ(refused.status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(refused.fields, ElementsAre("worker_id", "count_max", "wait"));
  request_.Clear();
  request_.set_queue("a//b");
  request_.set_worker_id(std::string(129, 'w'));
  request_.mutable_wait()->set_nanos(1'000'000'000);
  EXPECT_THAT(send().fields, ElementsAre("queue", "worker_id", "wait"));
}

TEST_F(ClaimTest, RightToWriteIsNeeded) {
  enqueue("q", 1);
  EXPECT_EQ(send("alice").reason, "QUEUE_NOT_FOUND");
  grant("q", "alice", "lri");
  EXPECT_EQ(send("alice").reason, "NO_RIGHT");
  grant("q", "alice", "lrw");
  EXPECT_TRUE(send("alice").status.ok());
  EXPECT_EQ(response_.claims_size(), 1);
}

TEST_F(ClaimTest, RawIsSentOnRequest) {
  enqueue("q", 1);
  request_.set_include_raw(true);
  ASSERT_TRUE(send().status.ok());
  ASSERT_EQ(response_.claims_size(), 1);
  EXPECT_THAT(response_.claims(0).message().raw(), testing::HasSubstr("\r\n\r\nbody 0"));
}

TEST_F(ClaimTest, MessageThatCameAsMailIsDecoded) {
  imapd::store::Append append;
  append.mailbox = queues_->find_queue("q")->id;
  append.messages.emplace_back().body = "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nX-Odd: \xff\r\n"
                                     "Content-Type: text/plain; charset=utf-8\r\n"
                                         "Content-Transfer-Encoding: base64\r\n\r\naGFsbG8=\r\n";
  ASSERT_TRUE(support::await(*store_, &imapd::store::Store::append, std::move(append)));
  const auto claims = claim("q");
  ASSERT_THAT(claims, SizeIs(1));
  const v1::Message& message = claims[0].message().message();
  EXPECT_EQ(message.attributes().at("header.subject"), "Grüße");
  EXPECT_EQ(message.body(), "hallo");
  EXPECT_THAT(message.content_type(), testing::StartsWith("text/plain"));
}

TEST_F(ClaimTest, AnswerStaysWithinWhatClientsTake) {
  v1::EnqueueRequest enqueue_request;
  enqueue_request.set_queue("q");
  for (int i = 0; i < 10; ++i) enqueue_request.add_messages()->set_body(std::string(1024 * 1024, 'x'));
  for (int i = 0; i < 100; ++i) enqueue_request.add_messages()->set_body("small");
  ASSERT_TRUE(call(*queue_, &QueueStub::Enqueue, enqueue_request).status.ok());
  std::set<std::uint64_t> won;
  while (won.size() < 110) {
    const auto claims = claim("q", 1'000, kPatience);
    ASSERT_FALSE(claims.empty());
    for (const v1::Claim& claim : claims) EXPECT_TRUE(won.insert(claim.message().serial()).second);
  }
}

TEST_F(ClaimTest, WorkersNeverGetTheSameMessage) {
  constexpr int kMessages = 1'000;
  enqueue("q", kMessages);
  std::mutex mutex;
  std::multiset<std::uint64_t> won;
  std::vector<std::thread> workers;
  for (int w = 0; w < 6; ++w) {
    workers.emplace_back([&, w] {
      for (;;) {
        const auto claims = claim("q", static_cast<std::uint32_t>(1 + w % 3 * 5), {}, "w" + std::to_string(w));
        if (claims.empty()) return;
        const std::lock_guard lock(mutex);
        for (const v1::Claim& claim : claims) won.insert(claim.message().serial());
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_THAT(won, SizeIs(kMessages));
  EXPECT_THAT(std::set<std::uint64_t>(won.begin(), won.end()), SizeIs(kMessages));
}

}  // namespace
}  // namespace rpc_test

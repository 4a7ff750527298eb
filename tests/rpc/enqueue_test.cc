#include "tests/rpc/rpc_fixture.h"

namespace rpc_test {
namespace {

class EnqueueTest : public RpcTest {
 protected:
  EnqueueTest() {
    create_queue("orders");
    request_.set_queue("orders");
  }
  Answer send(const std::string& user = "admin") { return call(*queue_, &QueueStub::Enqueue, request_, response_, user); }
  v1::EnqueueRequest request_;
  v1::EnqueueResponse response_;
};

TEST_F(EnqueueTest, MessageComesBackAsItWasSent) {
  v1::Message& message = *request_.add_messages();
  (*message.mutable_attributes())["shop"] = "Zürich; \"main\"";
  message.set_content_type("application/json");
  message.set_body(std::string("{\"a\":\0\xff\r}", 9));
  message.set_key("order-1");
  message.set_group("g");
  message.set_priority(9);
  ASSERT_TRUE(send().status.ok());
  ASSERT_EQ(response_.serials_size(), 1);
  const auto claims = claim("orders");
  ASSERT_THAT(claims, SizeIs(1));
  const v1::QueuedMessage& got = claims[0].message();
  EXPECT_EQ(got.serial(), response_.serials(0));
  EXPECT_EQ(got.message().body(), message.body());
  EXPECT_EQ(got.message().content_type(), "application/json");
  EXPECT_EQ(got.message().attributes().at("shop"), "Zürich; \"main\"");
  EXPECT_EQ(got.message().key(), "order-1");
  EXPECT_EQ(got.message().group(), "g");
  EXPECT_EQ(got.message().priority(), 9u);
  EXPECT_EQ(got.state(), v1::MESSAGE_STATE_CLAIMED);
  EXPECT_EQ(got.holder(), "w1");
  EXPECT_EQ(got.deliveries(), 1u);
  EXPECT_EQ(claims[0].token(), got.mod_seq());
  EXPECT_EQ(claims[0].deadline().seconds(), got.lease_deadline().seconds());
}

TEST_F(EnqueueTest, DelayedMessageIsScheduled) {
  request_.add_messages()->mutable_delay()->set_seconds(60);
  ASSERT_TRUE(send().status.ok());
  EXPECT_THAT(claim("orders"), IsEmpty());
  v1::PeekRequest peek;
  peek.set_queue("orders");
  v1::PeekResponse peeked;
  ASSERT_TRUE(call(*queue_, &QueueStub::Peek, peek, peeked).status.ok());
  ASSERT_EQ(peeked.messages_size(), 1);
  EXPECT_EQ(peeked.messages(0).state(), v1::MESSAGE_STATE_SCHEDULED);
  EXPECT_TRUE(peeked.messages(0).message().has_due_time());
  EXPECT_EQ(peeked.messages(0).holder(), "");
}

TEST_F(EnqueueTest, UnknownQueueIsNotFound) {
  request_.set_queue("nowhere");
  request_.add_messages();
  const Answer refused = send();
  EXPECT_EQ(refused.status.error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(refused.reason, "QUEUE_NOT_FOUND");
}

TEST_F(EnqueueTest, QueueThatMayNotBeSeenIsNotFound) {
  request_.add_messages();
  EXPECT_EQ(send("alice").reason, "QUEUE_NOT_FOUND");
  grant("orders", "alice", "lr");
  EXPECT_EQ(send("alice").reason, "NO_RIGHT");
  grant("orders", "alice", "li");
  EXPECT_TRUE(send("alice").status.ok());
}

TEST_F(EnqueueTest, QueueThatMayNotBeSeenAnswersLikeOneThatIsNotThere) {
  request_.add_messages();
  std::string hidden = send("alice").status.error_message();
  request_.set_queue("others");
  std::string missing = send("alice").status.error_message();
  ASSERT_NE(hidden.find("orders"), std::string::npos);
  hidden.replace(hidden.find("orders"), 6, "others");
  EXPECT_EQ(hidden, missing);
}

TEST_F(EnqueueTest, EveryWrongFieldIsNamed) {
  v1::Message& message = *request_.add_messages();
  (*message.mutable_attributes())["no spaces"] = "x";
  (*message.mutable_attributes())["long"] = std::string(8 * 1024 + 1, 'x');
  message.set_content_type("text/plain\r\nX: y");
  message.set_key(std::string(257, 'k'));
  message.set_group(std::string(257, 'g'));
  message.set_priority(10);
  message.mutable_delay()->set_seconds(-1);
  message.mutable_due_time()->set_nanos(-1);
  const Answer refused = send();
  EXPECT_EQ(refused.status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(refused.reason, "INVALID_FIELD");
  for (const char* field : {"attributes", "content_type", "key", "group", "priority", "delay", "due_time"}) {
    EXPECT_THAT(refused.fields, Contains(std::string("messages[0].") + field));
  }
}

TEST_F(EnqueueTest, NoMessagesAndTooManyAreRefused) {
  EXPECT_THAT(send().fields, ElementsAre("messages"));
  for (int i = 0; i < 10'001; ++i) request_.add_messages();
  EXPECT_THAT(send().fields, ElementsAre("messages"));
  request_.mutable_messages()->RemoveLast();
  EXPECT_TRUE(send().status.ok());
  EXPECT_EQ(response_.serials_size(), 10'000);
}

TEST_F(EnqueueTest, BodyOverTheLimitIsRefused) {
  request_.add_messages()->set_body(std::string(64 * 1024 * 1024 + 1, 'x'));
  const Answer refused = send();
  EXPECT_EQ(refused.status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refused.reason, "MESSAGE_TOO_LARGE");
}

TEST_F(EnqueueTest, FullQueueRefusesTheWholeBatch) {
  v1::UpdateQueueRequest update;
  update.set_name("orders");
  update.mutable_policy()->set_messages_max(2);
  ASSERT_TRUE(call(*admin_, &AdminStub::UpdateQueue, update).status.ok());
  for (int i = 0; i < 3; ++i) request_.add_messages();
  const Answer refused = send();
  EXPECT_EQ(refused.status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refused.reason, "QUEUE_FULL");
  EXPECT_THAT(claim("orders"), IsEmpty());
}

TEST_F(EnqueueTest, PausedQueueRefuses) {
  v1::UpdateQueueRequest update;
  update.set_name("orders");
  update.mutable_policy()->set_enqueue_paused(true);
  ASSERT_TRUE(call(*admin_, &AdminStub::UpdateQueue, update).status.ok());
  request_.add_messages();
  const Answer refused = send();
  EXPECT_EQ(refused.status.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(refused.reason, "QUEUE_PAUSED");
}

}  // namespace
}  // namespace rpc_test

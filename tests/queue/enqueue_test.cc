#include "imapd/base/limits.h"
#include "tests/queue/queue_fixture.h"

namespace broker::queue {
namespace {

namespace limits = imapd::limits;

class EnqueueTest : public QueueTest {
 protected:
  EnqueueTest() { create(); }
  std::optional<Code> refusal(OutgoingMessage outgoing) {
    std::vector<OutgoingMessage> batch;
    batch.push_back(std::move(outgoing));
    return refusal_of(std::move(batch));
  }
  std::optional<Code> refusal_of(std::vector<OutgoingMessage> batch, const std::string& queue = "q") {
    auto sent = await(*queues_, &Queues::enqueue, Enqueue{queue, std::move(batch), worker("ann", "s")});
    return sent ? std::optional<Code>() : sent.error().code;
  }
  OutgoingMessage outgoing_ = message("x");
};

TEST_F(EnqueueTest, AMessageComesBackAsItWasSent) {
  outgoing_.attributes = {{"color", "blue; \"x\""}, {"trace-id", "a\r\nBcc: eve"}, {"umlaut", "Größe"}};
  outgoing_.content_type = "application/json";
  outgoing_.body = std::string("{\"a\":\0 1}\n", 10);
  outgoing_.key = "k1";
  outgoing_.group = "g1";
  outgoing_.priority = 7;
  const OutgoingMessage sent = outgoing_;
  send(std::move(outgoing_));
  const MessageState claimed = claim_one();
  const auto loaded = queues_->load(claimed);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->content.attributes, sent.attributes);
  EXPECT_EQ(loaded->content.content_type, sent.content_type);
  EXPECT_EQ(loaded->content.body, sent.body);
  EXPECT_EQ(loaded->content.key, "k1");
  EXPECT_EQ(loaded->content.group, "g1");
  EXPECT_EQ(loaded->content.priority, 7);
  EXPECT_EQ(claimed.key, "k1");
  EXPECT_EQ(claimed.group, "g1");
  EXPECT_EQ(claimed.priority, 7u);
  EXPECT_EQ(queues_->load_raw(claimed)->size(), claimed.size());
}

TEST_F(EnqueueTest, EachMessageHasAMessageIdOfItsOwn) {
  send("a");
  send("b");
  const auto claimed = claim(2);
  EXPECT_NE(queues_->load(claimed[0])->content.message_id, queues_->load(claimed[1])->content.message_id);
}

TEST_F(EnqueueTest, ABatchIsAllOrNothingAndInOrder) {
  std::vector<OutgoingMessage> batch;
  for (const char* body : {"1", "2", "3"}) batch.push_back(message(body));
  const auto sent = await(*queues_, &Queues::enqueue, Enqueue{"q", batch, worker("ann", "s")});
  ASSERT_TRUE(sent);
  ASSERT_EQ(sent->serials.size(), 3u);
  EXPECT_LT(sent->serials[0], sent->serials[1]);
  batch[1].priority = 10;
  EXPECT_EQ(refusal_of(batch), Code::kInvalidArgument);
  EXPECT_EQ(info().counters.messages, 3u);
}

TEST_F(EnqueueTest, AttributesAreBounded) {
  for (std::size_t i = 0; i < limits::kAttributesMax; ++i) outgoing_.attributes["a" + std::to_string(i)] = "v";
  EXPECT_EQ(refusal(outgoing_), std::nullopt);
  outgoing_.attributes["one-more"] = "v";
  EXPECT_EQ(refusal(outgoing_), Code::kInvalidArgument);
  outgoing_.attributes = {{"a", std::string(limits::kAttributeValueBytesMax, 'v')}};
  EXPECT_EQ(refusal(outgoing_), std::nullopt);
  outgoing_.attributes["a"] += "v";
  EXPECT_EQ(refusal(outgoing_), Code::kInvalidArgument);
}

TEST_F(EnqueueTest, AttributeNamesAreTokens) {
  for (const std::string& name : {std::string(), std::string("-a"), std::string("a b"), std::string("ä"), std::string("a:"),
                                  std::string("a\r\n"), std::string(limits::kAttributeNameBytesMax + 1, 'a')}) {
    outgoing_.attributes = {{name, "v"}};
    EXPECT_EQ(refusal(outgoing_), Code::kInvalidArgument) << name;
  }
  outgoing_.attributes = {{std::string(limits::kAttributeNameBytesMax, 'a'), "v"}, {"A.b_c-9", "v"}};
  EXPECT_EQ(refusal(outgoing_), std::nullopt);
}

TEST_F(EnqueueTest, FieldsAreBounded) {
  outgoing_.priority = -1;
  EXPECT_EQ(refusal(outgoing_), Code::kInvalidArgument);
  outgoing_.priority = 9;
  outgoing_.content_type = "text/plain\r\nBcc: eve";
  EXPECT_EQ(refusal(outgoing_), Code::kInvalidArgument);
  outgoing_.content_type.clear();
  outgoing_.key = std::string(limits::kKeyBytesMax + 1, 'k');
  EXPECT_EQ(refusal(outgoing_), Code::kInvalidArgument);
  outgoing_.key.pop_back();
  outgoing_.group = std::string(limits::kKeyBytesMax + 1, 'g');
  EXPECT_EQ(refusal(outgoing_), Code::kInvalidArgument);
  outgoing_.group.pop_back();
  EXPECT_EQ(refusal(outgoing_), std::nullopt);
}

TEST_F(EnqueueTest, TimesAreBoundedAndExclusive) {
  outgoing_.delay = Millis(1);
  outgoing_.due = clock_.now();
  EXPECT_EQ(refusal(outgoing_), Code::kInvalidArgument);
  outgoing_.delay.reset();
  outgoing_.due = clock_.now() + limits::kDelayMax + Millis(1);
  EXPECT_EQ(refusal(outgoing_), Code::kInvalidArgument);
  outgoing_.due = clock_.now() + limits::kDelayMax;
  EXPECT_EQ(refusal(outgoing_), std::nullopt);
  outgoing_.due.reset();
  outgoing_.delay = Millis(-1);
  EXPECT_EQ(refusal(outgoing_), Code::kInvalidArgument);
}

TEST_F(EnqueueTest, ABodyOverTheLimitIsResourceExhausted) {
  outgoing_.body = std::string(limits::kMessageBytesMax, 'x');
  EXPECT_EQ(refusal(outgoing_), Code::kResourceExhausted);
}

TEST_F(EnqueueTest, ABatchOfNoneOrTooManyIsRefused) {
  EXPECT_EQ(refusal_of({}), Code::kInvalidArgument);
  EXPECT_EQ(refusal_of(std::vector<OutgoingMessage>(limits::kEnqueueBatchMax + 1)), Code::kInvalidArgument);
}

TEST_F(EnqueueTest, UnknownQueueAndDeadLettersAreRefused) {
  EXPECT_EQ(refusal_of({outgoing_}, "none"), Code::kNotFound);
  EXPECT_EQ(refusal_of({outgoing_}, "q/Dead"), Code::kFailedPrecondition);
}

TEST_F(EnqueueTest, PausedQueueRefusesAndFullQueueIsExhausted) {
  Policy policy;
  policy.enqueue_paused = true;
  ASSERT_TRUE(await(*queues_, &Queues::update_queue, UpdateQueue{"q", policy}));
  EXPECT_EQ(refusal(outgoing_), Code::kFailedPrecondition);
  policy.enqueue_paused = false;
  policy.messages_max = 2;
  ASSERT_TRUE(await(*queues_, &Queues::update_queue, UpdateQueue{"q", policy}));
  EXPECT_EQ(refusal_of({outgoing_, outgoing_, outgoing_}), Code::kResourceExhausted);
  EXPECT_EQ(refusal_of({outgoing_, outgoing_}), std::nullopt);
  EXPECT_EQ(refusal(outgoing_), Code::kResourceExhausted);
}

TEST_F(EnqueueTest, AScheduledMessageIsReadyWhenItsTimeComesAndNotBefore) {
  outgoing_.delay = Millis(10'000);
  const Serial serial = send(outgoing_);
  EXPECT_EQ(info().counters.scheduled, 1u);
  EXPECT_EQ(info().counters.ready, 0u);
  EXPECT_TRUE(claim().empty());
  advance(Millis(9'999));
  EXPECT_TRUE(claim().empty());
  EXPECT_TRUE(get(serial).flags.contains_keyword("$Scheduled"));
  const SweepOutcome swept = advance(Millis(1));
  EXPECT_EQ(swept.became_ready, 1u);
  const MessageState claimed = claim_one();
  EXPECT_EQ(claimed.serial, serial);
  EXPECT_EQ(claimed.failures, 0u);
  EXPECT_EQ(claimed.deliveries, 1u);
  EXPECT_FALSE(claimed.flags.contains_keyword("$Scheduled"));
}

TEST_F(EnqueueTest, ADueTimeInThePastIsReadyAtOnce) {
  outgoing_.due = clock_.now() - Millis(1);
  send(outgoing_);
  EXPECT_EQ(claim().size(), 1u);
}

TEST_F(EnqueueTest, HigherPriorityIsClaimedFirstThenAge) {
  for (const int priority : {4, 9, 0, 4, 9}) {
    OutgoingMessage outgoing = message(std::to_string(priority));
    outgoing.priority = priority;
    send(outgoing);
  }
  std::string order;
  std::vector<Serial> serials;
  for (const MessageState& claimed : claim(5)) {
    order += body(claimed);
    serials.push_back(claimed.serial);
  }
  EXPECT_EQ(order, "99440");
  EXPECT_LT(serials[0], serials[1]);
  EXPECT_LT(serials[2], serials[3]);
}

}  // namespace
}  // namespace broker::queue

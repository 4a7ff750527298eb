#include "imapd/base/limits.h"
#include "tests/queue/queue_fixture.h"

namespace broker::queue {
namespace {

class BrowseTest : public QueueTest {
 protected:
  BrowseTest() { create(); }
};

TEST_F(BrowseTest, PeekClaimsNothing) {
  send("a");
  EXPECT_EQ(peek().size(), 1u);
  EXPECT_TRUE(peek()[0].ready());
  EXPECT_EQ(peek()[0].deliveries, 0u);
}

TEST_F(BrowseTest, PeekTellsStatesApart) {
  send("a");
  send("b");
  OutgoingMessage later = message("c");
  later.delay = Millis(1'000);
  send(later);
  claim_one();
  EXPECT_EQ(peek("q", Peek::Which::kAny).size(), 3u);
  EXPECT_EQ(body(peek("q", Peek::Which::kClaimed).at(0)), "a");
  EXPECT_EQ(body(peek("q", Peek::Which::kReady).at(0)), "b");
  EXPECT_EQ(body(peek("q", Peek::Which::kScheduled).at(0)), "c");
}

TEST_F(BrowseTest, PagesFollowOneAnotherWithoutGapOrOverlap) {
  std::vector<Serial> sent;
  for (int i = 0; i < 7; ++i) sent.push_back(send(std::to_string(i)));
  Peek request;
  request.queue = "q";
  request.count_max = 3;
  std::vector<Serial> seen;
  std::vector<std::size_t> pages;
  do {
    const auto page = queues_->peek(request);
    ASSERT_TRUE(page);
    for (const MessageState& message : page->messages) seen.push_back(message.serial);
    pages.push_back(page->messages.size());
    request.page = page->next;
  } while (request.page);
  EXPECT_EQ(seen, sent);
  EXPECT_EQ(pages, (std::vector<std::size_t>{3, 3, 1}));
}

TEST_F(BrowseTest, AFullLastPageHasNoNext) {
  for (int i = 0; i < 3; ++i) send("x");
  Peek request;
  request.queue = "q";
  request.count_max = 3;
  EXPECT_FALSE(queues_->peek(request)->next);
}

TEST_F(BrowseTest, APageOfAnEarlierNumberingIsRefused) {
  Peek request;
  request.queue = "q";
  request.page = Peek::Page{imapd::UidValidity(1), imapd::Uid(1)};
  EXPECT_EQ(queues_->peek(request).error().code, Code::kInvalidArgument);
}

TEST_F(BrowseTest, PeekIsBounded) {
  Peek request;
  request.queue = "q";
  request.count_max = 0;
  EXPECT_FALSE(queues_->peek(request));
  request.count_max = imapd::limits::kPeekBatchMax;
  EXPECT_TRUE(queues_->peek(request));
  request.count_max = imapd::limits::kPeekBatchMax + 1;
  EXPECT_FALSE(queues_->peek(request));
}

TEST_F(BrowseTest, AScanForAFewAmongManyIsCutIntoPages) {
  std::vector<OutgoingMessage> batch(imapd::limits::kPeekScanMax, message("x"));
  ASSERT_TRUE(await(*queues_, &Queues::enqueue, Enqueue{"q", batch, worker("ann", "s")}));
  OutgoingMessage later = message("c");
  later.delay = Millis(1'000);
  send(later);
  Peek request;
  request.queue = "q";
  request.which = Peek::Which::kScheduled;
  auto page = queues_->peek(request);
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->messages.empty());
  ASSERT_TRUE(page->next);
  request.page = page->next;
  page = queues_->peek(request);
  EXPECT_EQ(page->messages.size(), 1u);
  EXPECT_FALSE(page->next);
}

TEST_F(BrowseTest, GetNamesBySerial) {
  const Serial serial = send("a");
  EXPECT_EQ(body(get(serial)), "a");
  EXPECT_EQ(queues_->get("q", Serial(serial.value() + 1)).error().code, Code::kNotFound);
  EXPECT_EQ(queues_->get("none", serial).error().code, Code::kNotFound);
}

TEST_F(BrowseTest, AnAppendedMailReachesAWorkerWithItsHeaders) {
  imapd::store::Append append;
  append.mailbox = info().id;
  append.messages.emplace_back();
  append.messages[0].body = "Subject: Hi\r\nX-Tag: 7\r\n\r\nbody\r\n";
  append.actor = Actor{Door::kImap, "ann", "s1", Actor::Rank::kUser};
  ASSERT_TRUE(await(*store_, &imapd::store::Store::append, append));
  const auto loaded = queues_->load(claim_one());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->content.attributes.at("header.subject"), "Hi");
  EXPECT_EQ(loaded->content.attributes.at("header.x-tag"), "7");
  EXPECT_EQ(loaded->content.body, "body\r\n");
}

}  // namespace
}  // namespace broker::queue

#include <gmock/gmock.h>

#include "imapd/base/limits.h"
#include "tests/queue/queue_fixture.h"

namespace broker::queue {
namespace {

using testing::HasSubstr;

class PurgeTest : public QueueTest {
 protected:
  PurgeTest() { create(); }
  // All pages, added up.
  PurgeOutcome purge(const std::string& search, const std::string& queue = "q") {
    Purge request{queue, search, {}};
    PurgeOutcome all;
    do {
      const auto step = await(*queues_, &Queues::purge, Purge(request));
      EXPECT_TRUE(step) << step.error().message;
      if (!step) return all;
      all.examined += step->examined;
      all.removed += step->removed;
      all.held += step->held;
      request.page = step->next;
    } while (request.page);
    return all;
  }
  RedriveOutcome redrive(Redrive request) {
    RedriveOutcome all;
    do {
      const auto step = await(*queues_, &Queues::redrive, Redrive(request));
      EXPECT_TRUE(step) << step.error().message;
      if (!step) return all;
      all.examined += step->examined;
      all.moved += step->moved;
      all.held += step->held;
      all.homeless += step->homeless;
      all.refused += step->refused;
      if (step->refused > 0) all.refusal = step->refusal;
      request.page = step->next;
    } while (request.page);
    return all;
  }
  imapd::Error refused(const std::string& search) {
    Peek request;
    request.queue = "q";
    request.search = search;
    const auto found = queues_->peek(request);
    EXPECT_FALSE(found) << search;
    return found ? imapd::Error{} : found.error();
  }
  void fail_in(const std::string& queue) {
    Settlement item = settlement(claim_one("w1", queue), Settlement::Kind::kFail);
    settle(std::move(item), worker("ann", "w1"), queue);
  }
  // Sends it and lets it die there.
  void kill(const std::string& text, const std::string& queue = "q") {
    send(message(text), queue);
    settle(claim_one("w1", queue), Settlement::Kind::kReject, queue);
  }
};

TEST_F(PurgeTest, SearchFindsByHeaderBodyFlagSizeAndUid) {
  OutgoingMessage order = message("an order");
  order.attributes["kind"] = "order";
  order.key = "order-17";
  send(order);
  send("an invoice");
  const auto found = [this](const std::string& search) {
    Peek request;
    request.queue = "q";
    request.search = search;
    const auto page = queues_->peek(request);
    std::vector<std::string> bodies;
    for (const MessageState& each : page->messages) bodies.push_back(body(each));
    return bodies;
  };
  using testing::ElementsAre;
  EXPECT_THAT(found("HEADER Claimq-Attribute \"kind; value=\\\"order\\\"\""), ElementsAre("an order"));
  EXPECT_THAT(found("HEADER Claimq-Key order-17"), ElementsAre("an order"));
  EXPECT_THAT(found("BODY invoice"), ElementsAre("an invoice"));
  EXPECT_THAT(found("NOT BODY invoice UID 1:*"), ElementsAre("an order"));
  EXPECT_THAT(found("UNKEYWORD \\Claimed"), ElementsAre("an order", "an invoice"));
  claim_one();
  EXPECT_THAT(found("KEYWORD $Claimed"), ElementsAre("an order"));
  EXPECT_THAT(found("LARGER 100000"), ElementsAre());
}

TEST_F(PurgeTest, ABadSearchSaysWhatIsWrong) {
  EXPECT_THAT(refused("FOO").message, HasSubstr("FOO"));
  for (const char* text : {"RECENT", "NEW", "1:3", "OR SEEN (NOT 5)", "$", "UID $", "FILTER x", "(", "SUBJECT", "ALL "}) {
    EXPECT_EQ(refused(text).code, Code::kInvalidArgument) << text;
  }
}

TEST_F(PurgeTest, PurgeRemovesWhatIsFoundAndNobodyHolds) {
  for (const char* text : {"a1", "a2", "b1", "a3"}) send(text);
  OutgoingMessage later = message("a4");
  later.delay = Millis(1'000);
  send(later);
  const MessageState held = claim_one();
  const PurgeOutcome purged = purge("BODY a");
  EXPECT_EQ(purged.examined, 5u);
  EXPECT_EQ(purged.removed, 3u);
  EXPECT_EQ(purged.held, 1u);
  ASSERT_EQ(peek().size(), 2u);
  EXPECT_EQ(info().counters.messages, 2u);
  // Who holds it goes on as if nothing had been.
  EXPECT_EQ(settle(held, Settlement::Kind::kAck).result, SettleOutcome::Result::kSettled);
  EXPECT_EQ(body(peek().at(0)), "b1");
}

TEST_F(PurgeTest, PurgeGoesOnOverManyPages) {
  Enqueue request;
  request.queue = "q";
  for (std::size_t i = 0; i < 2 * imapd::limits::kPeekBatchMax + 1; ++i) request.messages.push_back(message("x"));
  request.actor = worker("ann", "sender");
  ASSERT_TRUE(await(*queues_, &Queues::enqueue, std::move(request)));
  EXPECT_EQ(purge("").removed, 2 * imapd::limits::kPeekBatchMax + 1);
  EXPECT_EQ(info().counters.messages, 0u);
  EXPECT_EQ(info().counters.ready, 0u);
}

TEST_F(PurgeTest, RedriveTakesEachHome) {
  Policy shared;
  shared.dead_letters = "morgue";
  create("morgue");
  create("r", shared);
  create("s", shared);
  kill("from r", "r");
  kill("from s", "s");
  kill("r again", "r");
  const RedriveOutcome redriven = redrive({.queue = "morgue", .search = "", .to = "", .page = {}, .door = {}});
  EXPECT_EQ(redriven.moved, 3u);
  EXPECT_EQ(peek("r").size(), 2u);
  ASSERT_EQ(peek("s").size(), 1u);
  const MessageState again = claim_one("w1", "s");
  EXPECT_EQ(again.deliveries, 1u);
  EXPECT_EQ(again.failures, 0u);
  EXPECT_EQ(body(again), "from s");
}

TEST_F(PurgeTest, RedriveOfWhatTheSearchFindsToAnotherQueue) {
  create("other");
  kill("good");
  kill("bad");
  EXPECT_EQ(redrive({.queue = "q/Dead", .search = "BODY good", .to = "other", .page = {}, .door = {}}).moved, 1u);
  EXPECT_EQ(body(peek("other").at(0)), "good");
  EXPECT_EQ(body(peek("q/Dead").at(0)), "bad");
}

TEST_F(PurgeTest, RedriveLeavesWhatIsHeldAndWhatHasNoHome) {
  Policy away;
  away.dead_letters = "morgue";
  create("morgue");
  create("gone", away);
  create("here", away);
  kill("lost", "gone");
  kill("held", "here");
  kill("home", "here");
  DeleteQueue remove{"gone", DeleteQueue::Mode::kForce};
  ASSERT_TRUE(await(*queues_, &Queues::delete_queue, std::move(remove)));
  // "lost" came first.
  claim(2, "w2", "morgue");
  const auto claimed = peek("morgue", Peek::Which::kClaimed);
  ASSERT_EQ(claimed.size(), 2u);
  settle(settlement(claimed[0], Settlement::Kind::kRelease), worker("ann", "w2"), "morgue");
  const RedriveOutcome redriven = redrive({.queue = "morgue", .search = "", .to = "", .page = {}, .door = {}});
  EXPECT_EQ(redriven.homeless, 1u);
  EXPECT_EQ(redriven.held, 1u);
  EXPECT_EQ(redriven.moved, 1u);
}

TEST_F(PurgeTest, RedriveIsRefusedWhereTheTargetRefuses) {
  kill("a");
  Redrive request{.queue = "q/Dead", .search = "", .to = "nowhere", .page = {}, .door = {}};
  EXPECT_EQ(await(*queues_, &Queues::redrive, Redrive(request)).error().code, Code::kNotFound);
  request.to.clear();
  request.door = [](const MailboxInfo&) -> std::optional<Result<imapd::store::FlagKinds>> {
    return imapd::make_error(Code::kPermissionDenied, "no right");
  };
  EXPECT_EQ(redrive(request).refusal, "no right");
  request.door = [](const MailboxInfo&) -> std::optional<Result<imapd::store::FlagKinds>> { return std::nullopt; };
  EXPECT_EQ(redrive(request).homeless, 1u);
  request.door = {};
  Policy paused;
  paused.enqueue_paused = true;
  ASSERT_TRUE(await(*queues_, &Queues::update_queue, UpdateQueue{"q", paused}));
  EXPECT_EQ(redrive(request).refused, 1u);
  EXPECT_THAT(redrive(request).refusal, HasSubstr("paused"));
  EXPECT_EQ(peek("q/Dead").size(), 1u);
}

TEST_F(PurgeTest, OneHomeThatIsFullDoesNotHoldUpTheOthers) {
  Policy full;
  full.dead_letters = "morgue";
  full.messages_max = 1;
  Policy roomy;
  roomy.dead_letters = "morgue";
  create("morgue");
  create("full", full);
  create("roomy", roomy);
  kill("a", "full");
  kill("b", "roomy");
  send(message("takes the place"), "full");
  const RedriveOutcome redriven = redrive({.queue = "morgue", .search = "", .to = "", .page = {}, .door = {}});
  EXPECT_EQ(redriven.moved, 1u);
  EXPECT_EQ(redriven.refused, 1u);
  EXPECT_EQ(body(peek("roomy").at(0)), "b");
  EXPECT_EQ(body(peek("morgue").at(0)), "a");
}

// What dies again while a redrive goes on is not brought back a second time by it.
TEST_F(PurgeTest, WhatComesMeanwhileIsLeftAlone) {
  for (std::size_t i = 0; i < imapd::limits::kPeekBatchMax; ++i) send("early");
  send("last");
  const auto first = await(*queues_, &Queues::purge, Purge{"q", "", {}});
  ASSERT_TRUE(first && first->next);
  send("late");
  const auto second = await(*queues_, &Queues::purge, Purge{"q", "", first->next});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->removed, 1u);
  EXPECT_FALSE(second->next);
  EXPECT_EQ(body(peek().at(0)), "late");
}

TEST_F(PurgeTest, SearchesOfManyBodiesAreBounded) {
  std::string keys = "ALL";
  for (int i = 0; i < 16; ++i) keys += " BODY x";
  EXPECT_TRUE(Queues::validate_search(keys));
  EXPECT_FALSE(Queues::validate_search("(" + keys + ") TEXT y"));
}

// 16 keys read each message 16 times: so a page ends after some 4 MiB of them.
TEST_F(PurgeTest, APageEndsWhenMuchWasRead) {
  const std::string large(1024 * 1024, 'x');
  for (int i = 0; i < 6; ++i) send(large);
  std::string keys = "NOT BODY y";
  for (int i = 1; i < 16; ++i) keys += " NOT BODY y";
  Peek request;
  request.queue = "q";
  request.search = keys;
  const auto page = queues_->peek(request);
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->next);
  EXPECT_LT(page->messages.size(), 6u);
  EXPECT_GE(page->messages.size(), 1u);
}

TEST_F(PurgeTest, AScheduledDeadLetterGoesHomeToo) {
  kill("a");
  fail_in("q/Dead");
  ASSERT_EQ(peek("q/Dead", Peek::Which::kScheduled).size(), 1u);
  EXPECT_EQ(redrive({.queue = "q/Dead", .search = "", .to = "", .page = {}, .door = {}}).moved, 1u);
  EXPECT_EQ(peek("q", Peek::Which::kReady).size(), 1u);
}

TEST_F(PurgeTest, RestartFindsAPurgedQueueEmpty) {
  for (int i = 0; i < 5; ++i) send("x");
  purge("");
  reopen();
  EXPECT_TRUE(peek().empty());
  send("y");
  EXPECT_EQ(body(claim_one()), "y");
}

}  // namespace
}  // namespace broker::queue

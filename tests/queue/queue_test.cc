#include "broker/queue/queue.h"

#include "tests/queue/queue_fixture.h"

namespace broker::queue {
namespace {

using imapd::store::MailboxKind;

TEST_F(QueueTest, CreateMakesTheQueueAndItsMarkedDeadLetters) {
  Policy policy;
  policy.messages_max = 5;
  policy.claim_paused = true;
  const MailboxInfo queue = create("a/q", policy);
  EXPECT_EQ(queue.path.name, "a/q");
  EXPECT_EQ(queue.kind, MailboxKind::kQueue);
  EXPECT_EQ(queue.policy, policy);
  const MailboxInfo dead = info("a/q/Dead");
  EXPECT_EQ(dead.kind, MailboxKind::kDeadLetters);
  EXPECT_EQ(dead.special_use, "\\Junk");
  EXPECT_EQ(dead.policy.messages_max, 0u);
  EXPECT_FALSE(dead.policy.claim_paused);
}

TEST_F(QueueTest, CreateRefusesWhatExistsAndWhatIsInvalid) {
  create();
  EXPECT_EQ(await(*queues_, &Queues::create_queue, CreateQueue{"q", {}, {}}).error().code, Code::kAlreadyExists);
  EXPECT_EQ(await(*queues_, &Queues::create_queue, CreateQueue{"INBOX", {}, {}}).error().code, Code::kInvalidArgument);
  Policy policy;
  policy.failures_max = 0;
  EXPECT_EQ(await(*queues_, &Queues::create_queue, CreateQueue{"r", policy, {}}).error().code, Code::kInvalidArgument);
  policy = {};
  policy.dead_letters = "r";
  EXPECT_EQ(await(*queues_, &Queues::create_queue, CreateQueue{"r", policy, {}}).error().code, Code::kInvalidArgument);
}

TEST_F(QueueTest, DeadLettersMayBeSharedByQueuesButNotInACircle) {
  Policy policy;
  policy.dead_letters = "graveyard";
  create("a", policy);
  create("b", policy);
  EXPECT_EQ(info("graveyard").kind, MailboxKind::kDeadLetters);
  create("c");
  policy.dead_letters = "c";
  create("d", policy);
  policy.dead_letters = "d";
  EXPECT_EQ(await(*queues_, &Queues::update_queue, UpdateQueue{"c", policy}).error().code, Code::kInvalidArgument);
}

TEST_F(QueueTest, ALevelOfTheHierarchyIsNoQueue) {
  create("a/q");
  EXPECT_EQ(queues_->find_queue("a").error().code, Code::kNotFound);
  EXPECT_EQ(queues_->find_queue("nothing").error().code, Code::kNotFound);
}

TEST_F(QueueTest, ListNamesQueuesAndDeadLettersInOrder) {
  create("b");
  create("a/x");
  std::vector<std::string> names;
  for (const MailboxInfo& queue : queues_->list_queues()) names.push_back(queue.path.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a/x", "a/x/Dead", "b", "b/Dead"}));
  EXPECT_EQ(queues_->list_queues("b").size(), 2u);
}

TEST_F(QueueTest, DeleteTakesTheDeadLettersAlong) {
  create();
  EXPECT_TRUE(await(*queues_, &Queues::delete_queue, DeleteQueue{"q"}));
  EXPECT_TRUE(queues_->list_queues().empty());
  EXPECT_EQ(await(*queues_, &Queues::delete_queue, DeleteQueue{"q"}).error().code, Code::kNotFound);
}

TEST_F(QueueTest, DeleteOfAQueueWithMessagesNeedsForce) {
  create();
  send("x");
  EXPECT_EQ(await(*queues_, &Queues::delete_queue, DeleteQueue{"q"}).error().code, Code::kFailedPrecondition);
  EXPECT_TRUE(await(*queues_, &Queues::delete_queue, DeleteQueue{"q", DeleteQueue::Mode::kForce}));
  EXPECT_EQ(queues_->find_queue("q").error().code, Code::kNotFound);
}

TEST_F(QueueTest, DeleteOfAQueueWithDeadLettersNeedsForce) {
  create();
  send("x");
  settle(claim_one(), Settlement::Kind::kReject);
  EXPECT_EQ(await(*queues_, &Queues::delete_queue, DeleteQueue{"q"}).error().code, Code::kFailedPrecondition);
}

TEST_F(QueueTest, DeleteOfAnotherQueuesDeadLettersNeedsForce) {
  create("c");
  Policy policy;
  policy.dead_letters = "c";
  create("d", policy);
  EXPECT_EQ(await(*queues_, &Queues::delete_queue, DeleteQueue{"c"}).error().code, Code::kFailedPrecondition);
  EXPECT_TRUE(await(*queues_, &Queues::delete_queue, DeleteQueue{"d"}));
  EXPECT_TRUE(await(*queues_, &Queues::delete_queue, DeleteQueue{"c"}));
}

TEST_F(QueueTest, ARecreatedQueueIsEmptyAndHasALargerUidValidity) {
  const auto before = create().uid_validity;
  send("x");
  ASSERT_TRUE(await(*queues_, &Queues::delete_queue, DeleteQueue{"q", DeleteQueue::Mode::kForce}));
  const MailboxInfo after = create();
  EXPECT_GT(after.uid_validity, before);
  EXPECT_EQ(after.counters.messages, 0u);
  EXPECT_TRUE(claim().empty());
}

TEST_F(QueueTest, UpdateChangesThePolicyFromTheNextClaimOn) {
  create();
  send("x");
  Policy policy;
  policy.lease_default = Millis(5'000);
  ASSERT_TRUE(await(*queues_, &Queues::update_queue, UpdateQueue{"q", policy}));
  EXPECT_EQ(claim_one().claim->deadline, clock_.now() + Millis(5'000));
  policy.lease_default = Millis(1);
  EXPECT_EQ(await(*queues_, &Queues::update_queue, UpdateQueue{"q", policy}).error().code, Code::kInvalidArgument);
  EXPECT_EQ(await(*queues_, &Queues::update_queue, UpdateQueue{"none", {}}).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace broker::queue

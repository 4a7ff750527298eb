#include "tests/store/store_fixture.h"

// What happens to bodies when mailboxes are deleted. Each of these lost bodies once.
namespace imapd::store {
namespace {

class GraveTest : public StoreTest {
 protected:
  MailboxId make(const std::string& name) {
    return await(*store_, &Store::create_mailbox, CreateMailbox{{"", name}, MailboxKind::kQueue, {}, {}, ""})->id;
  }
  void fill(MailboxId mailbox, int count) {
    Append request;
    request.mailbox = mailbox;
    for (int i = 0; i < count; ++i) {
      request.messages.emplace_back();
      request.messages.back().body = "body " + std::to_string(i);
    }
    ASSERT_TRUE(await(*store_, &Store::append, request));
  }
  void transfer(MailboxId from, MailboxId to, CopyMessages::Mode mode) {
    ASSERT_TRUE(await(*store_, &Store::copy_messages, CopyMessages{from, to, UidSet::range(Uid(1), Uid(100'000)), mode, imap("a")}));
  }
  // Every burial is done when this has been answered as often as there are thousands to bury.
  void let_burials_finish() {
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(await(*store_, &Store::expire_due, ExpireDue{clock_.now()}));
  }
  int readable(MailboxId mailbox) {
    int count = 0;
    const Snapshot snapshot = store_->snapshot();
    EXPECT_TRUE(snapshot.for_each(mailbox, UidSet::range(Uid(1), Uid(100'000)), [&](const MessageState& message) {
      if (snapshot.body(message.body)) ++count;
      return true;
    }));
    return count;
  }
};

TEST_F(GraveTest, TwoMailboxesDeletedTogetherReleaseEachBodyOnce) {
  const MailboxId kept = make("kept");
  const MailboxId other = make("other");
  fill(queue_, 1'500);
  fill(other, 1'500);
  transfer(queue_, kept, CopyMessages::Mode::kCopy);
  transfer(other, kept, CopyMessages::Mode::kCopy);
  std::promise<void> first;
  store_->delete_mailbox(DeleteMailbox{{"", "orders"}}, [&](Result<void> done) {
    EXPECT_TRUE(done);
    first.set_value();
  });
  ASSERT_TRUE(await(*store_, &Store::delete_mailbox, DeleteMailbox{{"", "other"}}));
  first.get_future().get();
  let_burials_finish();
  EXPECT_EQ(readable(kept), 3'000);
}

TEST_F(GraveTest, MessagesMovedOutJustBeforeTheDeletionKeepTheirBodies) {
  const MailboxId large = make("large");
  const MailboxId target = make("target");
  fill(large, 3'500);
  fill(queue_, 20);
  // A burial that is under way takes the next grave as soon as it sees it.
  std::promise<void> last;
  store_->delete_mailbox(DeleteMailbox{{"", "large"}}, [](Result<void> done) { EXPECT_TRUE(done); });
  store_->copy_messages(CopyMessages{queue_, target, UidSet::range(Uid(1), Uid(100)), CopyMessages::Mode::kMove, imap("a")},
                        [](Result<CopyOutcome> done) { EXPECT_TRUE(done); });
  store_->delete_mailbox(DeleteMailbox{{"", "orders"}}, [&](Result<void> done) {
    EXPECT_TRUE(done);
    last.set_value();
  });
  last.get_future().get();
  let_burials_finish();
  EXPECT_EQ(readable(target), 20);
}

TEST_F(GraveTest, BurialGoesOnAfterARestart) {
  const MailboxId kept = make("kept");
  fill(queue_, 2'500);
  transfer(queue_, kept, CopyMessages::Mode::kCopy);
  ASSERT_TRUE(await(*store_, &Store::delete_mailbox, DeleteMailbox{{"", "orders"}}));
  reopen();
  let_burials_finish();
  EXPECT_EQ(readable(kept), 2'500);
}

}  // namespace
}  // namespace imapd::store

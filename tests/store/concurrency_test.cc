#include <atomic>
#include <random>
#include <thread>

#include "tests/store/store_fixture.h"
#include "tests/support/await.h"

// Many threads on one store: meant for the thread sanitizer, and for what only happens when verbs meet.
namespace imapd::store {
namespace {

class ConcurrencyTest : public StoreTest {};

TEST_F(ConcurrencyTest, EveryMessageIsEnqueuedClaimedAndAckedOnce) {
  constexpr int kProducers = 2, kWorkers = 3, kEach = 300;
  std::atomic<int> acked = 0;
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (int p = 0; p < kProducers; ++p) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        Append request;
        request.mailbox = queue_;
        request.messages.emplace_back();
        request.messages[0].body = "x";
        request.actor = imap("producer");
        ASSERT_TRUE(support::await(*store_, &Store::append, request));
      }
    });
  }
  for (int w = 0; w < kWorkers; ++w) {
    threads.emplace_back([&, w] {
      const Actor self = worker("w" + std::to_string(w));
      while (acked < kProducers * kEach) {
        const auto claimed = support::await(*store_, &Store::claim_ready, ClaimReady{queue_, 8, {}, self});
        Settle acks{queue_, {}, self};
        for (const MessageState& held : claimed->claimed) {
          acks.items.push_back({held.serial, held.claim->token, Settlement::Kind::kAck, {}, {}});
        }
        const auto settled = support::await(*store_, &Store::settle, acks);
        for (const auto& item : settled->items) {
          EXPECT_EQ(item.result, SettleOutcome::Result::kSettled);
          ++acked;
        }
      }
    });
  }
  // Readers look on all the time.
  std::thread reader([&] {
    while (!done) {
      const Snapshot snapshot = store_->snapshot();
      const auto info = snapshot.mailbox(queue_);
      const auto uids = snapshot.uids(queue_);
      EXPECT_EQ(uids->size(), info->counters.messages);
      (void)snapshot.changes_since(queue_, ModSeq(info->highest_mod_seq.value() / 2), SIZE_MAX);
      (void)store_->mailboxes();
    }
  });
  for (auto& thread : threads) thread.join();
  done = true;
  reader.join();
  EXPECT_EQ(acked, kProducers * kEach);
  EXPECT_EQ(counters(), Counters());
}

TEST_F(ConcurrencyTest, AllVerbsMayMeet) {
  constexpr int kThreads = 4, kSteps = 150;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      const Actor self = imap("s" + std::to_string(t));
      store_->holder_opened(self.holder);
      const auto subscription = store_->change_feed().subscribe_all([](const MailboxEvent&) {});
      for (int i = 0; i < kSteps; ++i) {
        const UidSet some = UidSet::range(Uid(1), Uid(static_cast<std::uint32_t>(1 + random() % 50)));
        const std::string name = "box" + std::to_string(random() % 3);
        switch (random() % 8) {
          case 0: (void)support::await(*store_, &Store::create_mailbox, CreateMailbox{{"", name}, MailboxKind::kQueue, {}, {}, ""}); break;
          case 1: (void)support::await(*store_, &Store::delete_mailbox, DeleteMailbox{{"", name}}); break;
          case 2: (void)support::await(*store_, &Store::rename_mailbox, RenameMailbox{{"", name}, {"", name + "x"}}); break;
          case 3: {
            Append request;
            request.mailbox = queue_;
            request.messages.resize(3);
            request.actor = self;
            EXPECT_TRUE(support::await(*store_, &Store::append, request));
            break;
          }
          case 4: {
            StoreFlags request{queue_, some, {FlagChange::Mode::kAdd, {SystemFlag::kDeleted}}, std::nullopt, self};
            EXPECT_TRUE(support::await(*store_, &Store::store_flags, request));
            break;
          }
          case 5: (void)support::await(*store_, &Store::expunge, Expunge{queue_, std::nullopt, self}); break;
          case 6: {
            const auto target = store_->find_mailbox({"", name});
            CopyMessages request{queue_, target ? target->id : queue_, some, CopyMessages::Mode::kMove, self};
            (void)support::await(*store_, &Store::copy_messages, request);
            break;
          }
          default: (void)support::await(*store_, &Store::expire_due, ExpireDue{clock_.now(), 10}); break;
        }
      }
      store_->holder_closed(self.holder);
    });
  }
  for (auto& thread : threads) thread.join();
  for (const MailboxInfo& info : store_->mailboxes()) {
    EXPECT_EQ(store_->snapshot().uids(info.id)->size(), info.counters.messages) << info.path.name;
  }
}

TEST_F(ConcurrencyTest, WhatIsQueuedWhenTheStoreClosesIsFinished) {
  std::atomic<int> answered = 0;
  for (int i = 0; i < 500; ++i) {
    Append request;
    request.mailbox = queue_;
    request.messages.resize(1);
    request.actor = imap("producer");
    store_->append(request, [&](Result<AppendOutcome> outcome) { answered += outcome ? 1 : 0; });
  }
  reopen();
  EXPECT_EQ(answered, 500);
  EXPECT_EQ(counters().messages, 500u);
}

}  // namespace
}  // namespace imapd::store

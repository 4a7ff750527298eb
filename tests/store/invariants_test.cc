#include <rocksdb/perf_context.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "tests/store/store_fixture.h"
#include "tests/support/lossy_file_system.h"

// I1 to I8 of the design, each by its name. The crash tests and the model test go deeper into I1 to I4.
namespace imapd::store {
namespace {

class InvariantsTest : public StoreTest {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "claimq-store-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    disk_ = std::make_shared<support::LossyFileSystem>();
    open_on_disk();
    queue_ = await(*store_, &Store::create_mailbox, CreateMailbox{{"", "orders"}, MailboxKind::kQueue, {}, {}, ""})->id;
  }
  void open_on_disk() {
    auto opened = Store::open({directory_, Durability::kSync, disk_}, clock_, rules_, health_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  void lose_power() {
    disk_->power_off();
    store_.reset();
    disk_->power_on();
    open_on_disk();
  }
  Result<AppendOutcome> try_append(std::size_t count = 1) {
    Append request;
    request.mailbox = queue_;
    request.messages.resize(count);
    for (NewMessage& message : request.messages) message.body = "x";
    request.actor = imap("producer");
    return await(*store_, &Store::append, request);
  }

  std::shared_ptr<support::LossyFileSystem> disk_;
};

TEST_F(InvariantsTest, I1_WhatIsAcknowledgedSurvivesPowerLoss) {
  const Uid uid = append("one", {SystemFlag::kSeen});
  store_flags(uid, FlagChange::Mode::kAdd, {SystemFlag::kFlagged}, imap("a"));
  lose_power();
  ASSERT_TRUE(message(uid));
  EXPECT_TRUE(message(uid)->flags.contains(SystemFlag::kSeen));
  EXPECT_TRUE(message(uid)->flags.contains(SystemFlag::kFlagged));
  EXPECT_EQ(*store_->snapshot().body(message(uid)->body), "one");
}

TEST_F(InvariantsTest, I1_MailboxesPoliciesAndUsersAreAcknowledgedToo) {
  Policy policy;
  policy.failures_max = 9;
  UpdateMailbox update;
  update.mailbox = queue_;
  update.policy = policy;
  ASSERT_TRUE(await(*store_, &Store::update_mailbox, update));
  ASSERT_TRUE(await(*store_, &Store::put_user, PutUser{{"ann", "hash", true, clock_.now()}, PutUser::Mode::kCreate}));
  ASSERT_TRUE(await(*store_, &Store::create_mailbox, CreateMailbox{{"ann", "INBOX"}, MailboxKind::kPersonal, {}, {}, ""}));
  lose_power();
  EXPECT_EQ(store_->mailbox(queue_)->policy, policy);
  EXPECT_TRUE(store_->user("ann")->has_value());
  EXPECT_TRUE(store_->find_mailbox({"ann", "INBOX"}));
}

TEST_F(InvariantsTest, I2_WhatIsNotSyncedIsSeenByNobody) {
  append("one");
  const std::uint64_t syncs = store_->sync_count();
  std::atomic<bool> early = false;
  // At the time of the event the sync of its group is done.
  const auto subscription = store_->change_feed().subscribe(queue_, [&](const MailboxEvent&) {
    if (store_->sync_count() == syncs) early = true;
  });
  append("two");
  EXPECT_FALSE(early);
  disk_->fail_sync_at(1);
  ASSERT_FALSE(try_append());
  EXPECT_EQ(counters().messages, 2u);
  EXPECT_EQ(store_->snapshot().uids(queue_)->size(), 2u);
}

TEST_F(InvariantsTest, I3_UidsAndModSequencesAreNeverReused) {
  const Uid last = append("one");
  const ModSeq before = store_->mailbox(queue_)->highest_mod_seq;
  store_flags(last, FlagChange::Mode::kAdd, {SystemFlag::kDeleted}, imap("a"));
  ASSERT_TRUE(await(*store_, &Store::expunge, Expunge{queue_, std::nullopt, imap("a")}));
  const ModSeq after = store_->mailbox(queue_)->highest_mod_seq;
  EXPECT_GT(after, before);
  lose_power();
  EXPECT_EQ(store_->mailbox(queue_)->highest_mod_seq, after);
  EXPECT_GT(append("two"), last);
}

TEST_F(InvariantsTest, I3_ARecreatedMailboxHasALargerUidValidity) {
  const UidValidity before = store_->mailbox(queue_)->uid_validity;
  ASSERT_TRUE(await(*store_, &Store::delete_mailbox, DeleteMailbox{{"", "orders"}}));
  lose_power();
  const auto made = await(*store_, &Store::create_mailbox, CreateMailbox{{"", "orders"}, MailboxKind::kQueue, {}, {}, ""});
  EXPECT_GT(made->uid_validity, before);
}

// Many threads change one mailbox; every watcher and the disk see one order of ascending mod-sequences.
TEST_F(InvariantsTest, I4_ThereIsOneOrderOfChanges) {
  std::mutex mutex;
  std::vector<ModSeq> events;
  std::vector<std::pair<ModSeq, Uid>> answers;
  {
    const auto subscription = store_->change_feed().subscribe(queue_, [&](const MailboxEvent& event) {
      const std::lock_guard lock(mutex);
      events.push_back(event.highest_mod_seq);
    });
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) {
          const auto appended = try_append();
          const std::lock_guard lock(mutex);
          answers.emplace_back(appended->mod_seqs[0], appended->uids[0]);
        }
      });
    }
    for (auto& thread : threads) thread.join();
  }
  EXPECT_TRUE(std::is_sorted(events.begin(), events.end()));
  std::sort(answers.begin(), answers.end());
  for (std::size_t i = 1; i < answers.size(); ++i) {
    EXPECT_LT(answers[i - 1].first, answers[i].first);
    EXPECT_LT(answers[i - 1].second, answers[i].second);
  }
  const auto changes = store_->snapshot().changes_since(queue_, ModSeq(0), SIZE_MAX);
  ASSERT_EQ(changes->changed.size(), answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(changes->changed[i].mod_seq, answers[i].first);
}

// What a session needs for I5: the changes up to a HIGHESTMODSEQ hold every expunge below it.
TEST_F(InvariantsTest, I5_AHighestModSequenceComesWithTheExpungesBelowIt) {
  const Uid one = append("one");
  append("two");
  const ModSeq seen = store_->mailbox(queue_)->highest_mod_seq;
  store_flags(one, FlagChange::Mode::kAdd, {SystemFlag::kDeleted}, imap("a"));
  ASSERT_TRUE(await(*store_, &Store::expunge, Expunge{queue_, std::nullopt, imap("a")}));
  append("three");
  const auto changes = store_->snapshot().changes_since(queue_, seen, SIZE_MAX);
  EXPECT_EQ(changes->highest_mod_seq, store_->mailbox(queue_)->highest_mod_seq);
  EXPECT_TRUE(changes->vanished.contains(one));
  EXPECT_EQ(changes->changed.size(), 1u);
}

TEST_F(InvariantsTest, I6_AMessageIsHeldByAtMostOneHolder) {
  constexpr std::size_t kMessages = 400;
  ASSERT_TRUE(try_append(kMessages));
  std::mutex mutex;
  std::map<Uid, int> won;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const std::string holder = "h" + std::to_string(t);
      for (std::uint32_t i = 1; i <= kMessages; ++i) {
        bool is_won = false;
        Uid uid(i);
        if (t % 2 == 0) {
          const auto stored = store_flags(uid, FlagChange::Mode::kAdd, {SystemFlag::kClaimed}, imap(holder), ModSeq(0));
          is_won = !stored.stored.empty();
        } else {
          const auto claimed = claim(1, worker(holder));
          is_won = !claimed.empty();
          if (is_won) uid = claimed[0].uid;
        }
        const std::lock_guard lock(mutex);
        if (is_won) ++won[uid];
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(won.size(), kMessages);
  for (const auto& [uid, times] : won) EXPECT_EQ(times, 1) << uid.value();
  EXPECT_EQ(counters().claimed, kMessages);
}

TEST_F(InvariantsTest, I6_LeavingAQueueWritesAChange) {
  append("one");
  const auto held = claim(1, worker("w")).at(0);
  const ModSeq before = store_->mailbox(queue_)->highest_mod_seq;
  EXPECT_EQ(settle(held, Settlement::Kind::kAck, worker("w")).result, SettleOutcome::Result::kSettled);
  const auto changes = store_->snapshot().changes_since(queue_, before, SIZE_MAX);
  EXPECT_GT(changes->highest_mod_seq, before);
  EXPECT_TRUE(changes->vanished.contains(held.uid));
}

TEST_F(InvariantsTest, I7_AfterAFailedSyncNothingIsWrittenAndReadsGoOn) {
  const Uid uid = append("one");
  EXPECT_TRUE(health_.serving());
  disk_->fail_sync_at(1);
  EXPECT_EQ(try_append().error().code, Code::kUnavailable);
  // The disk is well again, but nobody knows what is on it.
  EXPECT_EQ(try_append().error().code, Code::kUnavailable);
  EXPECT_EQ(await(*store_, &Store::claim_ready, ClaimReady{queue_, 1, {}, worker("w")}).error().code, Code::kUnavailable);
  EXPECT_EQ(*store_->snapshot().body(message(uid)->body), "one");
  EXPECT_FALSE(health_.serving());
  lose_power();
  EXPECT_TRUE(message(uid));
  EXPECT_TRUE(try_append());
}

TEST_F(InvariantsTest, I7_AFullDiskRefusesWritesAndServesReads) {
  const Uid uid = append("one");
  disk_->no_space(true);
  EXPECT_EQ(try_append().error().code, Code::kUnavailable);
  EXPECT_FALSE(health_.serving());
  EXPECT_EQ(*store_->snapshot().body(message(uid)->body), "one");
  store_.reset();
  disk_->no_space(false);
  open_on_disk();
  EXPECT_TRUE(message(uid));
  EXPECT_TRUE(try_append());
}

// The keys that RocksDB steps over on the thread that decides: a callback runs there, so it can ask.
TEST_F(InvariantsTest, I8_AClaimCostsTheSameAtAnyDepth) {
  const auto on_committer = [&](std::function<void()> work) {
    std::promise<void> done;
    auto future = done.get_future();
    store_->claim_ready(ClaimReady{MailboxId(~std::uint64_t{0}), 1, {}, worker("w")}, [&](auto) {
      work();
      done.set_value();
    });
    future.get();
  };
  const auto cost_of_100 = [&] {
    on_committer([] {
      rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableCount);
      rocksdb::get_perf_context()->Reset();
    });
    for (int i = 0; i < 100; ++i) {
      const auto held = claim(1, worker("w")).at(0);
      EXPECT_EQ(settle(held, Settlement::Kind::kAck, worker("w")).result, SettleOutcome::Result::kSettled);
    }
    std::uint64_t cost = 0;
    on_committer([&] {
      const rocksdb::PerfContext& context = *rocksdb::get_perf_context();
      cost = context.internal_key_skipped_count + context.internal_delete_skipped_count + context.seek_on_memtable_count +
             context.next_on_memtable_count + context.get_from_memtable_count;
    });
    return cost;
  };
  ASSERT_TRUE(try_append(110));
  const std::uint64_t shallow = cost_of_100();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(try_append(10'000));
  const std::uint64_t deep = cost_of_100();
  // A long field of tombstones at the head.
  for (int i = 0; i < 20; ++i) {
    Settle acks{queue_, {}, worker("w")};
    for (const MessageState& held : claim(1'000, worker("w"))) {
      acks.items.push_back({held.serial, held.claim->token, Settlement::Kind::kAck, {}, {}});
    }
    ASSERT_TRUE(await(*store_, &Store::settle, acks));
  }
  const std::uint64_t worn = cost_of_100();
  // The order of claiming is read ahead in blocks: a block may fall into one of the hundreds.
  constexpr std::uint64_t kBlock = 4'000;
  EXPECT_LE(deep, shallow + kBlock);
  EXPECT_LE(worn, shallow + kBlock);
}

TEST_F(InvariantsTest, I8_TheFirstClaimAfterARestartReadsTheHeadAndNotTheQueue) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(try_append(10'000));
  for (int i = 0; i < 20; ++i) {
    Settle acks{queue_, {}, worker("w")};
    for (const MessageState& held : claim(1'000, worker("w"))) {
      acks.items.push_back({held.serial, held.claim->token, Settlement::Kind::kAck, {}, {}});
    }
    ASSERT_TRUE(await(*store_, &Store::settle, acks));
  }
  store_.reset();
  open_on_disk();
  std::promise<std::uint64_t> skipped;
  auto future = skipped.get_future();
  store_->claim_ready(ClaimReady{MailboxId(~std::uint64_t{0}), 1, {}, worker("w")}, [](auto) {
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableCount);
    rocksdb::get_perf_context()->Reset();
  });
  store_->claim_ready(ClaimReady{queue_, 1, {}, worker("w")}, [&](Result<ClaimReadyOutcome> outcome) {
    EXPECT_EQ(outcome->claimed.size(), 1u);
    skipped.set_value(rocksdb::get_perf_context()->internal_delete_skipped_count);
  });
  EXPECT_LT(future.get(), 1'000u);
}

}  // namespace
}  // namespace imapd::store

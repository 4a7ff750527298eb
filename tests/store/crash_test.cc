#include <algorithm>

#include "tests/store/random_verbs.h"
#include "tests/support/lossy_file_system.h"

namespace imapd::store {
namespace {

// Pulls the plug at every N-th write, drops what was not synced, opens again and compares with the model.
class CrashTest : public StoreTest {
 protected:
  static constexpr int kVerbs = 50;

  void SetUp() override {}
  void TearDown() override { store_.reset(); }

  void fresh_directory() {
    store_.reset();
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
    std::string pattern = (std::filesystem::temp_directory_path() / "claimq-store-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  bool open_on(Durability durability) {
    health_ = std::make_unique<ops::Health>();
    auto opened = Store::open({directory_, durability, disk_}, clock_, rules_, *health_);
    if (opened) store_ = std::move(*opened);
    return opened.has_value();
  }

  // Everything acknowledged is there; of the verbs that were under way there is a beginning of whole ones, or nothing.
  void run_synced(std::uint64_t stop_at) {
    SCOPED_TRACE("stopped at write " + std::to_string(stop_at));
    fresh_directory();
    disk_ = std::make_shared<support::LossyFileSystem>(stop_at);
    RandomVerbs verbs(7, clock_);
    disk_->stop_at(stop_at);
    std::vector<support::StoreModel> possible(1);  // What was acknowledged, and each step of what was under way.
    if (open_on(Durability::kSync)) {
      support::StoreModel next;
      verbs.furnish(*store_, next);
      possible.push_back(next);
      for (int i = 0; i < kVerbs; ++i) {
        const RandomVerbs::Finished finished = verbs.finish();
        if (finished.unavailable > 0) break;
        ASSERT_EQ(finished.mismatch, "");
        next.learn(*store_);
        possible.assign(1, next);
        for (std::int64_t together = verbs.pick(1, 3); together > 0; --together) {
          verbs.start(*store_, next);
          possible.push_back(next);
        }
      }
      (void)verbs.finish();
    }
    finished_ = !disk_->is_off();
    disk_->power_off();
    store_.reset();
    disk_->power_on();
    // It fails once more while the store is being opened.
    disk_->stop_at(1 + stop_at % 23);
    (void)open_on(Durability::kSync);
    disk_->power_off();
    store_.reset();
    disk_->power_on();
    ASSERT_TRUE(open_on(Durability::kSync));
    // Two mailboxes are made at the very first, of which one may be there without the other.
    if (possible[0].mailboxes.empty()) return;
    ++compared_;
    std::string differences;
    const bool found = std::any_of(possible.begin(), possible.end(), [&](support::StoreModel& model) {
      model.restart(clock_.now());
      const std::string difference = model.difference(*store_);
      differences += "\n" + difference;
      return difference.empty();
    });
    EXPECT_TRUE(found) << differences;
  }

  std::shared_ptr<support::LossyFileSystem> disk_;
  std::unique_ptr<ops::Health> health_;
  bool finished_ = false;
  int compared_ = 0;
};

TEST_F(CrashTest, InSyncWhatWasAcknowledgedIsThereWhereverThePowerFailed) {
  std::uint64_t stop_at = 1;
  do {
    run_synced(stop_at);
    // The writes of a first open say little: few of them are tried.
    stop_at += stop_at < 60 ? 7 : 1;
  } while (!finished_ && !HasFatalFailure() && !HasNonfatalFailure());
  EXPECT_GT(compared_, 50);
}

// In relaxed mode the last changes may go, but what is left is a state that was, and no number is given out twice (I3).
TEST_F(CrashTest, InRelaxedAPowerLossGoesBackInTimeButReusesNoNumber) {
  fresh_directory();
  disk_ = std::make_shared<support::LossyFileSystem>(3);
  ASSERT_TRUE(open_on(Durability::kRelaxed));
  MailboxId queue = await(*store_, &Store::create_mailbox, CreateMailbox{{"", "q"}, MailboxKind::kQueue, {}, {}, ""})->id;
  std::uint32_t highest_uid = 0;
  std::uint64_t highest_mod_seq = 0;
  std::size_t lost = 0;
  for (int round = 0; round < 12; ++round) {
    std::vector<std::string> given;
    for (int i = 0; i < 20; ++i) {
      Append request;
      request.mailbox = queue;
      request.messages.emplace_back();
      request.messages.back().body = std::to_string(round) + "." + std::to_string(i);
      request.actor = imap("producer");
      const auto appended = await(*store_, &Store::append, request);
      ASSERT_TRUE(appended);
      ASSERT_GT(appended->uids[0].value(), highest_uid);
      ASSERT_GT(appended->mod_seqs[0].value(), highest_mod_seq);
      highest_uid = appended->uids[0].value();
      highest_mod_seq = appended->mod_seqs[0].value();
      given.push_back(request.messages.back().body);
    }
    disk_->power_off();
    store_.reset();
    disk_->power_on();
    ASSERT_TRUE(open_on(Durability::kRelaxed));
    const auto info = store_->mailbox(queue);
    ASSERT_TRUE(info);
    EXPECT_GT(info->uid_next.value(), highest_uid);
    EXPECT_GE(info->highest_mod_seq.value(), highest_mod_seq);
    // Of this round a beginning is left: never a later message without an earlier one.
    std::vector<std::string> left;
    const Snapshot snapshot = store_->snapshot();
    ASSERT_TRUE(snapshot.for_each(queue, UidSet::range(Uid(1), Uid(UINT32_MAX)), [&](const MessageState& message) {
      const std::string body = *snapshot.body(message.body);
      if (body.starts_with(std::to_string(round) + ".")) left.push_back(body);
      return true;
    }));
    ASSERT_LE(left.size(), given.size());
    lost += given.size() - left.size();
    EXPECT_TRUE(std::equal(left.begin(), left.end(), given.begin()));
    EXPECT_EQ(info->counters.messages, snapshot.uids(queue)->size());
  }
  EXPECT_GT(lost, 0u);  // Or this test shows nothing.
}

TEST_F(CrashTest, InRelaxedWhatIsLeftIsAStateThatWas) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    fresh_directory();
    disk_ = std::make_shared<support::LossyFileSystem>(seed);
    ASSERT_TRUE(open_on(Durability::kRelaxed));
    support::StoreModel model;
    RandomVerbs verbs(seed, clock_);
    verbs.furnish(*store_, model);
    std::vector<support::StoreModel> history;
    for (int i = 0; i < kVerbs; ++i) {
      ASSERT_EQ(verbs.finish().mismatch, "");
      model.learn(*store_);
      history.push_back(model);
      verbs.start(*store_, model);
    }
    ASSERT_EQ(verbs.finish().mismatch, "");
    history.push_back(model);
    disk_->power_off();
    store_.reset();
    disk_->power_on();
    ASSERT_TRUE(open_on(Durability::kRelaxed));
    const bool was = std::any_of(history.rbegin(), history.rend(), [&](support::StoreModel& moment) {
      moment.restart(clock_.now());
      return moment.content_difference(*store_).empty();
    });
    EXPECT_TRUE(was) << "the latest differs in: " << history.back().content_difference(*store_);
  }
}

// Deleted and made again, after a power loss too, a mailbox has a larger UIDVALIDITY (I3).
TEST_F(CrashTest, ARecreatedMailboxHasALargerUidValidityWhateverWasLost) {
  fresh_directory();
  disk_ = std::make_shared<support::LossyFileSystem>(9);
  ASSERT_TRUE(open_on(Durability::kRelaxed));
  const CreateMailbox request{{"", "q"}, MailboxKind::kQueue, {}, {}, ""};
  UidValidity last;
  for (int round = 0; round < 5; ++round) {
    (void)await(*store_, &Store::delete_mailbox, DeleteMailbox{{"", "q"}});
    const auto made = await(*store_, &Store::create_mailbox, request);
    ASSERT_TRUE(made);
    EXPECT_GT(made->uid_validity, last);
    last = made->uid_validity;
    disk_->power_off();
    store_.reset();
    disk_->power_on();
    ASSERT_TRUE(open_on(Durability::kRelaxed));
  }
}

}  // namespace
}  // namespace imapd::store

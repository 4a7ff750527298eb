#include <atomic>
#include <barrier>
#include <thread>

#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::StartsWith;

// Other servers told several of eight connections that they had won in 295 to 487 of 2,000 rounds.
class ClaimRaceTest : public SelectedTest {
 protected:
  static constexpr std::uint32_t kRounds = 2000;
  static constexpr std::size_t kConnections = 8;

  void fill_at_once(std::uint32_t count) {
    store::Append request;
    request.mailbox = queue_.id;
    request.actor = administrator();
    for (std::uint32_t i = 0; i < count; ++i) {
      store::NewMessage message;
      message.body = "Subject: job\r\n\r\nbody\r\n";
      request.messages.push_back(std::move(message));
    }
    ASSERT_TRUE(support::await(server_.store(), &store::Store::append, std::move(request)));
  }
};

TEST_F(ClaimRaceTest, OfEightWithTheSameTokenOneWinsEachRound) {
  fill_at_once(kRounds);
  for (std::size_t i = 0; i < kConnections; ++i) condstore_client(i % 2 == 0 ? "ann" : "bob");
  std::vector<std::size_t> won(kConnections);
  for (std::uint32_t uid = 1; uid <= kRounds; ++uid) {
    const std::string set = std::to_string(uid) + " (UNCHANGEDSINCE " + mod_seq(uid) + ") +FLAGS.SILENT ";
    std::vector<std::string> tags;
    for (std::size_t i = 0; i < kConnections; ++i) {
      // Who is first in one round is last in another.
      Client& client = talkers_[(i + uid) % kConnections].client();
      tags.push_back(client.start("UID STORE " + set + (i % 3 == 0 ? "($Claimed)" : "(\\Claimed)")));
    }
    std::size_t winners = 0;
    for (std::size_t i = 0; i < kConnections; ++i) {
      const std::size_t at = (i + uid) % kConnections;
      const std::string answer = talkers_[at].client().finish(tags[i]).tagged;
      if (answer.starts_with("OK [MODIFIED " + std::to_string(uid) + "]")) continue;
      ASSERT_THAT(answer, StartsWith("OK Conditional STORE completed"));
      ++winners;
      ++won[at];
    }
    ASSERT_EQ(winners, 1u) << "UID " << uid;
  }
  std::size_t all = 0;
  for (const std::size_t count : won) all += count;
  EXPECT_EQ(all, kRounds);
}

// Four threads store \Claimed from the head on, as IMAP does, and four ask for what is ready, as gRPC does.
TEST_F(ClaimRaceTest, BothDoorsAtOnceWinEachMessageOnce) {
  fill_at_once(kRounds);
  store::Store& store = server_.store();
  std::vector<std::atomic<int>> winners(kRounds + 1);
  std::barrier start(kConnections);
  const auto by_flag = [&](const std::string& holder) {
    start.arrive_and_wait();
    for (std::uint32_t uid = 1; uid <= kRounds; ++uid) {
      store::StoreFlags request;
      request.mailbox = queue_.id;
      request.uids = UidSet::of(Uid(uid));
      request.change.flags.add(SystemFlag::kClaimed);
      request.unchanged_since = ModSeq(0);
      request.actor = store::Actor{store::Door::kImap, "ann", holder, store::Actor::Rank::kUser};
      const auto outcome = support::await(store, &store::Store::store_flags, std::move(request));
      if (outcome && !outcome->stored.empty()) ++winners[uid];
    }
  };
  const auto by_claim = [&](const std::string& holder) {
    start.arrive_and_wait();
    while (true) {
      store::ClaimReady request;
      request.mailbox = queue_.id;
      request.count_max = 3;
      request.actor = store::Actor{store::Door::kGrpc, "bob", holder, store::Actor::Rank::kUser};
      const auto outcome = support::await(store, &store::Store::claim_ready, std::move(request));
      if (!outcome || outcome->claimed.empty()) return;
      for (const store::MessageState& message : outcome->claimed) ++winners[message.uid.value()];
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kConnections; ++i) {
    const std::string holder = "h" + std::to_string(i);
    if (i % 2 == 0) {
      threads.emplace_back(by_flag, holder);
    } else {
      threads.emplace_back(by_claim, holder);
    }
  }
  for (std::thread& thread : threads) thread.join();
  for (std::uint32_t uid = 1; uid <= kRounds; ++uid) ASSERT_EQ(winners[uid], 1) << "UID " << uid;
}

}  // namespace
}  // namespace imapd::session

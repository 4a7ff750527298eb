// Sessions that are told of changes and take none of it: what they hold is bounded, and they end.
#include <atomic>
#include <thread>

#include "imapd/session/session.h"
#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::StartsWith;

constexpr std::size_t kUnsentMax = 256 * 1024;
// One piece is written beyond the bound before it is looked at.
constexpr std::size_t kPiece = 512 * 1024;

SessionOptions hurried() {
  SessionOptions options;
  options.slow_reader_timeout = std::chrono::milliseconds(50);
  options.unsent_reply_bytes_max = kUnsentMax;
  return options;
}

class SlowReaderTest : public testing::Test {
 protected:
  // Commits by `change` until the client's session has ended; what it held at the most.
  template <class Change>
  std::size_t commit_until_dropped(Change&& change) {
    std::atomic<std::size_t> most{0};
    while (server_.services().sessions.size() > 0) {
      change();
      server_.services().sessions.post_all([&most](Session& session) {
        if (session.connection().out().capacity() > most) most = session.connection().out().capacity();
      });
      std::this_thread::yield();
    }
    server_.stop();
    return most;
  }

  Server server_{hurried()};
  store::MailboxInfo queue_ = server_.make_queue("q");
};

TEST_F(SlowReaderTest, InIdle) {
  store::Append request;
  request.mailbox = queue_.id;
  request.actor.holder = "test";
  request.messages.resize(5'000);
  for (store::NewMessage& message : request.messages) message.body = "x\r\n";
  ASSERT_TRUE(support::await(server_.store(), &store::Store::append, std::move(request)));
  Client client(server_, "ann");
  client.command("SELECT q");
  client.send("a IDLE\r\n");
  EXPECT_THAT(client.line(), StartsWith("+ "));
  bool set = false;
  const std::size_t most = commit_until_dropped([&] {
    set = !set;
    store::StoreFlags change;
    change.mailbox = queue_.id;
    change.uids = UidSet::range(Uid(1), Uid(5'000));
    change.change.mode = set ? store::FlagChange::Mode::kAdd : store::FlagChange::Mode::kRemove;
    change.change.flags = {SystemFlag::kFlagged};
    change.actor.holder = "test";
    ASSERT_TRUE(support::await(server_.store(), &store::Store::store_flags, std::move(change)));
  });
  EXPECT_LE(most, kUnsentMax + kPiece);
}

TEST_F(SlowReaderTest, WithNotifyOfWholeMessages) {
  Client client(server_, "ann");
  client.command("SELECT q");
  const auto answer = client.command("NOTIFY SET (selected (MessageNew (BODY.PEEK[]) MessageExpunge)) (personal (MailboxName))");
  EXPECT_EQ(answer.tagged, "OK NOTIFY done");
  const std::string body = "Subject: large\r\n\r\n" + std::string(1024 * 1024, 'x');
  const std::size_t most = commit_until_dropped([&] { server_.append(queue_, body); });
  EXPECT_LE(most, kUnsentMax + kPiece);
}

// One that waits for its client is told of the tree by a bounded list: past it, it is told only that there was more.
TEST_F(SlowReaderTest, WithNotifyOfAllNames) {
  Client client(server_, "ann");
  EXPECT_EQ(client.command("NOTIFY SET (subtree t (MailboxName))").tagged, "OK NOTIFY done");
  const std::string level = "t/" + std::string(200, 'x');
  int made = 0;
  const std::size_t most = commit_until_dropped([&] {
    // Each is a line, and one of its parent.
    for (int i = 0; i < 20; ++i) {
      store::CreateMailbox request;
      request.path = {"", level + std::to_string(made / 2)};
      request.acl = {{"anyone", "lr"}};
      if (made++ % 2 == 0) {
        ASSERT_TRUE(support::await(server_.store(), &store::Store::create_mailbox, std::move(request)));
      } else {
        store::DeleteMailbox removal;
        removal.path = request.path;
        ASSERT_TRUE(support::await(server_.store(), &store::Store::delete_mailbox, std::move(removal)));
      }
    }
  });
  EXPECT_LE(most, kUnsentMax + kPiece);
}

}  // namespace
}  // namespace imapd::session

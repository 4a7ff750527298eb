#include "tests/rpc/rpc_fixture.h"

namespace rpc_test {
namespace {

class WatchTest : public RpcTest {
 protected:
  WatchTest() { create_queue("q"); }
  struct Watcher {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> stream;
  };
  std::unique_ptr<Watcher> watch(std::uint64_t after, const std::string& user = "admin", const std::string& queue = "q") {
    auto watcher = std::make_unique<Watcher>();
    authenticate(watcher->context, user);
    v1::WatchRequest request;
    request.set_queue(queue);
    request.set_after_mod_seq(after);
    request.set_include_body(true);
    watcher->stream = queue_->Watch(&watcher->context, request);
    return watcher;
  }
};

TEST_F(WatchTest, TellsEachChangeAsItHappens) {
  auto watcher = watch(0);
  v1::WatchResponse response;
  ASSERT_TRUE(watcher->stream->Read(&response));
  EXPECT_EQ(response.changed_size(), 0);
  const auto serials = enqueue("q", 1);
  ASSERT_TRUE(watcher->stream->Read(&response));
  ASSERT_EQ(response.changed_size(), 1);
  EXPECT_EQ(response.changed(0).serial(), serials[0]);
  EXPECT_EQ(response.changed(0).message().body(), "body 0");
  const auto claims = claim("q");
  ASSERT_TRUE(watcher->stream->Read(&response));
  ASSERT_EQ(response.changed_size(), 1);
  EXPECT_EQ(response.changed(0).state(), v1::MESSAGE_STATE_CLAIMED);
  EXPECT_EQ(response.mod_seq(), claims[0].token());
  ASSERT_TRUE(call(*queue_, &QueueStub::Ack, settle_request<v1::AckRequest>("q", claims)).status.ok());
  ASSERT_TRUE(watcher->stream->Read(&response));
  EXPECT_THAT(response.vanished(), ElementsAre(serials[0]));
}

TEST_F(WatchTest, BeginsWithWhatChangedSince) {
  enqueue("q", 1);
  const std::uint64_t seen = queues_->find_queue("q")->highest_mod_seq.value();
  enqueue("q", 600);
  auto watcher = watch(seen);
  int changed = 0;
  v1::WatchResponse response;
  while (changed < 600 && watcher->stream->Read(&response)) {
    EXPECT_LE(response.changed_size(), 256);
    EXPECT_FALSE(response.reset());
    changed += response.changed_size();
  }
  EXPECT_EQ(changed, 600);
  EXPECT_EQ(response.mod_seq(), queues_->find_queue("q")->highest_mod_seq.value());
}

// So many messages went that the store has forgotten some of them: those that did not change are told too, for the client has to
// drop what it knows.
TEST_F(WatchTest, ResetTellsAllThatIsThere) {
  const auto kept = enqueue("q", 2);
  ASSERT_THAT(claim("q", 2), SizeIs(2));  // Out of the way of the others.
  const std::uint64_t seen = queues_->find_queue("q")->highest_mod_seq.value();
  broker::queue::OutgoingMessage message;
  message.body = "x";
  for (int round = 0; round < 21; ++round) {
    broker::queue::Enqueue enqueue{"q", std::vector(10'000, message), {}};
    ASSERT_TRUE(support::await(*queues_, &broker::queue::Queues::enqueue, std::move(enqueue)));
    for (int batch = 0; batch < 10; ++batch) {
      broker::queue::Claim claim;
      claim.queue = "q";
      claim.count_max = 1'000;
      claim.actor = {imapd::store::Door::kGrpc, "admin", "w2", imapd::store::Actor::Rank::kAdministrator};
      const auto claimed = support::await(*queues_, &broker::queue::Queues::claim, claim);
      ASSERT_TRUE(claimed);
      broker::queue::Settle settle{"q", {}, claim.actor};
      for (const auto& state : claimed->messages) {
        settle.items.push_back({state.serial, state.claim->token, imapd::store::Settlement::Kind::kAck, {}, {}});
      }
      ASSERT_TRUE(support::await(*queues_, &broker::queue::Queues::settle, std::move(settle)));
    }
  }
  auto watcher = watch(seen);
  v1::WatchResponse response;
  ASSERT_TRUE(watcher->stream->Read(&response));
  EXPECT_TRUE(response.reset());
  EXPECT_EQ(response.vanished_size(), 0);
  ASSERT_EQ(response.changed_size(), 2);
  EXPECT_EQ(response.changed(0).serial(), kept[0]);
  EXPECT_EQ(response.changed(1).serial(), kept[1]);
}

TEST_F(WatchTest, EndsWithItsQueue) {
  auto watcher = watch(0);
  v1::WatchResponse response;
  ASSERT_TRUE(watcher->stream->Read(&response));
  v1::DeleteQueueRequest request;
  request.set_name("q");
  ASSERT_TRUE(call(*admin_, &AdminStub::DeleteQueue, request).status.ok());
  EXPECT_FALSE(watcher->stream->Read(&response));
  EXPECT_EQ(answer(watcher->stream->Finish()).reason, "QUEUE_NOT_FOUND");
}

TEST_F(WatchTest, EndsWhenTheServerDrains) {
  auto watcher = watch(0);
  v1::WatchResponse response;
  ASSERT_TRUE(watcher->stream->Read(&response));
  server_->drain();
  EXPECT_FALSE(watcher->stream->Read(&response));
  EXPECT_EQ(answer(watcher->stream->Finish()).reason, "SHUTTING_DOWN");
}

TEST_F(WatchTest, RefusesWhatItCannotTell) {
  const auto refusal = [this](std::unique_ptr<Watcher> watcher) {
    v1::WatchResponse response;
    EXPECT_FALSE(watcher->stream->Read(&response));
    return answer(watcher->stream->Finish());
  };
  EXPECT_EQ(refusal(watch(0, "admin", "nowhere")).reason, "QUEUE_NOT_FOUND");
  EXPECT_EQ(refusal(watch(0, "alice")).reason, "QUEUE_NOT_FOUND");
  grant("q", "alice", "l");
  EXPECT_EQ(refusal(watch(0, "alice")).reason, "NO_RIGHT");
  EXPECT_THAT(refusal(watch(1'000'000)).fields, ElementsAre("after_mod_seq"));
}

}  // namespace
}  // namespace rpc_test

#include "tests/rpc/rpc_fixture.h"

namespace rpc_test {
namespace {

class EnqueueStreamTest : public RpcTest {
 protected:
  EnqueueStreamTest() { create_queue("q"); }

  struct Producer {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReaderWriter<v1::EnqueueStreamRequest, v1::EnqueueStreamResponse>> stream;

    bool send(const std::string& queue, const std::vector<std::string>& bodies) {
      v1::EnqueueStreamRequest request;
      request.set_queue(queue);
      for (const std::string& body : bodies) request.add_messages()->set_body(body);
      return stream->Write(request);
    }
    std::vector<v1::EnqueueResult> results(std::size_t count) {
      std::vector<v1::EnqueueResult> results;
      v1::EnqueueStreamResponse response;
      while (results.size() < count && stream->Read(&response)) {
        results.insert(results.end(), response.results().begin(), response.results().end());
      }
      return results;
    }
  };
  std::unique_ptr<Producer> open(const std::string& user = "admin") {
    auto producer = std::make_unique<Producer>();
    authenticate(producer->context, user);
    producer->stream = queue_->EnqueueStream(&producer->context);
    return producer;
  }
  static std::string reason(const v1::EnqueueResult& result) {
    google::rpc::ErrorInfo info;
    return result.status().details_size() > 0 && result.status().details(0).UnpackTo(&info) ? info.reason() : "";
  }
};

TEST_F(EnqueueStreamTest, AnswersComeInTheOrderOfTheRequests) {
  auto producer = open();
  constexpr std::size_t kRequests = 1'000;
  for (std::size_t i = 0; i < kRequests; ++i) ASSERT_TRUE(producer->send(i == 0 ? "q" : "", {"a" + std::to_string(i), "b"}));
  const auto results = producer->results(kRequests);
  ASSERT_THAT(results, SizeIs(kRequests));
  std::uint64_t last = 0;
  for (const auto& result : results) {
    EXPECT_EQ(result.status().code(), 0);
    ASSERT_EQ(result.serials_size(), 2);
    EXPECT_GT(result.serials(0), last);
    EXPECT_GT(result.serials(1), result.serials(0));
    last = result.serials(1);
  }
  producer->stream->WritesDone();
  EXPECT_TRUE(producer->stream->Finish().ok());
  EXPECT_EQ(claim("q", 1)[0].message().message().body(), "a0");
}

TEST_F(EnqueueStreamTest, ARefusedRequestIsToldAndTheStreamGoesOn) {
  create_queue("full");
  v1::UpdateQueueRequest update;
  update.set_name("full");
  update.mutable_policy()->set_messages_max(1);
  ASSERT_TRUE(call(*admin_, &AdminStub::UpdateQueue, update).status.ok());
  auto producer = open();
  producer->send("nowhere", {"x"});
  producer->send("full", {"x", "y"});
  producer->send("full", {});
  producer->send("full", {"x"});
  producer->send("q/Dead", {"x"});
  producer->send("q", {"x"});
  const auto results = producer->results(6);
  ASSERT_THAT(results, SizeIs(6));
  std::vector<std::string> reasons;
  for (const auto& result : results) reasons.push_back(reason(result));
  EXPECT_THAT(reasons, ElementsAre("QUEUE_NOT_FOUND", "QUEUE_FULL", "INVALID_FIELD", "", "DEAD_LETTERS", ""));
}

TEST_F(EnqueueStreamTest, TheFirstRequestMustNameTheQueue) {
  auto producer = open();
  producer->send("", {"x"});
  const auto results = producer->results(1);
  ASSERT_THAT(results, SizeIs(1));
  EXPECT_EQ(reason(results[0]), "INVALID_FIELD");
}

TEST_F(EnqueueStreamTest, RightsAreLookedAtForEachRequest) {
  grant("q", "alice", "li");
  auto producer = open("alice");
  producer->send("q", {"x"});
  EXPECT_EQ(reason(producer->results(1).at(0)), "");
  grant("q", "alice", "l");
  producer->send("q", {"x"});
  EXPECT_EQ(reason(producer->results(1).at(0)), "NO_RIGHT");
}

TEST_F(EnqueueStreamTest, AUserWhoIsRemovedIsCutOff) {
  grant("q", "alice", "li");
  auto producer = open("alice");
  producer->send("q", {"x"});
  producer->results(1);
  v1::DeleteUserRequest remove;
  remove.set_name("alice");
  ASSERT_TRUE(call(*admin_, &AdminStub::DeleteUser, remove).status.ok());
  EXPECT_THAT(producer->results(1), SizeIs(0));
  EXPECT_EQ(answer(producer->stream->Finish()).reason, "UNAUTHENTICATED");
}

TEST_F(EnqueueStreamTest, WrongPasswordEndsIt) {
  Producer producer;
  producer.context.AddMetadata("authorization", basic("admin", "wrong"));
  producer.stream = queue_->EnqueueStream(&producer.context);
  producer.send("q", {"x"});
  EXPECT_THAT(producer.results(1), SizeIs(0));
  EXPECT_EQ(answer(producer.stream->Finish()).reason, "UNAUTHENTICATED");
}

TEST_F(EnqueueStreamTest, ACancelledStreamLosesNothingThatWasConfirmed) {
  auto producer = open();
  for (int i = 0; i < 50; ++i) producer->send("q", {"x"});
  const std::size_t confirmed = producer->results(1).size();
  producer->context.TryCancel();
  EXPECT_EQ(producer->stream->Finish().error_code(), StatusCode::CANCELLED);
  EXPECT_GE(claim("q", 100).size(), confirmed);
}

TEST_F(EnqueueStreamTest, AServerThatStopsConfirmsWhatItHasRead) {
  auto producer = open();
  producer->send("q", {"x"});
  EXPECT_THAT(producer->results(1), SizeIs(1));
  server_->drain();
  EXPECT_THAT(producer->results(1), SizeIs(0));
  EXPECT_EQ(answer(producer->stream->Finish()).reason, "SHUTTING_DOWN");
}

// Far more than a stream keeps unanswered, and longer than any buffer on the way.
TEST_F(EnqueueStreamTest, AProducerThatReadsLateIsHeldUpAndLosesNothing) {
  auto producer = open();
  const std::string body(64 * 1024, 'x');
  constexpr int kRequests = 400;
  std::thread writer([&] {
    for (int i = 0; i < kRequests; ++i) EXPECT_TRUE(producer->send("q", {body}));
    producer->stream->WritesDone();
  });
  EXPECT_THAT(producer->results(kRequests + 1), SizeIs(kRequests));
  writer.join();
  EXPECT_TRUE(producer->stream->Finish().ok());
}

}  // namespace
}  // namespace rpc_test

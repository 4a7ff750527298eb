#include "tests/rpc/rpc_fixture.h"

namespace rpc_test {
namespace {

using testing::UnorderedElementsAre;

class SearchTest : public RpcTest {
 protected:
  SearchTest() { create_queue("q"); }
  Answer search(const v1::SearchRequest& request, const std::string& user = "admin") {
    found_.Clear();
    return call(*queue_, &QueueStub::Search, request, found_, user);
  }
  static v1::SearchRequest request(const std::string& search) {
    v1::SearchRequest request;
    request.set_queue("q");
    request.set_search(search);
    return request;
  }
  std::vector<std::uint64_t> serials() const {
    std::vector<std::uint64_t> serials;
    for (const auto& message : found_.messages()) serials.push_back(message.serial());
    return serials;
  }
  // The last answer of the stream, and how it ended.
  template <class Request, class Response>
  Answer operate(std::unique_ptr<grpc::ClientReader<Response>> (AdminStub::*method)(grpc::ClientContext*, const Request&),
                 const Request& request, Response& last, const std::string& user = "admin") {
    grpc::ClientContext context;
    authenticate(context, user);
    const auto reader = ((*admin_).*method)(&context, request);
    Response response;
    while (reader->Read(&response)) {
      EXPECT_GE(response.examined(), last.examined());
      last = response;
    }
    return answer(reader->Finish());
  }
  static v1::PurgeRequest purge_request(const std::string& search) {
    v1::PurgeRequest request;
    request.set_queue("q");
    request.set_search(search);
    return request;
  }
  void kill_one() {
    const auto request = settle_request<v1::RejectRequest>("q", claim("q"));
    ASSERT_TRUE(call(*queue_, &QueueStub::Reject, request).status.ok());
  }
  v1::SearchResponse found_;
};

TEST_F(SearchTest, FindsByBodyAndState) {
  const auto sent = enqueue("q", 3);
  claim("q");
  ASSERT_TRUE(search(request("BODY \"body 1\"")).status.ok());
  EXPECT_THAT(serials(), ElementsAre(sent[1]));
  EXPECT_EQ(found_.messages(0).message().body(), "body 1");
  ASSERT_TRUE(search(request("KEYWORD $Claimed")).status.ok());
  EXPECT_THAT(serials(), ElementsAre(sent[0]));
  ASSERT_TRUE(search(request("")).status.ok());
  EXPECT_EQ(serials(), sent);
}

TEST_F(SearchTest, PagesFollowOneAnother) {
  const auto sent = enqueue("q", 7);
  v1::SearchRequest asked = request("BODY body");
  asked.set_page_size(3);
  std::vector<std::uint64_t> seen;
  do {
    ASSERT_TRUE(search(asked).status.ok());
    for (const std::uint64_t serial : serials()) seen.push_back(serial);
    asked.set_page_token(found_.next_page_token());
  } while (!found_.next_page_token().empty());
  EXPECT_EQ(seen, sent);
}

TEST_F(SearchTest, WrongFieldsAndRights) {
  v1::SearchRequest bad = request("NONSENSE");
  bad.set_page_size(1'001);
  bad.set_page_token("x");
  EXPECT_THAT(search(bad).fields, UnorderedElementsAre("search", "page_size", "page_token"));
  EXPECT_THAT(search(request("1:5")).fields, ElementsAre("search"));
  EXPECT_TRUE(search(request("BODY " + std::string(16 * 1024 - 5, 'x'))).status.ok());
  EXPECT_THAT(search(request("BODY " + std::string(16 * 1024 - 4, 'x'))).fields, ElementsAre("search"));
  grant("q", "alice", "l");
  EXPECT_EQ(search(request(""), "alice").reason, "NO_RIGHT");
  EXPECT_EQ(search(request(""), "bob").reason, "QUEUE_NOT_FOUND");
}

TEST_F(SearchTest, GetShowsOneMessageAndChangesNothing) {
  const auto sent = enqueue("q", 2);
  v1::GetRequest get;
  get.set_queue("q");
  get.set_serial(sent[1]);
  get.set_include_raw(true);
  v1::GetResponse got;
  ASSERT_TRUE(call(*queue_, &QueueStub::Get, get, got).status.ok());
  EXPECT_EQ(got.message().serial(), sent[1]);
  EXPECT_EQ(got.message().message().body(), "body 1");
  EXPECT_THAT(got.message().raw(), testing::HasSubstr("body 1"));
  EXPECT_EQ(got.message().state(), v1::MESSAGE_STATE_READY);
  EXPECT_THAT(claim("q", 5), SizeIs(2));

  get.set_serial(sent[1] + 1);
  EXPECT_EQ(call(*queue_, &QueueStub::Get, get, got).reason, "MESSAGE_GONE");
  get.set_serial(0);
  EXPECT_THAT(call(*queue_, &QueueStub::Get, get, got).fields, ElementsAre("serial"));
  get.set_serial(sent[0]);
  EXPECT_EQ(call(*queue_, &QueueStub::Get, get, got, "bob").reason, "QUEUE_NOT_FOUND");
}

TEST_F(SearchTest, PurgeRemovesWhatIsFoundAndTellsHowFarItIs) {
  enqueue("q", 4);
  claim("q");
  v1::PurgeResponse last;
  ASSERT_TRUE(operate(&AdminStub::Purge, purge_request("BODY \"body 3\""), last).status.ok());
  EXPECT_EQ(last.examined(), 4u);
  EXPECT_EQ(last.total(), 4u);
  EXPECT_EQ(last.removed(), 1u);
  ASSERT_TRUE(operate(&AdminStub::Purge, purge_request(""), last = {}).status.ok());
  EXPECT_EQ(last.removed(), 2u);
  EXPECT_EQ(last.held(), 1u);
}

TEST_F(SearchTest, PurgeOfManyIsToldInSteps) {
  for (int i = 0; i < 3; ++i) enqueue("q", 1'000);
  grpc::ClientContext context;
  authenticate(context, "admin");
  const auto reader = admin_->Purge(&context, purge_request(""));
  v1::PurgeResponse response;
  std::vector<std::uint64_t> removed;
  while (reader->Read(&response)) removed.push_back(response.removed());
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_THAT(removed, ElementsAre(1'000u, 2'000u, 3'000u));
}

TEST_F(SearchTest, PurgeNeedsTheRightsToDeleteAndToExpunge) {
  enqueue("q", 1);
  v1::PurgeResponse last;
  for (const char* rights : {"lr", "lrt", "lre"}) {
    grant("q", "alice", rights);
    EXPECT_EQ(operate(&AdminStub::Purge, purge_request(""), last, "alice").reason, "NO_RIGHT") << rights;
  }
  EXPECT_EQ(operate(&AdminStub::Purge, purge_request(""), last, "bob").reason, "QUEUE_NOT_FOUND");
  EXPECT_THAT(operate(&AdminStub::Purge, purge_request("5"), last).fields, ElementsAre("search"));
  grant("q", "alice", "lte");
  EXPECT_TRUE(operate(&AdminStub::Purge, purge_request(""), last, "alice").status.ok());
  EXPECT_EQ(last.removed(), 1u);
}

TEST_F(SearchTest, RedriveBringsDeadLettersHome) {
  enqueue("q", 2);
  kill_one();
  kill_one();
  v1::RedriveRequest redrive;
  redrive.set_queue("q/Dead");
  v1::RedriveResponse last;
  ASSERT_TRUE(operate(&AdminStub::Redrive, redrive, last).status.ok());
  EXPECT_EQ(last.moved(), 2u);
  EXPECT_EQ(last.homeless(), 0u);
  for (const v1::Claim& each : claim("q", 5)) EXPECT_EQ(each.message().failures(), 0u);
}

TEST_F(SearchTest, RedriveRefusals) {
  enqueue("q", 1);
  kill_one();
  create_queue("other");
  v1::RedriveRequest redrive;
  redrive.set_queue("q/Dead");
  redrive.set_to("q/Dead");
  redrive.set_search("5");
  v1::RedriveResponse last;
  EXPECT_THAT(operate(&AdminStub::Redrive, redrive, last).fields, UnorderedElementsAre("to", "search"));
  redrive.clear_search();
  redrive.set_to("nowhere");
  EXPECT_EQ(operate(&AdminStub::Redrive, redrive, last).reason, "QUEUE_NOT_FOUND");
  redrive.set_search("UID 5");  // Even when nothing is found.
  EXPECT_EQ(operate(&AdminStub::Redrive, redrive, last).reason, "QUEUE_NOT_FOUND");
  redrive.clear_search();
  grant("q/Dead", "alice", "lrte");
  redrive.set_to("other");
  // The same words, whether it may not be seen or is not there.
  EXPECT_EQ(operate(&AdminStub::Redrive, redrive, last, "alice").reason, "QUEUE_NOT_FOUND");
  grant("other", "alice", "l");
  EXPECT_EQ(operate(&AdminStub::Redrive, redrive, last, "alice").reason, "NO_RIGHT");
  grant("other", "alice", "li");
  EXPECT_TRUE(operate(&AdminStub::Redrive, redrive, last, "alice").status.ok());
  EXPECT_EQ(last.moved(), 1u);
}

}  // namespace
}  // namespace rpc_test

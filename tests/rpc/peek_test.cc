#include "tests/rpc/rpc_fixture.h"

namespace rpc_test {
namespace {

class PeekTest : public RpcTest {
 protected:
  PeekTest() {
    create_queue("q");
    request_.set_queue("q");
  }
  Answer send(const std::string& user = "admin") {
    response_.Clear();
    return call(*queue_, &QueueStub::Peek, request_, response_, user);
  }
  v1::PeekRequest request_;
  v1::PeekResponse response_;
};

TEST_F(PeekTest, PagesShowEveryMessageOnceAndClaimNone) {
  const auto serials = enqueue("q", 7);
  request_.set_page_size(3);
  std::vector<std::uint64_t> seen;
  do {
    ASSERT_TRUE(send().status.ok());
    ASSERT_LE(response_.messages_size(), 3);
    for (const auto& message : response_.messages()) {
      seen.push_back(message.serial());
      EXPECT_EQ(message.state(), v1::MESSAGE_STATE_READY);
    }
    request_.set_page_token(response_.next_page_token());
  } while (!response_.next_page_token().empty());
  EXPECT_EQ(seen, serials);
  EXPECT_THAT(claim("q", 7), SizeIs(7));
}

TEST_F(PeekTest, BodyIsLeftOutOnRequest) {
  enqueue("q", 1);
  request_.set_omit_body(true);
  ASSERT_TRUE(send().status.ok());
  EXPECT_EQ(response_.messages(0).message().body(), "");
  request_.set_omit_body(false);
  request_.set_include_raw(true);
  ASSERT_TRUE(send().status.ok());
  EXPECT_EQ(response_.messages(0).message().body(), "body 0");
  EXPECT_THAT(response_.messages(0).raw(), testing::HasSubstr("body 0"));
}

TEST_F(PeekTest, WrongFieldsAndRights) {
  request_.set_page_size(1'001);
  request_.set_page_token("x");
  EXPECT_THAT(send().fields, ElementsAre("page_size", "page_token"));
  for (const char* token : {"1", "1.", ".1", "1.0", "1.2.3", "-1.1", "99999999999.1"}) {
    request_.set_page_size(0);
    request_.set_page_token(token);
    EXPECT_EQ(send().status.error_code(), StatusCode::INVALID_ARGUMENT) << token;
  }
  request_.clear_page_token();
  grant("q", "alice", "l");
  EXPECT_EQ(send("alice").reason, "NO_RIGHT");
  EXPECT_EQ(send("bob").reason, "QUEUE_NOT_FOUND");
}

}  // namespace
}  // namespace rpc_test

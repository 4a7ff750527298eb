#include "imapd/search/stored_content.h"

#include <gtest/gtest.h>

#include "imapd/ops/health.h"
#include "imapd/store/store.h"
#include "tests/support/await.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace imapd::search {
namespace {

TEST(HeaderSizeTest, EndsAfterTheEmptyLine) {
  EXPECT_EQ(header_size("A: b\r\n\r\nbody"), 8u);
  EXPECT_EQ(header_size("A: b\n\nbody"), 6u);
  EXPECT_EQ(header_size("A: b\r\n\nbody"), 7u);
  EXPECT_EQ(header_size("\r\nbody"), 2u);
  EXPECT_EQ(header_size("\nbody"), 1u);
}

TEST(HeaderSizeTest, IsUnknownBeforeTheEmptyLineIsWhole) {
  EXPECT_EQ(header_size(""), std::nullopt);
  EXPECT_EQ(header_size("A: b"), std::nullopt);
  EXPECT_EQ(header_size("A: b\r\n"), std::nullopt);
  EXPECT_EQ(header_size("A: b\r\n\r"), std::nullopt);
  EXPECT_EQ(header_size("A: b\r\nC: d\r\n e\r\n"), std::nullopt);
}

class StoredContentTest : public testing::Test {
 protected:
  StoredContentTest() {
    store::StoreOptions options;
    options.directory = dir_.path() + "/store";
    store_ = std::move(*store::Store::open(options, clock_, rules_, health_));
    store::CreateMailbox create;
    create.path = {"", "q"};
    mailbox_ = support::await(*store_, &store::Store::create_mailbox, std::move(create))->id;
  }

  store::MessageState append(const std::string& body) {
    store::Append request;
    request.mailbox = mailbox_;
    request.messages.emplace_back().body = body;
    const auto appended = support::await(*store_, &store::Store::append, std::move(request));
    return **store_->snapshot().message(mailbox_, appended->uids.front());
  }

  support::TempDir dir_;
  support::ManualClock clock_;
  store::PlainRules rules_;
  ops::Health health_;
  std::unique_ptr<store::Store> store_;
  MailboxId mailbox_;
};

TEST_F(StoredContentTest, HeaderOverManyReadsIsWhole) {
  std::string header;
  while (header.size() < 100'000) header += "X-Trace: hop number " + std::to_string(header.size()) + "\r\n";
  header += "\r\n";
  const store::MessageState message = append(header + "body\r\n\r\nmore\r\n");
  const store::Snapshot snapshot = store_->snapshot();
  StoredContent content(snapshot, message.body);
  EXPECT_EQ(content.header().value(), header);
  EXPECT_EQ(content.bytes().value(), header + "body\r\n\r\nmore\r\n");
}

TEST_F(StoredContentTest, HeaderIsTheSameWhenTheBodyWasReadFirst) {
  const store::MessageState message = append("A: b\r\n\r\nbody\r\n");
  const store::Snapshot snapshot = store_->snapshot();
  StoredContent content(snapshot, message.body);
  EXPECT_EQ(content.bytes().value(), "A: b\r\n\r\nbody\r\n");
  EXPECT_EQ(content.header().value(), "A: b\r\n\r\n");
}

TEST_F(StoredContentTest, MessageWithoutEmptyLineIsAllHeader) {
  const store::MessageState message = append("A: b\r\n");
  const store::Snapshot snapshot = store_->snapshot();
  StoredContent content(snapshot, message.body);
  EXPECT_EQ(content.header().value(), "A: b\r\n");
}

}  // namespace
}  // namespace imapd::search

// Changes of an access control list, decided in the store.
#include "imapd/base/limits.h"
#include "tests/store/store_fixture.h"
#include "tests/support/await.h"

namespace imapd::store {
namespace {

class AclTest : public StoreTest {
 protected:
  static UpdateMailbox change(MailboxId mailbox, std::string identifier, AclChange::Mode mode, std::string rights) {
    UpdateMailbox request;
    request.mailbox = mailbox;
    request.acl_change = AclChange{std::move(identifier), mode, std::move(rights)};
    return request;
  }
  Result<MailboxInfo> apply(std::string identifier, AclChange::Mode mode, std::string rights) {
    return await(*store_, &Store::update_mailbox, change(queue_, std::move(identifier), mode, std::move(rights)));
  }
  std::map<std::string, std::string> acl() const { return store_->mailbox(queue_)->acl; }
};

TEST_F(AclTest, TwoChangesAtOnceLoseNothing) {
  auto first = ::support::start(*store_, &Store::update_mailbox, change(queue_, "ann", AclChange::Mode::kAdd, "lr"));
  auto second = ::support::start(*store_, &Store::update_mailbox, change(queue_, "ann", AclChange::Mode::kAdd, "i"));
  auto third = ::support::start(*store_, &Store::update_mailbox, change(queue_, "bob", AclChange::Mode::kReplace, "l"));
  ASSERT_TRUE(first.get());
  ASSERT_TRUE(second.get());
  ASSERT_TRUE(third.get());
  for (const char right : std::string("lri")) EXPECT_NE(acl()["ann"].find(right), std::string::npos) << right;
  EXPECT_EQ(acl()["bob"], "l");
}

TEST_F(AclTest, OneEntryPastTheLimitIsRefusedAndThoseThereCanBeChanged) {
  for (std::size_t i = acl().size(); i < limits::kAclEntriesMax; ++i) {
    ASSERT_TRUE(apply("user" + std::to_string(i), AclChange::Mode::kReplace, "l"));
  }
  const auto refused = apply("onemore", AclChange::Mode::kReplace, "l");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kResourceExhausted);
  const std::string present = "user" + std::to_string(limits::kAclEntriesMax - 1);
  EXPECT_TRUE(apply(present, AclChange::Mode::kAdd, "r"));
  EXPECT_TRUE(apply(present, AclChange::Mode::kReplace, ""));
  EXPECT_TRUE(apply("onemore", AclChange::Mode::kReplace, "l"));
  EXPECT_EQ(acl().size(), limits::kAclEntriesMax);
}

}  // namespace
}  // namespace imapd::store

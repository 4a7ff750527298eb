#include "imapd/store/metadata.h"

#include <gmock/gmock.h>

#include "imapd/base/limits.h"
#include "tests/store/store_fixture.h"

// Annotations and quotas in the store.
namespace imapd::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class MetadataTest : public StoreTest {
 protected:
  Result<void> set(MailboxId mailbox, std::vector<MetadataChange> changes) {
    return await(*store_, &Store::set_metadata, SetMetadata{mailbox, std::move(changes), "session"});
  }
  std::optional<std::string> get(MailboxId mailbox, const std::string& owner, const std::string& entry) {
    const auto value = store_->metadata(mailbox, owner, entry);
    EXPECT_TRUE(value);
    return *value;
  }
  MailboxId personal(const std::string& user, const std::string& name) {
    const auto made = await(*store_, &Store::create_mailbox, CreateMailbox{{user, name}, MailboxKind::kPersonal, {}, {}, ""});
    EXPECT_TRUE(made);
    return made ? made->id : MailboxId(0);
  }
  Result<AppendOutcome> append_to(MailboxId mailbox, const std::string& body) {
    Append request;
    request.mailbox = mailbox;
    request.messages.emplace_back();
    request.messages.back().body = body;
    return await(*store_, &Store::append, request);
  }
};

TEST_F(MetadataTest, SharedAndPrivateAreKeptApartAndSurviveAReopen) {
  ASSERT_TRUE(set(queue_, {{"", "/shared/comment", "for all"}, {"ann", "/private/comment", "hers"}}));
  ASSERT_TRUE(set(kServerMetadata, {{"bob", "/private/filters/values/x", "ALL"}}));
  reopen();
  EXPECT_EQ(get(queue_, "", "/shared/comment"), "for all");
  EXPECT_EQ(get(queue_, "ann", "/private/comment"), "hers");
  EXPECT_EQ(get(queue_, "bob", "/private/comment"), std::nullopt);
  EXPECT_EQ(get(kServerMetadata, "bob", "/private/filters/values/x"), "ALL");
}

TEST_F(MetadataTest, UnderAnEntryIsItselfAndWhatIsBelowIt) {
  ASSERT_TRUE(set(queue_, {{"", "/shared/a", "1"}, {"", "/shared/a/b", "2"}, {"", "/shared/ab", "3"}, {"", "/shared/a/b/c", ""}}));
  EXPECT_THAT(*store_->metadata_under(queue_, "", "/shared/a"),
              ElementsAre(Pair("/shared/a", "1"), Pair("/shared/a/b", "2"), Pair("/shared/a/b/c", "")));
  EXPECT_THAT(*store_->metadata_under(queue_, "", "/shared/zz"), IsEmpty());
}

TEST_F(MetadataTest, NoValueRemoves) {
  ASSERT_TRUE(set(queue_, {{"", "/shared/comment", "x"}}));
  ASSERT_TRUE(set(queue_, {{"", "/shared/comment", std::nullopt}}));
  EXPECT_EQ(get(queue_, "", "/shared/comment"), std::nullopt);
}

TEST_F(MetadataTest, FollowARenameAndGoWithTheMailbox) {
  ASSERT_TRUE(set(queue_, {{"", "/shared/comment", "x"}}));
  ASSERT_TRUE(await(*store_, &Store::rename_mailbox, RenameMailbox{{"", "orders"}, {"", "other"}}));
  EXPECT_EQ(get(store_->find_mailbox({"", "other"})->id, "", "/shared/comment"), "x");
  ASSERT_TRUE(await(*store_, &Store::delete_mailbox, DeleteMailbox{{"", "other"}}));
  EXPECT_EQ(get(queue_, "", "/shared/comment"), std::nullopt);
}

TEST_F(MetadataTest, RenamingInboxCopiesThem) {
  const MailboxId inbox = personal("ann", "INBOX");
  ASSERT_TRUE(set(inbox, {{"ann", "/private/comment", "x"}}));
  ASSERT_TRUE(await(*store_, &Store::rename_mailbox, RenameMailbox{{"ann", "INBOX"}, {"ann", "INBOX/old"}}));
  EXPECT_EQ(get(inbox, "ann", "/private/comment"), "x");
  EXPECT_EQ(get(store_->find_mailbox({"ann", "INBOX/old"})->id, "ann", "/private/comment"), "x");
}

TEST_F(MetadataTest, AsManyEntriesAsTheLimitAndNotOneMore) {
  std::vector<MetadataChange> changes;
  for (std::size_t i = 0; i < limits::kMetadataEntriesMax; ++i) changes.push_back({"", "/shared/n" + std::to_string(i), "v"});
  ASSERT_TRUE(set(queue_, changes));
  const auto one_more = set(queue_, {{"", "/shared/comment", "x"}, {"", "/shared/n0", "changed"}});
  ASSERT_FALSE(one_more);
  EXPECT_EQ(one_more.error().code, Code::kResourceExhausted);
  EXPECT_EQ(get(queue_, "", "/shared/n0"), "v");  // All or none.
  EXPECT_TRUE(set(queue_, {{"", "/shared/n0", "changed"}}));
  EXPECT_TRUE(set(queue_, {{"", "/shared/n1", std::nullopt}, {"", "/shared/comment", "x"}}));
  EXPECT_TRUE(set(queue_, {{"ann", "/private/comment", "x"}}));
}

TEST_F(MetadataTest, AValueAsLargeAsTheLimitAndNotOneByteMore) {
  EXPECT_TRUE(set(queue_, {{"", "/shared/comment", std::string(limits::kMetadataValueBytesMax, 'x')}}));
  const auto larger = set(queue_, {{"", "/shared/comment", std::string(limits::kMetadataValueBytesMax + 1, 'x')}});
  ASSERT_FALSE(larger);
  EXPECT_EQ(larger.error().code, Code::kInvalidArgument);
}

TEST_F(MetadataTest, AMailboxThatIsNotThereIsRefused) {
  const auto set_on_nothing = set(MailboxId(4711), {{"", "/shared/comment", "x"}});
  ASSERT_FALSE(set_on_nothing);
  EXPECT_EQ(set_on_nothing.error().code, Code::kNotFound);
}

TEST_F(MetadataTest, TheTreeIsTold) {
  std::vector<TreeEvent> told;
  const auto subscription = store_->change_feed().subscribe_tree([&told](const TreeEvent& event) { told.push_back(event); });
  ASSERT_TRUE(set(queue_, {{"", "/shared/comment", "x"}}));
  (void)await(*store_, &Store::create_mailbox, CreateMailbox{{"", "a/b"}, MailboxKind::kQueue, {}, {}, ""});
  ASSERT_TRUE(await(*store_, &Store::rename_mailbox, RenameMailbox{{"", "a/b"}, {"", "a/c"}}));
  ASSERT_TRUE(await(*store_, &Store::delete_mailbox, DeleteMailbox{{"", "a/c"}}));
  ASSERT_TRUE(await(*store_, &Store::subscribe, Subscribe{"ann", "a/c"}));
  ASSERT_EQ(told.size(), 6u);
  EXPECT_EQ(told[0].kind, TreeEvent::Kind::kMetadata);
  EXPECT_THAT(told[0].entries, ElementsAre("/shared/comment"));
  EXPECT_EQ(told[0].by, "session");
  EXPECT_EQ(told[1].mailbox->path.name, "a");
  EXPECT_FALSE(told[1].mailbox->selectable);
  EXPECT_EQ(told[2].mailbox->path.name, "a/b");
  EXPECT_EQ(told[3].kind, TreeEvent::Kind::kRenamed);
  EXPECT_EQ(told[3].before->path.name, "a/b");
  EXPECT_EQ(told[3].mailbox->path.name, "a/c");
  EXPECT_EQ(told[4].kind, TreeEvent::Kind::kDeleted);
  EXPECT_EQ(told[5].kind, TreeEvent::Kind::kSubscribed);
  EXPECT_EQ(told[5].name, "a/c");
}

TEST_F(MetadataTest, TheQuotaOfAPersonalTreeIsKept) {
  const MailboxId inbox = personal("ann", "INBOX");
  ASSERT_TRUE(await(*store_, &Store::set_user_quota, SetUserQuota{"ann", {.messages_max = 2, .bytes_max = 10, .mailboxes_max = 2}}));
  reopen();
  EXPECT_EQ(store_->user_quota("ann")->messages_max, 2u);
  EXPECT_EQ(*store_->user_quota("bob"), UserQuota());
  EXPECT_FALSE(append_to(inbox, std::string(11, 'x')));
  EXPECT_TRUE(append_to(inbox, std::string(5, 'x')));
  const MailboxId second = personal("ann", "INBOX/2");
  EXPECT_TRUE(append_to(second, std::string(5, 'x')));
  const auto third = append_to(inbox, "");
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, Code::kResourceExhausted);
  const auto copied =
      await(*store_, &Store::copy_messages, CopyMessages{inbox, second, UidSet::of(Uid(1)), CopyMessages::Mode::kCopy, {}});
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, Code::kResourceExhausted);
  EXPECT_TRUE(
      await(*store_, &Store::copy_messages, CopyMessages{inbox, second, UidSet::of(Uid(1)), CopyMessages::Mode::kMove, {}}));
  const auto made =
      await(*store_, &Store::create_mailbox, CreateMailbox{{"ann", "INBOX/3"}, MailboxKind::kPersonal, {}, {}, ""});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::kResourceExhausted);
  EXPECT_TRUE(await(*store_, &Store::set_user_quota, SetUserQuota{"ann", {}}));
  EXPECT_TRUE(append_to(inbox, "more"));
}

}  // namespace
}  // namespace imapd::store

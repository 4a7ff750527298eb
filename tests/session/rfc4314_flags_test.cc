// RFC 4314, section 4: what becomes of flags that the user may not set, and what CREATE and RENAME tell of names that he may not
// know of.
#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

class Rfc4314FlagsTest : public SelectedTest {
 protected:
  void give(const store::MailboxInfo& mailbox, const std::string& rights) {
    store::UpdateMailbox request;
    request.mailbox = mailbox.id;
    request.acl = {{"ann", rights}};
    ASSERT_TRUE(support::await(server_.store(), &store::Store::update_mailbox, std::move(request)));
  }
  std::string shown_flags(const std::string& name, std::uint32_t uid) {
    const auto mailbox = server_.store().find_mailbox({"", name});
    const store::Snapshot snapshot = server_.store().snapshot();
    std::string text;
    wire::append_flags(text, (*snapshot.message(mailbox->id, Uid(uid)))->flags, wire::ClaimedAs::kBackslash);
    return text;
  }
  static std::string answer(Lines lines) { return lines.back(); }
};

// The first example of the section: MYRIGHTS rwis (and l, without which a mailbox does not exist here). COPY drops \Deleted in any
// case (DESIGN, rule 11 of the claim).
TEST_F(Rfc4314FlagsTest, Section4CopyWithoutTheRightToDelete) {
  append("m\r\n", {SystemFlag::kDraft, SystemFlag::kDeleted});
  append("m\r\n", {SystemFlag::kAnswered});
  append("m\r\n", {SystemFlag::kSeen, *Flag::parse("$Forwarded")});
  server_.make_queue("target", {{"ann", "lrwis"}});
  EXPECT_THAT(answer(selected_client().run("COPY 1:3 target")), StartsWith("OK"));
  EXPECT_EQ(shown_flags("target", 1), "(\\Draft)");
  EXPECT_EQ(shown_flags("target", 2), "(\\Answered)");
  EXPECT_EQ(shown_flags("target", 3), "(\\Seen $Forwarded)");
}

// The second one: MYRIGHTS rsti.
TEST_F(Rfc4314FlagsTest, Section4CopyWithoutTheRightToWrite) {
  append("m\r\n", {SystemFlag::kDraft, SystemFlag::kDeleted});
  append("m\r\n", {SystemFlag::kAnswered});
  append("m\r\n", {SystemFlag::kSeen, *Flag::parse("$Forwarded")});
  server_.make_queue("target", {{"ann", "lrsti"}});
  EXPECT_THAT(answer(selected_client().run("COPY 1:3 target")), StartsWith("OK"));
  EXPECT_EQ(shown_flags("target", 1), "()");
  EXPECT_EQ(shown_flags("target", 2), "()");
  EXPECT_EQ(shown_flags("target", 3), "(\\Seen)");
}

TEST_F(Rfc4314FlagsTest, Section4MoveDropsFlagsAsCopyDoes) {
  append("m\r\n", {SystemFlag::kSeen, SystemFlag::kFlagged, *Flag::parse("$Forwarded")});
  server_.make_queue("target", {{"ann", "lrwi"}});
  EXPECT_THAT(answer(selected_client().run("MOVE 1 target")), StartsWith("OK"));
  EXPECT_EQ(shown_flags("target", 1), "(\\Flagged $Forwarded)");
}

TEST_F(Rfc4314FlagsTest, Section4AppendKeepsTheFlagsThatTheUserMaySet) {
  Talker& ann = connect();
  std::uint32_t uid = 0;
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"lri", "()"}, {"lris", "(\\Seen)"}, {"lrit", "(\\Deleted)"}, {"lriw", "(\\Flagged $Custom)"}};
  for (const auto& [rights, flags] : expected) {
    give(queue_, rights);
    EXPECT_THAT(answer(ann.run("APPEND q (\\Seen \\Deleted \\Flagged $Custom) {1+}\r\nm")), StartsWith("OK [APPENDUID"));
    EXPECT_EQ(shown_flags("q", ++uid), flags) << rights;
  }
  give(queue_, "lrist");
  EXPECT_THAT(answer(ann.run("APPEND q (\\Seen \\Claimed) {1+}\r\nm")), StartsWith("NO [NOPERM]"));
}

TEST_F(Rfc4314FlagsTest, Section4StoreLeavesAloneWhatTheUserMayNotSet) {
  fill(1);
  Talker& ann = selected_client();
  give(queue_, "lrs");
  EXPECT_THAT(answer(ann.run("STORE 1 +FLAGS (\\Seen \\Deleted \\Flagged)")), StartsWith("OK"));
  EXPECT_EQ(shown_flags("q", 1), "(\\Seen)");
  give(queue_, "lrt");
  EXPECT_THAT(answer(ann.run("STORE 1 -FLAGS (\\Seen \\Deleted)")), StartsWith("OK"));
  EXPECT_EQ(shown_flags("q", 1), "(\\Seen)");
  EXPECT_THAT(answer(ann.run("STORE 1 -FLAGS (\\Seen \\Flagged)")), StartsWith("NO [NOPERM]"));
  EXPECT_EQ(shown_flags("q", 1), "(\\Seen)");
}

TEST_F(Rfc4314FlagsTest, Section4ReplacingTouchesOnlyWhatTheUserMaySet) {
  append("m\r\n", {SystemFlag::kSeen, SystemFlag::kFlagged, SystemFlag::kDeleted});
  Talker& ann = selected_client();
  give(queue_, "lrw");
  EXPECT_THAT(answer(ann.run("STORE 1 FLAGS (\\Answered)")), StartsWith("OK"));
  EXPECT_EQ(shown_flags("q", 1), "(\\Answered \\Deleted \\Seen)");
  give(queue_, "lrs");
  EXPECT_THAT(answer(ann.run("STORE 1 FLAGS ()")), StartsWith("OK"));
  EXPECT_EQ(shown_flags("q", 1), "(\\Answered \\Deleted)");
  EXPECT_THAT(answer(ann.run("STORE 1 FLAGS (\\Flagged)")), StartsWith("NO [NOPERM]"));
  give(queue_, "lrt");
  EXPECT_THAT(answer(ann.run("STORE 1 FLAGS (\\Seen \\Deleted)")), StartsWith("OK"));
  EXPECT_EQ(shown_flags("q", 1), "(\\Answered \\Deleted)");
  give(queue_, "lr");
  EXPECT_THAT(answer(ann.run("STORE 1 FLAGS ()")), StartsWith("NO [NOPERM]"));
  EXPECT_EQ(shown_flags("q", 1), "(\\Answered \\Deleted)");
}

// What cannot be touched does not fail UNCHANGEDSINCE.
TEST_F(Rfc4314FlagsTest, Section4ConditionalReplacingTestsOnlyWhatItTouches) {
  fill(1);
  Talker& ann = condstore_client();
  const std::string seen = highest();
  store_flags(1, {SystemFlag::kFlagged});
  give(queue_, "lrs");
  EXPECT_THAT(answer(ann.run("STORE 1 (UNCHANGEDSINCE " + seen + ") FLAGS (\\Seen)")), StartsWith("OK Conditional STORE completed"));
  EXPECT_EQ(shown_flags("q", 1), "(\\Flagged \\Seen)");
  EXPECT_THAT(answer(ann.run("STORE 1 (UNCHANGEDSINCE " + seen + ") FLAGS ()")), StartsWith("OK [MODIFIED 1]"));
}

// Or the client would believe that all of it was done.
TEST_F(Rfc4314FlagsTest, StoreWithoutSomeOfTheRightsIsNotSilent) {
  fill(1);
  Talker& ann = selected_client();
  give(queue_, "lrs");
  const Lines lines = ann.run("STORE 1 +FLAGS.SILENT (\\Seen \\Flagged)");
  EXPECT_THAT(lines, Contains(HasSubstr("FLAGS (\\Seen))")));
}

TEST_F(Rfc4314FlagsTest, Section5_2PermanentFlagsAreThoseThatTheUserMaySet) {
  Talker& ann = connect();
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"lr", "[PERMANENTFLAGS ()]"},
      {"lrs", "[PERMANENTFLAGS (\\Seen)]"},
      {"lrt", "[PERMANENTFLAGS (\\Deleted)]"},
      {"lrw", "[PERMANENTFLAGS (\\Answered \\Flagged \\Draft \\Claimed $Claimed \\*)]"},
      {"lrstw", "[PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\Claimed $Claimed \\*)]"}};
  for (const auto& [rights, code] : expected) {
    give(queue_, rights);
    const Lines lines = ann.run("SELECT q");
    EXPECT_THAT(lines, Contains(HasSubstr(code))) << rights;
    EXPECT_THAT(lines.back(), StartsWith(rights == "lr" ? "OK [READ-ONLY]" : "OK [READ-WRITE]")) << rights;
  }
}

TEST_F(Rfc4314FlagsTest, Section4CloseWithoutTheRightToExpungeRemovesNothing) {
  append("m\r\n", {SystemFlag::kDeleted});
  Talker& ann = selected_client();
  give(queue_, "lrswt");
  EXPECT_EQ(answer(ann.run("CLOSE")), "OK CLOSE completed");
  EXPECT_TRUE(exists(1));
}

// Rule 4 of the claim: another's is released by administrators only.
TEST_F(Rfc4314FlagsTest, ClaimingTakesTheRightToWriteAndReleasingOthersTheRightToAdminister) {
  fill(1);
  Talker& bob = selected_client("bob");
  EXPECT_THAT(answer(bob.run("STORE 1 +FLAGS (\\Claimed)")), StartsWith("OK"));
  Talker& ann = selected_client();
  give(queue_, "lrswipkxte");
  EXPECT_THAT(answer(ann.run("STORE 1 -FLAGS (\\Claimed)")), StartsWith("NO [NOPERM]"));
  EXPECT_THAT(answer(ann.run("STORE 1 +FLAGS (\\Deleted)")), StartsWith("NO [INUSE]"));
  give(queue_, "lra");
  EXPECT_THAT(answer(ann.run("STORE 1 -FLAGS (\\Claimed)")), StartsWith("NO [NOPERM]"));
  give(queue_, "lrwa");
  EXPECT_THAT(answer(ann.run("STORE 1 -FLAGS (\\Claimed)")), StartsWith("OK"));
}

class HiddenNamesTest : public Rfc4314FlagsTest {
 protected:
  HiddenNamesTest() {
    server_.make_queue("top", {{"ann", "lrkx"}});
    server_.make_queue("top/hidden", {{"ann", "rswipkxtea"}});
    server_.make_queue("top/shown", {{"ann", "lx"}});
  }
};

TEST_F(HiddenNamesTest, CreateDoesNotTellOfANameThatMayNotBeLookedUp) {
  Talker& ann = connect();
  EXPECT_EQ(answer(ann.run("CREATE top/hidden")), answer(ann.run("CREATE top/shown/new"))) << "as where nothing may be made";
  EXPECT_THAT(answer(ann.run("CREATE top/hidden")), StartsWith("NO [NOPERM]"));
  EXPECT_THAT(answer(ann.run("CREATE top/shown")), StartsWith("NO [ALREADYEXISTS]"));
  EXPECT_THAT(answer(ann.run("CREATE top/new")), StartsWith("OK"));
}

TEST_F(HiddenNamesTest, RenameDoesNotTellOfANameThatMayNotBeLookedUp) {
  Talker& ann = connect();
  EXPECT_EQ(answer(ann.run("RENAME top/shown top/hidden")), answer(ann.run("RENAME top/shown elsewhere")));
  EXPECT_THAT(answer(ann.run("RENAME top/shown top/hidden")), StartsWith("NO [NOPERM]"));
  EXPECT_THAT(answer(ann.run("RENAME top/hidden top/other")), StartsWith("NO [NONEXISTENT]"));
  EXPECT_THAT(answer(ann.run("RENAME top/shown top")), StartsWith("NO [NOPERM]")) << "at the top only administrators make names";
  EXPECT_THAT(answer(ann.run("RENAME top/shown top/other")), StartsWith("OK"));
}

TEST_F(HiddenNamesTest, NothingIsMadeUnderANameThatMayNotBeLookedUp) {
  Talker& ann = connect();
  EXPECT_THAT(answer(ann.run("CREATE top/hidden/child")), StartsWith("NO [NOPERM]"));
  EXPECT_THAT(answer(ann.run("CREATE top/hidden/some/child")), StartsWith("NO [NOPERM]"));
  EXPECT_THAT(answer(ann.run("RENAME top/shown top/hidden/child")), StartsWith("NO [NOPERM]"));
  EXPECT_FALSE(server_.store().find_mailbox({"", "top/hidden/child"}));
}

TEST_F(HiddenNamesTest, DeleteOfWhatMayNotBeLookedUpIsAsOfWhatIsNotThere) {
  Talker& ann = connect();
  EXPECT_EQ(answer(ann.run("DELETE top/hidden")), answer(ann.run("DELETE top/nothing")));
  EXPECT_TRUE(server_.store().find_mailbox({"", "top/hidden"}));
}

}  // namespace
}  // namespace imapd::session

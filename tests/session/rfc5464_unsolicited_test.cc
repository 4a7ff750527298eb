// Unsolicited METADATA responses (RFC 5464, sections 4.1 and 4.4.2).
#include <gtest/gtest.h>

#include <string>

#include "imapd/base/limits.h"
#include "tests/session/conversation.h"

namespace imapd::session {
namespace {

class Rfc5464UnsolicitedTest : public testing::Test {
 protected:
  Server server_;
  store::MailboxInfo queue_ = server_.make_queue("q", {{"anyone", "lrswipkxte"}});
  Client ann_{server_, "ann"};
  Client bob_{server_, "bob"};
  Client admin_{server_, "admin"};
  Client second_ann_{server_, "ann"};
  const std::vector<Client*> all_{&ann_, &bob_, &admin_, &second_ann_};
};

TEST_F(Rfc5464UnsolicitedTest, Section442OthersChangesAreToldAtNoop) {
  converse(all_, R"~(
    C1: e ENABLE METADATA
    S1: * ENABLED METADATA
    S1: e OK ...
    C1: s SELECT q
    S1: ...
    S1: ...
    S1: ...
    S1: ...
    S1: ...
    S1: ...
  )~");
  while (ann_.line().find("s OK") == std::string::npos) {
  }
  converse(all_, R"~(
    C3: b SETMETADATA "" (/shared/comment "of the server")
    S3: b OK ...
    C1: a NOOP
    S1: * METADATA "" /shared/comment
    S1: a OK ...
    C2: c SETMETADATA q (/shared/comment "of q" /shared/vendor/x/color "red")
    S2: c OK ...
    C4: d SETMETADATA q (/private/comment "mine")
    S4: d OK ...
    C2: d SETMETADATA q (/private/comment "not yours")
    S2: d OK ...
    C1: f NOOP
    S1: * METADATA q /private/comment /shared/comment /shared/vendor/x/color
    S1: f OK ...
    C1: g NOOP
    S1: g OK ...
  )~");
}

TEST_F(Rfc5464UnsolicitedTest, OnesOwnChangesAndThoseBeforeEnableAreNotTold) {
  converse(all_, R"~(
    C2: a SETMETADATA q (/shared/comment "before")
    S2: a OK ...
    C1: b ENABLE METADATA
    S1: * ENABLED METADATA
    S1: b OK ...
    C1: c SETMETADATA q (/shared/comment "my own")
    S1: c OK ...
    C1: d NOOP
    S1: d OK ...
    C2: e SETMETADATA q (/shared/comment "told to nobody who has not asked")
    S2: e OK ...
    C4: f NOOP
    S4: f OK ...
    C1: g NOOP
    S1: * METADATA q /shared/comment
    S1: g OK ...
  )~");
}

TEST_F(Rfc5464UnsolicitedTest, WhatIsInvisibleIsNotTold) {
  server_.make_queue("hidden", {{"bob", "lrswipkxte"}});
  server_.make_queue("unreadable", {{"bob", "lrswipkxte"}, {"ann", "l"}});
  converse(all_, R"~(
    C1: a ENABLE METADATA
    S1: * ENABLED METADATA
    S1: a OK ...
    C2: b SETMETADATA hidden (/shared/comment "x")
    S2: b OK ...
    C2: c SETMETADATA unreadable (/shared/comment "x")
    S2: c OK ...
    C2: d SETMETADATA INBOX (/shared/comment "x")
    S2: d OK ...
    C1: e NOOP
    S1: e OK ...
  )~");
}

TEST_F(Rfc5464UnsolicitedTest, IdleTellsAtOnce) {
  converse(all_, R"~(
    C1: a ENABLE METADATA
    S1: * ENABLED METADATA
    S1: a OK ...
    C1: b IDLE
    S1: + idling
    C2: c SETMETADATA q (/shared/comment "x")
    S2: c OK ...
    S1: * METADATA q /shared/comment
    C1: DONE
    S1: b OK ...
  )~");
}

TEST_F(Rfc5464UnsolicitedTest, ForgottenWithTheUser) {
  converse(all_, R"~(
    C1: a ENABLE METADATA
    S1: * ENABLED METADATA
    S1: a OK ...
    C1: b UNAUTHENTICATE
    S1: b OK ...
    C1: c LOGIN ann pw
    S1: c OK ...
    C2: d SETMETADATA q (/shared/comment "x")
    S2: d OK ...
    C1: e NOOP
    S1: e OK ...
  )~");
}

TEST_F(Rfc5464UnsolicitedTest, AsManyAsFit) {
  ASSERT_TRUE(ann_.command("ENABLE METADATA").tagged.starts_with("OK"));
  // Each change is an entry that was not there before, and takes the place of the one before it.
  for (std::size_t i = 0; i <= limits::kMetadataNewsMax / 2; ++i) {
    const std::string number = std::to_string(i);
    const std::string before = std::to_string(i == 0 ? 0 : i - 1);
    ASSERT_TRUE(bob_.command("SETMETADATA q (/shared/vendor/x/n" + number + " \"1\" /shared/vendor/x/n" + before + " NIL)")
                    .tagged.starts_with("OK"));
  }
  const auto told = ann_.command("NOOP");
  ASSERT_EQ(told.untagged.size(), 1u);
  EXPECT_TRUE(told.untagged.front().starts_with("* METADATA q /shared/vendor/x/n0 "));
  EXPECT_TRUE(ann_.command("NOOP").untagged.empty());
}

}  // namespace
}  // namespace imapd::session

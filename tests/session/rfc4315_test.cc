#include "tests/session/selected_fixture.h"

// RFC 4315: UIDPLUS, the examples by section.
namespace imapd::session {
namespace {

class Rfc4315Test : public SelectedTest {};

TEST_F(Rfc4315Test, Section21UidExpungeTakesOnlyTheNamed) {
  fill(6);
  for (const std::uint32_t uid : {3U, 4U, 5U, 6U}) store_flags(uid, {SystemFlag::kDeleted});
  converse(selected_client().client(), R"~(
    C: A003 UID EXPUNGE 3:5
    S: * 3 EXPUNGE
    S: * 3 EXPUNGE
    S: * 3 EXPUNGE
    S: A003 OK ...
  )~");
  EXPECT_TRUE(exists(6));
}

TEST_F(Rfc4315Test, Section3AppendUidAndCopyUid) {
  fill(1);
  Talker& client = selected_client();
  client.run("CREATE INBOX/meeting");
  converse(client.client(), R"~(
    C: A003 APPEND INBOX/meeting (\Seen) {17}
    S: + ...
    C: Subject: x
    C:
    C: abc
    S: A003 OK [APPENDUID ... 1] ...
    C: A004 COPY 1 INBOX/meeting
    S: A004 OK [COPYUID ... 1 2] ...
    C: A005 UID COPY 305:310 INBOX/meeting
    S: A005 OK ...
  )~");
}

TEST_F(Rfc4315Test, Section3NoCodeWithoutTheRightToRead) {
  fill(1);
  server_.make_queue("drop", {{"anyone", "lip"}});
  converse(selected_client().client(), R"~(
    C: A004 COPY 1 drop
    S: A004 OK COPY completed
    C: A005 APPEND drop {3+}
    C: abc
    S: A005 OK APPEND done
  )~");
}

}  // namespace
}  // namespace imapd::session

#include "tests/session/selected_fixture.h"

// RFC 6851: MOVE.
namespace imapd::session {
namespace {

class Rfc6851Test : public SelectedTest {};

TEST_F(Rfc6851Test, Section33TheCodeComesBeforeTheExpunges) {
  fill(4);
  Talker& client = selected_client();
  client.run("CREATE INBOX/foo");
  converse(client.client(), R"~(
    C: a UID MOVE 2:3 INBOX/foo
    S: * OK [COPYUID ... 2:3 1:2] ...
    S: * 2 EXPUNGE
    S: * 2 EXPUNGE
    S: a OK ...
    C: b MOVE 2 INBOX/nowhere
    S: b NO [TRYCREATE] ...
    C: c UID MOVE 9:12 INBOX/foo
    S: c OK ...
  )~");
  EXPECT_TRUE(exists(4));
}

// Section 4.4.
TEST_F(Rfc6851Test, Section44QresyncTellsOneVanished) {
  fill(4);
  Talker& client = connect();
  client.run("ENABLE QRESYNC");
  client.run("SELECT q");
  client.run("CREATE INBOX/foo");
  converse(client.client(), R"~(
    C: b UID MOVE 2:4 INBOX/foo
    S: * OK [COPYUID ... 2:4 1:3] ...
    S: * VANISHED 2:4
    S: b OK [HIGHESTMODSEQ ...] ...
  )~");
}

}  // namespace
}  // namespace imapd::session

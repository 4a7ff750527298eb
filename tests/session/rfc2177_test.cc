#include "tests/session/selected_fixture.h"

// RFC 2177: IDLE, the example of section 3.
namespace imapd::session {
namespace {

class Rfc2177Test : public SelectedTest {};

TEST_F(Rfc2177Test, Section3Example) {
  fill(3);
  for (const std::uint32_t uid : {2U, 3U}) store_flags(uid, {SystemFlag::kDeleted});
  Talker& idler = connect();
  Client& client = idler.client();
  idler.run("SELECT q");
  converse(client, R"~(
    C: A002 IDLE
    S: + ...
  )~");
  server_.append(queue_, "new mail\r\n");
  converse(client, R"~(
    S: * 4 EXISTS
    S: * 1 RECENT
    C: DONE
    S: A002 OK ...
  )~");
  expunge({2});
  // A FETCH by number never tells of an EXPUNGE: message 4 is still message 4.
  converse(client, R"~(
    C: A003 FETCH 4 (UID)
    S: * 4 FETCH (UID 4)
    S: A003 OK ...
    C: A004 IDLE
    S: + ...
    S: * 2 EXPUNGE
  )~");
  expunge({3});
  converse(client, R"~(
    S: * 2 EXPUNGE
  )~");
  server_.append(queue_, "new mail\r\n");
  converse(client, R"~(
    S: * 3 EXISTS
    S: * 2 RECENT
    C: DONE
    S: A004 OK ...
    C: A005 FETCH 3 (UID)
    S: * 3 FETCH (UID 5)
    S: A005 OK ...
  )~");
}

TEST_F(Rfc2177Test, Section3AnythingButDoneIsAnError) {
  converse(connect().client(), R"~(
    C: A006 IDLE
    S: + ...
    C: NOOP
    S: A006 BAD ...
    C: A007 NOOP
    S: A007 OK ...
  )~");
}

}  // namespace
}  // namespace imapd::session

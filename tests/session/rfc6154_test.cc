#include "tests/session/selected_fixture.h"

// RFC 6154: SPECIAL-USE and CREATE-SPECIAL-USE; RFC 3348: CHILDREN. The examples, below a personal INBOX.
namespace imapd::session {
namespace {

class Rfc6154Test : public SelectedTest {};

TEST_F(Rfc6154Test, Sections51And52List) {
  Talker& client = connect();
  client.run("CREATE INBOX/ToDo");
  client.run("CREATE INBOX/ToDo/Now");
  converse(client.client(), R"~(
    C: t1 LIST "INBOX/" "%"
    S: * LIST (\HasNoChildren \Drafts) "/" INBOX/Drafts
    S: * LIST (\HasNoChildren \Sent) "/" INBOX/Sent
    S: * LIST (\HasChildren) "/" INBOX/ToDo
    S: * LIST (\HasNoChildren \Trash) "/" INBOX/Trash
    S: t1 OK ...
    C: t2 LIST "INBOX/" "%" RETURN (SPECIAL-USE)
    S: * LIST (... \Drafts) "/" INBOX/Drafts
    S: * LIST (... \Sent) "/" INBOX/Sent
    S: * LIST (...) "/" INBOX/ToDo
    S: * LIST (... \Trash) "/" INBOX/Trash
    S: t2 OK ...
    C: t3 LIST (SPECIAL-USE) "" "*"
    S: * LIST (... \Drafts) "/" INBOX/Drafts
    S: * LIST (... \Sent) "/" INBOX/Sent
    S: * LIST (... \Trash) "/" INBOX/Trash
    S: t3 OK ...
  )~");
}

TEST_F(Rfc6154Test, Section53CreateForAUse) {
  converse(connect().client(), R"~(
    C: t2 CREATE INBOX/MySpecial (USE (\Junk))
    S: t2 OK ...
    C: t3 CREATE INBOX/Everything (USE (\All))
    S: t3 NO [USEATTR] ...
    C: t4 LIST (SPECIAL-USE) "" "INBOX/M*"
    S: * LIST (\HasNoChildren \Junk) "/" INBOX/MySpecial
    S: t4 OK ...
  )~");
}

}  // namespace
}  // namespace imapd::session

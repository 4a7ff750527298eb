#include "tests/session/selected_fixture.h"

// Small extensions, the examples by RFC and section: ENABLE (5161), ID (2971), UNSELECT (3691), SASL-IR (4959), WITHIN (5032),
// LIST-STATUS (5819), APPENDLIMIT (7889), STATUS=SIZE (8438).
namespace imapd::session {
namespace {

class SmallExtensionsTest : public SelectedTest {};

TEST_F(SmallExtensionsTest, Rfc5161Section31EnableTellsWhatItKnows) {
  converse(connect().client(), R"~(
    C: t2 ENABLE CONDSTORE X-GOOD-IDEA
    S: * ENABLED CONDSTORE
    S: t2 OK ...
    C: t3 ENABLE X-GOOD-IDEA
    S: * ENABLED
    S: t3 OK ...
  )~");
}

TEST_F(SmallExtensionsTest, Rfc2971Section31Id) {
  Client client(server_);
  converse(client, R"~(
    C: a023 ID ("name" "sodr" "version" "19.34" "vendor" "Pink Floyd Music Limited")
    S: * ID ("name" "claimq"...)
    S: a023 OK ...
    C: a042 ID NIL
    S: * ID ("name" "claimq"...)
    S: a042 OK ...
  )~");
}

TEST_F(SmallExtensionsTest, Rfc3691Section2UnselectExpungesNothing) {
  fill(1);
  store_flags(1, {SystemFlag::kDeleted});
  converse(selected_client().client(), R"~(
    C: A341 UNSELECT
    S: A341 OK ...
    C: A342 UNSELECT
    S: A342 BAD ...
  )~");
  EXPECT_TRUE(exists(1));
}

TEST_F(SmallExtensionsTest, Rfc4959Section4WithAndWithoutInitialResponse) {
  Client first(server_);
  converse(first, R"~(
    C: A01 AUTHENTICATE PLAIN YW5uAGFubgBwdw==
    S: A01 OK ...
  )~");
  Client second(server_);
  converse(second, R"~(
    C: A01 AUTHENTICATE PLAIN
    S: + 
    C: YW5uAGFubgBwdw==
    S: A01 OK ...
  )~");
}

TEST_F(SmallExtensionsTest, Rfc5032Section4Younger) {
  fill(2);
  converse(selected_client().client(), R"~(
    C: a1 SEARCH UNSEEN YOUNGER 259200
    S: * SEARCH 1 2
    S: a1 OK ...
    C: a2 SEARCH OLDER 259200
    S: * SEARCH
    S: a2 OK ...
  )~");
}

TEST_F(SmallExtensionsTest, Rfc5819Section3AndRfc8438Section3StatusBesideList) {
  fill(2);
  converse(connect().client(), R"~(
    C: A01 LIST "" q RETURN (STATUS (MESSAGES UNSEEN SIZE))
    S: * LIST (\HasNoChildren) "/" q
    S: * STATUS q (MESSAGES 2 UNSEEN 2 SIZE 52)
    S: A01 OK ...
    C: A02 STATUS q (MESSAGES SIZE UIDNEXT)
    S: * STATUS q (MESSAGES 2 SIZE 52 UIDNEXT 3)
    S: A02 OK ...
  )~");
}

TEST_F(SmallExtensionsTest, Rfc7889Section3AppendLimit) {
  converse(connect().client(), R"~(
    C: t1 STATUS q (APPENDLIMIT)
    S: * STATUS q (APPENDLIMIT 67108864)
    S: t1 OK ...
    C: t2 LIST "" q RETURN (STATUS (APPENDLIMIT))
    S: * LIST (\HasNoChildren) "/" q
    S: * STATUS q (APPENDLIMIT 67108864)
    S: t2 OK ...
  )~");
}

}  // namespace
}  // namespace imapd::session

#include "tests/session/selected_fixture.h"

// RFC 8970: PREVIEW; RFC 8438: STATUS=SIZE.
namespace imapd::session {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

class Rfc8970Test : public SelectedTest {};

TEST_F(Rfc8970Test, Section32Example) {
  append("Subject: x\r\n\r\nPreview\r\n  text!\r\n");
  Talker& client = selected_client();
  EXPECT_LINES(client.run("FETCH 1 (PREVIEW)"), ElementsAre("* 1 FETCH (PREVIEW \"Preview text!\")", "OK FETCH completed"));
  EXPECT_FALSE(flags(1).contains(SystemFlag::kSeen));
}

TEST_F(Rfc8970Test, Section41LazyIsAnsweredAtOnce) {
  append("\r\nPreview text!\r\n");
  Talker& client = selected_client();
  const auto shown = ElementsAre("* 1 FETCH (PREVIEW \"Preview text!\")", "OK FETCH completed");
  EXPECT_LINES(client.run("FETCH 1 PREVIEW"), shown);
  EXPECT_LINES(client.run("FETCH 1 PREVIEW (LAZY)"), shown);
  EXPECT_LINES(client.run("FETCH 1 (PREVIEW (LAZY))"), shown);
  EXPECT_LINES(client.run("FETCH 1 (PREVIEW (lazy) UID)"),
               ElementsAre("* 1 FETCH (UID 1 PREVIEW \"Preview text!\")", "OK FETCH completed"));
  EXPECT_THAT(client.run("FETCH 1 PREVIEW (CHANGEDSINCE 0)").back(), StartsWith("OK"));
  EXPECT_THAT(client.run("FETCH 1 PREVIEW (EAGER)").back(), StartsWith("BAD"));
}

TEST_F(Rfc8970Test, Section32NothingToShowIsAnEmptyString) {
  append("Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n");
  Talker& client = selected_client();
  EXPECT_LINES(client.run("FETCH 1 PREVIEW"), ElementsAre("* 1 FETCH (PREVIEW \"\")", "OK FETCH completed"));
}

TEST_F(Rfc8970Test, Section33OtherCharactersComeInALiteral) {
  append("Content-Type: text/plain; charset=iso-8859-1\r\n\r\ngr\xfc\xdf");
  Talker& client = selected_client();
  EXPECT_LINES(client.run("FETCH 1 PREVIEW"),
               ElementsAre("* 1 FETCH (PREVIEW {6}", "gr\xc3\xbc\xc3\x9f)", "OK FETCH completed"));
}

TEST_F(Rfc8970Test, Rfc8438StatusSizeAndRfc9051Deleted) {
  append("abc");
  append("defgh");
  store_flags(1, FlagSet{SystemFlag::kDeleted});
  Talker& client = connect();
  EXPECT_LINES(client.run("STATUS q (SIZE DELETED MESSAGES)"),
               ElementsAre("* STATUS q (SIZE 8 DELETED 1 MESSAGES 2)", "OK STATUS done"));
}

}  // namespace
}  // namespace imapd::session

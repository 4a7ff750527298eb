#include <chrono>

#include "imapd/wire/date_time.h"
#include "tests/session/selected_fixture.h"

// RFC 8514: SAVEDATE.
namespace imapd::session {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

class Rfc8514Test : public SelectedTest {
 protected:
  std::string date(int days_later) {
    const auto saved = std::chrono::floor<std::chrono::seconds>(message(1).saved + std::chrono::days(days_later));
    const std::string text = wire::format_date_time({saved, std::chrono::minutes(0)});
    return text.substr(text[0] == ' ' ? 1 : 0, text[0] == ' ' ? 10 : 11);
  }
};

TEST_F(Rfc8514Test, Section42FetchTellsWhenItCameIntoThisMailbox) {
  Talker& client = selected_client();
  client.client().send("x APPEND q \"01-Jan-2015 18:50:53 +0100\" {3+}\r\nabc\r\n");
  client.client().finish("x");
  const auto saved = std::chrono::floor<std::chrono::seconds>(message(1).saved);
  EXPECT_LINES(client.run("FETCH 1 (SAVEDATE INTERNALDATE)"),
               ElementsAre("* 1 FETCH (SAVEDATE \"" + wire::format_date_time({saved, std::chrono::minutes(0)}) +
                               "\" INTERNALDATE \" 1-Jan-2015 18:50:53 +0100\")",
                           "OK FETCH completed"));
}

TEST_F(Rfc8514Test, Section43SearchKeys) {
  fill(1);
  Talker& client = selected_client();
  const auto found = ElementsAre("* SEARCH 1", "OK SEARCH completed");
  const auto nothing = ElementsAre("* SEARCH", "OK SEARCH completed");
  EXPECT_LINES(client.run("SEARCH SAVEDON " + date(0)), found);
  EXPECT_LINES(client.run("SEARCH SAVEDON " + date(1)), nothing);
  EXPECT_LINES(client.run("SEARCH SAVEDSINCE " + date(0)), found);
  EXPECT_LINES(client.run("SEARCH SAVEDSINCE " + date(1)), nothing);
  EXPECT_LINES(client.run("SEARCH SAVEDBEFORE " + date(0)), nothing);
  EXPECT_LINES(client.run("SEARCH SAVEDBEFORE " + date(1)), found);
  EXPECT_LINES(client.run("SEARCH SAVEDATESUPPORTED"), found);
  EXPECT_LINES(client.run("SEARCH NOT SAVEDATESUPPORTED"), nothing);
  EXPECT_THAT(client.run("SEARCH SAVEDON").back(), StartsWith("BAD"));
}

}  // namespace
}  // namespace imapd::session

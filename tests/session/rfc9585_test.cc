// INPROGRESS (RFC 9585). The clock is the server's: it moves when it is read.
#include <string>

#include "imapd/session/progress.h"
#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr Timestamp kBegun{std::chrono::hours(1)};

TEST(Progress, IsNotSaidBeforeTenSecondsAndThenEveryTen) {
  Progress progress(kBegun);
  EXPECT_FALSE(progress.at(1, 100, kBegun + seconds(10) - milliseconds(1)));
  const auto first = progress.at(2, 100, kBegun + seconds(10));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->done, 2u);
  EXPECT_EQ(first->goal, 100u);
  EXPECT_FALSE(progress.at(3, 100, kBegun + seconds(20) - milliseconds(1)));
  const auto second = progress.at(4, 100, kBegun + seconds(20));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->done, 4u);
}

TEST(Progress, NeverReachesItsGoalNorGoesBack) {
  Progress progress(kBegun);
  Timestamp now = kBegun;
  const auto at = [&](std::uint64_t done, std::uint64_t all) {
    now += seconds(10);
    return progress.at(done, all, now).value_or(Progress::Report());
  };
  progress.set_passes(2);
  EXPECT_EQ(at(0, 50).done, 0u);
  EXPECT_EQ(at(50, 50).done, 50u);
  EXPECT_EQ(at(10, 50).done, 50u);
  progress.next_pass();
  // The second pass is over five messages, and counts as much as the first.
  EXPECT_EQ(at(1, 5).done, 60u);
  const Progress::Report last = at(7, 5);
  EXPECT_EQ(last.done, 99u);
  EXPECT_EQ(last.goal, 100u);
}

TEST(Progress, FitsIntoItsNumbersAndSaysNothingOfNothing) {
  Progress none(kBegun);
  EXPECT_FALSE(none.at(0, 0, kBegun + seconds(60)));
  Progress all(kBegun);
  all.set_passes(2);
  const auto report = all.at(0xffff'ffff, 0xffff'ffff, kBegun + seconds(10));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->done, 0x7fff'ffffu);
  EXPECT_EQ(report->goal, 0xffff'fffeu);
}

class Rfc9585Test : public SelectedTest {
 protected:
  // From now on each look at the clock finds it so much later.
  void slow_down(Millis by) { server_.clock().advance_with_each_reading(by); }
  static std::string line(const Talker& client, int done, int goal) {
    const std::string numbers = std::to_string(done) + ' ' + std::to_string(goal);
    return "* OK [INPROGRESS (\"" + client.last_tag() + "\" " + numbers + ")] Still at it";
  }
};

TEST_F(Rfc9585Test, SearchSaysHowFarItIs) {
  fill(40);
  Talker& client = selected_client();
  slow_down(seconds(10));
  EXPECT_LINES(client.run("SEARCH BODY nothing"),
               ElementsAre(line(client, 16, 40), line(client, 32, 40), line(client, 39, 40), "* SEARCH", StartsWith("OK")));
  EXPECT_LINES(client.run("UID SEARCH RETURN (COUNT) UID 2:18 BODY body"),
               ElementsAre(line(client, 16, 17), line(client, 16, 17), HasSubstr("COUNT 17"), StartsWith("OK")));
}

TEST_F(Rfc9585Test, SortAndThreadSearchAndThenRead) {
  fill(40);
  Talker& client = selected_client();
  slow_down(seconds(10));
  EXPECT_LINES(client.run("SORT (SUBJECT) UTF-8 BODY body"),
               testing::IsSupersetOf({line(client, 16, 80), line(client, 32, 80), line(client, 40, 80), line(client, 79, 80)}));
  EXPECT_LINES(client.run("THREAD REFERENCES UTF-8 BODY body"),
               testing::IsSupersetOf({line(client, 16, 80), line(client, 32, 80), line(client, 40, 80), line(client, 79, 80)}));
}

TEST_F(Rfc9585Test, FetchAndStoreSayItBetweenTheirLines) {
  fill(300);
  Talker& client = selected_client();
  slow_down(seconds(10));
  EXPECT_LINES(client.run("FETCH 1:* FLAGS"), testing::IsSupersetOf({line(client, 256, 300), line(client, 299, 300)}));
  EXPECT_LINES(client.run("STORE 1:* +FLAGS.SILENT (\\Seen)"), testing::IsSupersetOf({line(client, 299, 300)}));
}

TEST_F(Rfc9585Test, ShortCommandsSayNothing) {
  fill(40);
  Talker& client = selected_client();
  slow_down(milliseconds(100));
  for (const char* const command : {"SEARCH BODY nothing", "SORT (SUBJECT) UTF-8 BODY body", "FETCH 1:* FLAGS", "NOOP"}) {
    EXPECT_LINES(client.run(command), Each(Not(HasSubstr("INPROGRESS"))));
  }
}

}  // namespace
}  // namespace imapd::session

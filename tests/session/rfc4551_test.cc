// Where the examples of RFC 4551 differ from those of RFC 7162, which replaced it and whose conversations are in
// rfc7162_test.cc.
#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

using Rfc4551Test = SelectedTest;

// Section 3.2, first example. Against the text there, UID 8 gets a mod-sequence (12121130956) that is smaller than the
// UNCHANGEDSINCE (12121230045) which it had passed: it must be larger.
TEST_F(Rfc4551Test, EveryStoredMessageGetsALargerModSeq) {
  fill(8);
  expunge({1, 2, 3, 5});
  Talker& client = condstore_client();
  const std::string seen = highest();
  const Lines lines = client.run("UID STORE 6,4,8 (UNCHANGEDSINCE " + seen + ") +FLAGS.SILENT (\\Deleted)");
  EXPECT_THAT(lines, ElementsAre(silent(1, 4), silent(2, 6), silent(4, 8), StartsWith("OK Cond")));
  for (const std::uint32_t uid : {4, 6, 8}) EXPECT_GT(std::stoull(mod_seq(uid)), std::stoull(seen));
}

// Section 3.2, c101 stores message 1, and against the text message 50 is answered.
TEST_F(Rfc4551Test, TheMessageThatWasStoredIsAnswered) {
  fill(50);
  store_flags(1, {SystemFlag::kDeleted});
  Talker& client = selected_client();
  const std::string seen = highest();
  const Lines lines = client.run("STORE 1 (UNCHANGEDSINCE " + seen + ") -FLAGS.SILENT (\\Deleted)");
  EXPECT_THAT(lines, ElementsAre(StartsWith("* OK [HIGHESTMODSEQ " + seen + "]"), silent(1, 1), StartsWith("OK Cond")));
}

// Section 3.2, b003: against RFC 3501, section 6.4.6, `+FLAGS` without .SILENT is answered without FLAGS.
TEST_F(Rfc4551Test, StoreThatIsNotSilentAnswersTheFlags) {
  fill(2);
  Talker& client = condstore_client();
  store_flags(2, {SystemFlag::kDeleted, SystemFlag::kAnswered});
  const Lines lines = client.run("STORE 2 (UNCHANGEDSINCE " + mod_seq(2) + ") +FLAGS (\\Seen)");
  EXPECT_THAT(lines, ElementsAre(shown(2, 2), StartsWith("OK Cond")));
}

// Section 3.7: the parameter stands in parentheses; EXAMINE takes it too.
TEST_F(Rfc4551Test, ExamineTakesCondstore) {
  fill(1);
  Talker& client = connect();
  EXPECT_LINES(client.run("EXAMINE q (CONDSTORE)").back(), StartsWith("OK [READ-ONLY]"));
  store_flags(1, {SystemFlag::kSeen});
  EXPECT_LINES(client.run("NOOP"), ElementsAre(shown(1, 1), StartsWith("OK ")));
}

}  // namespace
}  // namespace imapd::session

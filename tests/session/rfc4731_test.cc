#include "tests/session/selected_fixture.h"

// RFC 4731: ESEARCH, the examples by section.
namespace imapd::session {
namespace {

class Rfc4731Test : public SelectedTest {
 protected:
  Rfc4731Test() {
    for (std::uint32_t uid = 1; uid <= 12; ++uid) {
      const bool flagged = uid == 2 || uid == 10 || uid == 11;
      append("From: Jones\r\n\r\nbody\r\n", flagged ? FlagSet{SystemFlag::kFlagged} : FlagSet{});
    }
    expunge({1});
  }
};

TEST_F(Rfc4731Test, Section31Examples) {
  converse(selected_client().client(), R"~(
    C: A282 SEARCH RETURN (MIN COUNT) FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"
    S: * ESEARCH (TAG "A282") MIN 1 COUNT 3
    S: A282 OK ...
    C: A283 SEARCH RETURN () FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"
    S: * ESEARCH (TAG "A283") ALL 1,9:10
    S: A283 OK ...
    C: A284 SEARCH RETURN (MIN) FLAGGED
    S: * ESEARCH (TAG "A284") MIN 1
    S: A284 OK ...
    C: A285 UID SEARCH RETURN (MIN MAX) 1:5000
    S: * ESEARCH (TAG "A285") UID MIN 2 MAX 12
    S: A285 OK ...
    C: A286 SEARCH RETURN (COUNT) FLAGGED
    S: * ESEARCH (TAG "A286") COUNT 3
    S: A286 OK ...
    C: A287 SEARCH RETURN (MIN MAX ALL COUNT) DRAFT
    S: * ESEARCH (TAG "A287") COUNT 0
    S: A287 OK ...
  )~");
}

// MIN and MAX alone tell the mod-sequence of what they name, with anything else it is the highest of all found.
TEST_F(Rfc4731Test, Section32ModSeqOfWhatIsNamed) {
  for (const std::uint32_t uid : {4U, 3U, 5U}) store_flags(uid, {SystemFlag::kDraft});
  Client& client = selected_client().client();
  const std::string search = " DRAFT MODSEQ \"/flags/\\\\draft\" all 1";
  const auto found = [&](const std::string& options) { return client.command("SEARCH RETURN (" + options + ")" + search).untagged.back(); };
  EXPECT_TRUE(found("MIN").ends_with(" MIN 2 MODSEQ " + mod_seq(3))) << found("MIN");
  EXPECT_TRUE(found("MAX").ends_with(" MAX 4 MODSEQ " + mod_seq(5))) << found("MAX");
  EXPECT_TRUE(found("MIN MAX").ends_with(" MIN 2 MAX 4 MODSEQ " + mod_seq(5))) << found("MIN MAX");
  EXPECT_TRUE(found("MIN COUNT").ends_with(" MIN 2 COUNT 3 MODSEQ " + mod_seq(5))) << found("MIN COUNT");
}

}  // namespace
}  // namespace imapd::session

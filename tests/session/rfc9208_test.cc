// The conversations of RFC 9208 (QUOTA), by section. Our roots are named #user/<name> and #queue/<name>.
#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class Rfc9208Test : public SelectedTest {
 protected:
  static std::string append_command(std::size_t bytes) {
    return "APPEND INBOX {" + std::to_string(bytes) + "+}\r\n" + std::string(bytes - 2, 'x') + "\r\n";
  }
};

TEST_F(Rfc9208Test, Section4_1_GetQuotaAndGetQuotaRoot) {
  Client ann(server_, "ann");
  Client admin(server_, "admin");
  converse({&ann, &admin}, R"(
    C1: G0000 GETQUOTA "#user/ann"
    S1: * QUOTA "#user/ann" ()
    S1: G0000 OK GETQUOTA done
    C2: s SETQUOTA "#user/ann" (STORAGE 111 MESSAGE 1000)
    S2: * QUOTA "#user/ann" (STORAGE 0 111 MESSAGE 0 1000)
    S2: s OK SETQUOTA done
    C1: G0001 GETQUOTA "#user/ann"
    S1: * QUOTA "#user/ann" (STORAGE 0 111 MESSAGE 0 1000)
    S1: G0001 OK GETQUOTA done
    C1: G0002 GETQUOTAROOT INBOX
    S1: * QUOTAROOT INBOX "#user/ann"
    S1: * QUOTA "#user/ann" (STORAGE 0 111 MESSAGE 0 1000)
    S1: G0002 OK GETQUOTAROOT done
    C1: G0003 GETQUOTAROOT INBOX/not/there
    S1: * QUOTAROOT INBOX/not/there "#user/ann"
    S1: * QUOTA "#user/ann" (STORAGE 0 111 MESSAGE 0 1000)
    S1: G0003 OK GETQUOTAROOT done
    C1: G0004 GETQUOTAROOT comp.mail.mime
    S1: * QUOTAROOT comp.mail.mime
    S1: G0004 OK GETQUOTAROOT done
    C1: G0005 GETQUOTA "!partition/sda4"
    S1: G0005 NO [NONEXISTENT] ...
  )");
}

TEST_F(Rfc9208Test, Section4_1_3_SetQuotaReplacesAllLimits) {
  Client admin(server_, "admin");
  Client ann(server_, "ann");
  converse({&admin, &ann}, R"(
    C1: S0000 SETQUOTA "#user/ann" (STORAGE 111 MESSAGE 1000 MAILBOX 5)
    S1: * QUOTA "#user/ann" (STORAGE 0 111 MESSAGE 0 1000 MAILBOX 4 5)
    S1: S0000 OK SETQUOTA done
    C1: S0001 SETQUOTA "#user/ann" (storage 510)
    S1: * QUOTA "#user/ann" (STORAGE 0 510)
    S1: S0001 OK SETQUOTA done
    C2: S0002 SETQUOTA "#user/ann" (STORAGE 99999999)
    S2: S0002 NO [NOPERM] ...
    C2: S0003 GETQUOTA "#user/bob"
    S2: S0003 NO [NOPERM] ...
    C1: S0004 SETQUOTA "#user/nobody" (STORAGE 1)
    S1: S0004 NO [NONEXISTENT] ...
    C1: S0005 SETQUOTA "#user/ann" (ANNOTATION-STORAGE 1)
    S1: S0005 NO [CANNOT] ...
    C1: S0006 SETQUOTA "#user/ann" (MESSAGE 0)
    S1: S0006 NO [CANNOT] ...
    C1: S0007 SETQUOTA "#user/ann" (STORAGE 9223372036854775807)
    S1: S0007 NO [CANNOT] ...
    C1: S0008 SETQUOTA "#user/ann" (STORAGE 9223372036854775808)
    S1: S0008 BAD ...
    C1: S0009 SETQUOTA "#user/ann" (STORAGE 1 storage 2)
    S1: S0009 BAD ...
    C1: S0010 SETQUOTA "#user/ann" ()
    S1: * QUOTA "#user/ann" ()
    S1: S0010 OK SETQUOTA done
  )");
}

TEST_F(Rfc9208Test, Section4_1_4_StatusOfWhatIsDeleted) {
  append(std::string(10, 'x'), {SystemFlag::kDeleted});
  append(std::string(20, 'x'));
  append(std::string(30, 'x'), {SystemFlag::kDeleted});
  Talker& client = connect();
  EXPECT_LINES(client.run("STATUS q (MESSAGES DELETED DELETED-STORAGE)"),
               ElementsAre("* STATUS q (MESSAGES 3 DELETED 2 DELETED-STORAGE 40)", StartsWith("OK ")));
  EXPECT_LINES(client.run("STATUS INBOX (DELETED-STORAGE)").front(), "* STATUS INBOX (DELETED-STORAGE 0)");
}

TEST_F(Rfc9208Test, Section4_3_1_OverQuota) {
  Talker& admin = connect("admin");
  Talker& ann = connect();
  EXPECT_LINES(admin.run("SETQUOTA \"#user/ann\" (STORAGE 1 MESSAGE 3 MAILBOX 5)").back(), StartsWith("OK "));
  EXPECT_LINES(ann.run(append_command(1025)).back(), StartsWith("NO [OVERQUOTA] "));
  EXPECT_LINES(ann.run(append_command(1000)).back(), StartsWith("OK [APPENDUID "));
  EXPECT_LINES(ann.run(append_command(25)).back(), StartsWith("NO [OVERQUOTA] "));
  EXPECT_LINES(ann.run(append_command(10)).back(), StartsWith("OK "));
  EXPECT_LINES(ann.run(append_command(10)).back(), StartsWith("OK "));
  EXPECT_LINES(ann.run(append_command(2)).back(), StartsWith("NO [OVERQUOTA] "));
  EXPECT_LINES(ann.run("CREATE INBOX/a").back(), StartsWith("OK "));
  EXPECT_LINES(ann.run("CREATE INBOX/b").back(), StartsWith("NO [OVERQUOTA] "));
  EXPECT_LINES(ann.run("SELECT INBOX").back(), StartsWith("OK "));
  EXPECT_LINES(ann.run("COPY 1 INBOX/a").back(), StartsWith("NO [OVERQUOTA] "));
  EXPECT_LINES(ann.run("MOVE 1 INBOX/a").back(), StartsWith("OK "));
  EXPECT_LINES(ann.run("GETQUOTA \"#user/ann\"").front(), "* QUOTA \"#user/ann\" (STORAGE 1 1 MESSAGE 3 3 MAILBOX 5 5)");
}

TEST_F(Rfc9208Test, MovingFromAQueueToAFullTreeIsRefused) {
  fill(1);
  Talker& admin = connect("admin");
  Talker& ann = selected_client();
  EXPECT_LINES(ann.run(append_command(10)).back(), StartsWith("OK "));
  EXPECT_LINES(admin.run("SETQUOTA \"#user/ann\" (MESSAGE 1)").back(), StartsWith("OK "));
  EXPECT_LINES(ann.run("MOVE 1 INBOX").back(), StartsWith("NO [OVERQUOTA] "));
  EXPECT_TRUE(exists(1));
}

TEST_F(Rfc9208Test, TheRootOfAQueueIsItsPolicy) {
  server_.make_queue("secret", {{"bob", "lr"}});
  server_.make_queue("blind", {{"ann", "li"}});
  fill(2);
  Client ann(server_, "ann");
  Client admin(server_, "admin");
  converse({&ann, &admin}, R"(
    C1: a GETQUOTAROOT q
    S1: * QUOTAROOT q "#queue/q"
    S1: * QUOTA "#queue/q" ()
    S1: a OK ...
    C1: b SETQUOTA "#queue/q" (MESSAGE 2)
    S1: b NO [NOPERM] ...
    C2: c SETQUOTA "#queue/q" (MESSAGE 2 STORAGE 5)
    S2: * QUOTA "#queue/q" (STORAGE 1 5 MESSAGE 2 2)
    S2: c OK ...
    C2: d SETQUOTA "#queue/q" (MAILBOX 2)
    S2: d NO [CANNOT] ...
    C1: e GETQUOTA "#queue/q"
    S1: * QUOTA "#queue/q" (STORAGE 1 5 MESSAGE 2 2)
    S1: e OK ...
    C1: f APPEND q {4+}
    C1: abcd
    S1: f NO [OVERQUOTA] ...
    C1: g GETQUOTA "#queue/secret"
    S1: g NO [NONEXISTENT] ...
    C1: h GETQUOTAROOT secret
    S1: * QUOTAROOT secret
    S1: h OK ...
    C1: i GETQUOTAROOT blind
    S1: i NO [NOPERM] ...
  )");
  EXPECT_EQ(server_.store().mailbox(queue_.id)->policy.messages_max, 2u);
  EXPECT_EQ(server_.store().mailbox(queue_.id)->policy.bytes_max, 5u * 1024);
}

}  // namespace
}  // namespace imapd::session

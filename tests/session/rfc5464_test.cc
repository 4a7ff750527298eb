// The conversations of RFC 5464 (METADATA), by section, and what claimq adds to it.
#include <map>
#include <mutex>

#include "imapd/base/limits.h"
#include "imapd/session/queue_door.h"
#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::StartsWith;

class Rfc5464Test : public SelectedTest {
 protected:
  void set_inbox(Talker& client, const std::string& entries) {
    EXPECT_LINES(client.run("SETMETADATA INBOX (" + entries + ")"), ElementsAre("OK SETMETADATA done"));
  }
};

TEST_F(Rfc5464Test, Section4_2_GetMetadata) {
  Client admin(server_, "admin");
  converse(admin, R"(
    C: s SETMETADATA "" (/shared/comment "Shared comment")
    S: s OK SETMETADATA done
    C: t SETMETADATA "INBOX" (/private/comment "My own comment")
    S: t OK SETMETADATA done
    C: u SETMETADATA "INBOX" (/shared/comment "Shared comment")
    S: u OK SETMETADATA done
    C: a GETMETADATA "" /shared/comment
    S: * METADATA "" (/shared/comment "Shared comment")
    S: a OK GETMETADATA done
    C: b GETMETADATA "INBOX" /private/comment
    S: * METADATA INBOX (/private/comment "My own comment")
    S: b OK GETMETADATA done
    C: c GETMETADATA "INBOX" (/shared/comment /private/comment)
    S: * METADATA INBOX (/shared/comment "Shared comment")
    S: * METADATA INBOX (/private/comment "My own comment")
    S: c OK GETMETADATA done
    C: d GETMETADATA "INBOX" /private/comment /shared/comment
    S: * METADATA INBOX (/private/comment "My own comment")
    S: * METADATA INBOX (/shared/comment "Shared comment")
    S: d OK GETMETADATA done
    C: e GETMETADATA "INBOX" /Private/COMMENT
    S: * METADATA INBOX (/private/comment "My own comment")
    S: e OK GETMETADATA done
    C: f GETMETADATA INBOX /private/none
    S: * METADATA INBOX (/private/none NIL)
    S: f OK GETMETADATA done
  )");
}

TEST_F(Rfc5464Test, Section4_2_1_MaxSize) {
  Talker& client = connect();
  set_inbox(client, "/shared/comment {2199+}\r\n" + std::string(2199, 'x') + " /private/comment \"My own comment\"");
  const Lines expected = {"* METADATA INBOX (/private/comment \"My own comment\")",
                          "OK [METADATA LONGENTRIES 2199] GETMETADATA done"};
  EXPECT_EQ(client.run("GETMETADATA \"INBOX\" (MAXSIZE 1024) (/shared/comment /private/comment)"), expected);
  // As the formal syntax has it.
  EXPECT_EQ(client.run("GETMETADATA (MAXSIZE 1024) \"INBOX\" (/shared/comment /private/comment)"), expected);
  EXPECT_LINES(client.run("GETMETADATA (MAXSIZE 2199) INBOX /shared/comment").back(), "OK GETMETADATA done");
  EXPECT_LINES(client.run("GETMETADATA (MAXSIZE 2198) INBOX /shared/comment"),
               ElementsAre("OK [METADATA LONGENTRIES 2199] GETMETADATA done"));
}

TEST_F(Rfc5464Test, Section4_2_2_Depth) {
  Talker& client = connect();
  set_inbox(client, R"(/private/filters/values/small "SMALLER 5000" /private/filters/values/boss "FROM \"boss@example.com\"")");
  set_inbox(client, R"(/private/filters/values/deep/er "ALL" /private/filters/valuesx "no")");
  EXPECT_LINES(client.run("GETMETADATA \"INBOX\" (DEPTH 1) (/private/filters/values)"),
               ElementsAre("* METADATA INBOX (/private/filters/values/boss \"FROM \\\"boss@example.com\\\"\" "
                           "/private/filters/values/small \"SMALLER 5000\")",
                           "OK GETMETADATA done"));
  EXPECT_LINES(client.run("GETMETADATA INBOX (DEPTH infinity) (/private/filters/values)").front(),
               "* METADATA INBOX (/private/filters/values/boss \"FROM \\\"boss@example.com\\\"\" "
               "/private/filters/values/deep/er \"ALL\" /private/filters/values/small \"SMALLER 5000\")");
  EXPECT_LINES(client.run("GETMETADATA INBOX (DEPTH 0) (/private/filters/values)").front(),
               "* METADATA INBOX (/private/filters/values NIL)");
  EXPECT_LINES(client.run("GETMETADATA INBOX (DEPTH infinity MAXSIZE 3) /private"),
               ElementsAre("* METADATA INBOX (/private/filters/values/deep/er \"ALL\" /private/filters/valuesx \"no\")",
                           "OK [METADATA LONGENTRIES 23] GETMETADATA done"));
}

TEST_F(Rfc5464Test, Section4_3_SetMetadata) {
  Client client(server_, "ann");
  client.send("a SETMETADATA INBOX (/private/comment {33}\r\n");
  EXPECT_THAT(client.line(), StartsWith("+ "));
  client.send("My new comment across\r\ntwo lines.)\r\n");
  EXPECT_EQ(client.line(), "a OK SETMETADATA done");
  client.send("b GETMETADATA INBOX /private/comment\r\n");
  EXPECT_EQ(client.line(), "* METADATA INBOX (/private/comment {33}");
  EXPECT_EQ(client.bytes(33), "My new comment across\r\ntwo lines.");
  converse(client, R"(
    S: )
    S: b OK GETMETADATA done
    C: c SETMETADATA INBOX (/private/comment NIL)
    S: c OK SETMETADATA done
    C: d GETMETADATA INBOX /private/comment
    S: * METADATA INBOX (/private/comment NIL)
    S: d OK GETMETADATA done
    C: e SETMETADATA INBOX (/private/comment "My new comment" /shared/comment "This one is for you!")
    S: e OK SETMETADATA done
    C: f GETMETADATA INBOX (/private/comment /shared/comment)
    S: * METADATA INBOX (/private/comment "My new comment")
    S: * METADATA INBOX (/shared/comment "This one is for you!")
    S: f OK GETMETADATA done
  )");
}

TEST_F(Rfc5464Test, BinaryValuesComeBackAsLiteral8) {
  Talker& client = connect();
  set_inbox(client, std::string("/private/vendor/x/y ~{3+}\r\na\0b", 30));
  EXPECT_LINES(client.run("GETMETADATA INBOX /private/vendor/x/y").front(), "* METADATA INBOX (/private/vendor/x/y ~{3}");
}

TEST_F(Rfc5464Test, TheLimitsAreToldByTheirCodes) {
  Talker& client = connect();
  const std::size_t max = limits::kMetadataValueBytesMax;
  const auto literal = [](std::size_t size) { return '{' + std::to_string(size) + "+}\r\n" + std::string(size, 'x'); };
  set_inbox(client, "/private/comment " + literal(max));
  EXPECT_LINES(client.run("SETMETADATA INBOX (/private/comment " + literal(max + 1) + " /shared/comment \"y\")").back(),
               StartsWith("NO [METADATA MAXSIZE " + std::to_string(max) + "] "));
  for (std::size_t i = 1; i < limits::kMetadataEntriesMax; ++i) set_inbox(client, "/private/n" + std::to_string(i) + " \"v\"");
  EXPECT_LINES(client.run("SETMETADATA INBOX (/private/one-more \"v\")").back(), StartsWith("NO [METADATA TOOMANY] "));
  EXPECT_LINES(client.run("GETMETADATA INBOX /shared/comment").front(), "* METADATA INBOX (/shared/comment NIL)");
}

TEST_F(Rfc5464Test, BadNamesAreBad) {
  Talker& client = connect();
  for (const std::string name : {"/other/x", "/shared/", "/shared//x", "/shared/a*", "/shared/a%", "comment", "/privatex/a"}) {
    EXPECT_LINES(client.run("GETMETADATA INBOX \"" + name + '"').back(), StartsWith("BAD ")) << name;
    EXPECT_LINES(client.run("SETMETADATA INBOX (\"" + name + "\" \"x\")").back(), StartsWith("BAD ")) << name;
  }
  EXPECT_LINES(client.run("SETMETADATA INBOX (/shared \"x\")").back(), StartsWith("BAD "));
  EXPECT_LINES(client.run("SETMETADATA INBOX (/shared/vendor/x \"y\")").back(), StartsWith("BAD "));
  EXPECT_LINES(client.run("GETMETADATA (DEPTH 2) INBOX /shared/x").back(), StartsWith("BAD "));
  const std::string longest = "/shared/" + std::string(limits::kMetadataEntryBytesMax - 8, 'x');
  EXPECT_LINES(client.run("GETMETADATA INBOX " + longest).back(), "OK GETMETADATA done");
  EXPECT_LINES(client.run("GETMETADATA INBOX " + longest + 'x').back(), StartsWith("BAD "));
}

TEST_F(Rfc5464Test, Section3_3_Rights) {
  server_.make_queue("read", {{"ann", "lr"}});
  server_.make_queue("seen", {{"ann", "lx"}});
  server_.make_queue("secret", {{"bob", "lr"}});
  Client ann(server_, "ann");
  Client bob(server_, "bob");
  converse({&ann, &bob}, R"(
    C1: a SETMETADATA read (/private/comment "mine")
    S1: a OK ...
    C1: b SETMETADATA read (/shared/comment "ours")
    S1: b NO [NOPERM] ...
    C1: c GETMETADATA seen /shared/comment
    S1: c NO [NOPERM] ...
    C1: d GETMETADATA secret /shared/comment
    S1: d NO [NONEXISTENT] ...
    C1: e SETMETADATA "" (/shared/comment "x")
    S1: e NO [NOPERM] ...
    C1: f SETMETADATA "" (/private/comment "hers")
    S1: f OK ...
    C2: g GETMETADATA "" (/private/comment)
    S2: * METADATA "" (/private/comment NIL)
    S2: g OK ...
    C1: h SETMETADATA q (/shared/comment "ours" /private/comment "hers")
    S1: h OK ...
    C2: i GETMETADATA q (/shared/comment /private/comment)
    S2: * METADATA q (/shared/comment "ours")
    S2: * METADATA q (/private/comment NIL)
    S2: i OK ...
  )");
  Talker& admin = connect("admin");
  EXPECT_LINES(admin.run("SETMETADATA \"\" (/shared/admin \"mailto:a@b\")").back(), StartsWith("NO [CANNOT]"));
}

TEST_F(Rfc5464Test, Rfc9590_ListMetadata) {
  server_.make_queue("r");
  Talker& client = connect();
  EXPECT_LINES(client.run("SETMETADATA q (/shared/vendor/x/color \"red\" /shared/comment \"c\")").back(), StartsWith("OK"));
  EXPECT_LINES(client.run("LIST \"\" % RETURN (METADATA (\"/shared/vendor/x/color\" /private/comment))"),
               ElementsAre(StartsWith("* LIST "), StartsWith("* LIST "), "* METADATA q (/shared/vendor/x/color \"red\")",
                           StartsWith("* LIST "), "OK LIST done"));
}

// --- settings of queues ---

class TestDoor final : public QueueDoor {
 public:
  std::vector<Setting> settings(const store::MailboxInfo& mailbox, const MayCount&) const override {
    if (!mailbox.path.owner.empty()) return {};
    const std::lock_guard lock(mutex_);
    return {{"lease", lease_}, {"ready", std::to_string(mailbox.counters.ready)}};
  }
  void change(Change change, Callback<Result<void>> done) override {
    for (const Change::Item& item : change.items) {
      if (item.name != "lease") return done(make_error(Code::kInvalidArgument, item.name + ": is no setting of a queue"));
    }
    const std::lock_guard lock(mutex_);
    lease_ = change.items.front().value.value_or("60");
    done(Result<void>());
  }

 private:
  mutable std::mutex mutex_;
  std::string lease_ = "60";
};

TEST_F(Rfc5464Test, SettingsOfAQueue) {
  TestDoor door;
  server_.services().queue_door = &door;
  fill(2);
  Client ann(server_, "ann");
  Client admin(server_, "admin");
  converse({&ann, &admin}, R"(
    C1: a GETMETADATA (DEPTH infinity) q /shared
    S1: * METADATA q (/shared/vendor/claimq/lease "60" /shared/vendor/claimq/ready "2")
    S1: a OK ...
    C1: b SETMETADATA q (/shared/vendor/claimq/lease "30")
    S1: b NO [NOPERM] ...
    C2: c SETMETADATA q (/shared/vendor/claimq/lease "30")
    S2: c OK ...
    C1: d GETMETADATA q /shared/vendor/claimq/lease
    S1: * METADATA q (/shared/vendor/claimq/lease "30")
    S1: d OK ...
    C2: e SETMETADATA q (/shared/vendor/claimq/lease "5" /shared/comment "with it")
    S2: e NO [CANNOT] ...
    C2: f SETMETADATA q (/shared/vendor/claimq/color "red")
    S2: f NO [CANNOT] color: is no setting of a queue
    C2: g SETMETADATA q (/shared/vendor/claimq/lease NIL)
    S2: g OK ...
    C1: h LIST "" q RETURN (METADATA ("/shared/vendor/claimq/lease"))
    S1: * LIST (...) "/" q
    S1: * METADATA q (/shared/vendor/claimq/lease "60")
    S1: h OK ...
    C1: i GETMETADATA (DEPTH infinity) INBOX /shared
    S1: i OK ...
  )");
}

// How many messages there are is for readers (RFC 4314, section 4).
TEST_F(Rfc5464Test, SettingsOfAQueueAreForReaders) {
  TestDoor door;
  server_.services().queue_door = &door;
  server_.make_queue("drop", {{"ann", "li"}, {"bob", "lr"}});
  EXPECT_LINES(connect("ann").run("GETMETADATA (DEPTH infinity) drop /shared"), ElementsAre("OK GETMETADATA done"));
  EXPECT_LINES(connect("ann").run("GETMETADATA drop /shared/vendor/claimq/ready"),
               ElementsAre("* METADATA drop (/shared/vendor/claimq/ready NIL)", "OK GETMETADATA done"));
  EXPECT_LINES(connect("bob").run("GETMETADATA drop /shared/vendor/claimq/ready"),
               ElementsAre("* METADATA drop (/shared/vendor/claimq/ready \"0\")", "OK GETMETADATA done"));
}

}  // namespace
}  // namespace imapd::session

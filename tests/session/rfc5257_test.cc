// The conversations of RFC 5257 (ANNOTATE-EXPERIMENT-1) by section, with the entries that there are here: a claim, for reading.
#include "tests/session/selected_fixture.h"

namespace imapd::session {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kAllNames =
    "ANNOTATION (/vendor/claimq/holder /vendor/claimq/token /vendor/claimq/deadline /vendor/claimq/deliveries /vendor/claimq/failures)";

class Rfc5257Test : public SelectedTest {
 protected:
  Rfc5257Test() { fill(3); }

  std::string token(std::uint32_t uid) { return std::to_string(message(uid).claim->token.value()); }
  std::string holder(std::uint32_t uid) { return message(uid).claim->holder + " (" + message(uid).claim->user + ')'; }
  void claim(Talker& client, const std::string& number) {
    EXPECT_THAT(client.run("STORE " + number + " +FLAGS (\\Claimed)").back(), StartsWith("OK"));
  }
  // The first line of FETCH `number` (ANNOTATION ...).
  std::string fetched(Talker& client, const std::string& number, const std::string& item) {
    return client.run("FETCH " + number + " (ANNOTATION (" + item + "))").front();
  }
};

TEST_F(Rfc5257Test, Section4_1AndSection4_2SelectTellsTheLevelOfSupport) {
  converse(connect().client(), R"~(
    C: a SELECT q (ANNOTATE)
    S: * FLAGS ...
    S: * OK [PERMANENTFLAGS ...
    S: * 3 EXISTS
    S: * 0 RECENT
    S: * OK [UNSEEN 1] ...
    S: * OK [UIDVALIDITY ...
    S: * OK [UIDNEXT ...
    S: * OK [MAILBOXID ...
    S: * OK [HIGHESTMODSEQ ...
    S: * OK [ANNOTATIONS READ-ONLY NOPRIVATE] ...
    S: a OK [READ-WRITE] SELECT done
  )~");
  Talker& other = connect("bob");
  EXPECT_THAT(other.run("EXAMINE q"), Contains(StartsWith("* OK [ANNOTATIONS READ-ONLY NOPRIVATE] ")));
  EXPECT_THAT(other.run("SELECT INBOX (ANNOTATE CONDSTORE)"), Contains(StartsWith("* OK [ANNOTATIONS READ-ONLY NOPRIVATE] ")));
  EXPECT_THAT(other.run("CAPABILITY").front(), HasSubstr(" ANNOTATE-EXPERIMENT-1"));
}

TEST_F(Rfc5257Test, Section4_3FetchGivesBothWhereNeitherIsNamed) {
  Talker& client = selected_client();
  claim(client, "1");
  EXPECT_EQ(fetched(client, "1", "/vendor/claimq/holder value"),
            "* 1 FETCH (ANNOTATION (/vendor/claimq/holder (value.priv NIL value.shared \"" + holder(1) + "\")))");
  EXPECT_EQ(fetched(client, "1", "/vendor/claimq/deliveries (value size)"),
            "* 1 FETCH (ANNOTATION (/vendor/claimq/deliveries (value.priv NIL value.shared \"1\" size.priv \"0\" size.shared \"1\")))");
}

TEST_F(Rfc5257Test, Section4_3Wildcards) {
  Talker& client = selected_client();
  claim(client, "1");
  EXPECT_LINES(client.run("UID FETCH 1 (UID ANNOTATION (/* (value.shared size.shared)))"),
               ElementsAre("* 1 FETCH (UID 1 ANNOTATION (/vendor/claimq/holder (value.shared \"" + holder(1) + "\" size.shared \"" +
                               std::to_string(holder(1).size()) + "\") /vendor/claimq/token (value.shared \"" + token(1) +
                               "\" size.shared \"" + std::to_string(token(1).size()) +
                               "\") /vendor/claimq/deliveries (value.shared \"1\" size.shared \"1\")"
                               " /vendor/claimq/failures (value.shared \"0\" size.shared \"1\")))",
                           StartsWith("OK")));
  EXPECT_EQ(fetched(client, "2", "/vendor/claimq/% value.shared"),
            "* 2 FETCH (ANNOTATION (/vendor/claimq/deliveries (value.shared \"0\") /vendor/claimq/failures (value.shared \"0\")))");
  EXPECT_EQ(fetched(client, "2", "(/*/failures /vendor/claimq/fail* /vendor/claimq/failures) value.shared"),
            "* 2 FETCH (ANNOTATION (/vendor/claimq/failures (value.shared \"0\")))");
  // `%` does not go past a slash; what matches nothing is left out.
  EXPECT_LINES(client.run("FETCH 1 (ANNOTATION (/% value.shared))"), ElementsAre(StartsWith("OK")));
  EXPECT_LINES(client.run("FETCH 1 (UID ANNOTATION (/% value.shared))"), ElementsAre("* 1 FETCH (UID 1)", StartsWith("OK")));
  EXPECT_LINES(client.run("UID FETCH 1 (ANNOTATION (/% value.shared))"), ElementsAre("* 1 FETCH (UID 1)", StartsWith("OK")));
}

TEST_F(Rfc5257Test, Section4_3ListsOfEntries) {
  Talker& client = selected_client();
  EXPECT_EQ(fetched(client, "1", "(/vendor/claimq/deliveries /vendor/claimq/failures) value.priv"),
            "* 1 FETCH (ANNOTATION (/vendor/claimq/deliveries (value.priv NIL) /vendor/claimq/failures (value.priv NIL)))");
}

TEST_F(Rfc5257Test, Section4_4WhatIsNotThereIsNilOfSize0) {
  Talker& client = selected_client();
  EXPECT_EQ(fetched(client, "1", "(/comment /1.2/comment /VENDOR/claimq/failures) (value size)"),
            "* 1 FETCH (ANNOTATION (/comment (value.priv NIL value.shared NIL size.priv \"0\" size.shared \"0\")"
            " /1.2/comment (value.priv NIL value.shared NIL size.priv \"0\" size.shared \"0\")"
            " /VENDOR/claimq/failures (value.priv NIL value.shared NIL size.priv \"0\" size.shared \"0\")))");
  EXPECT_EQ(fetched(client, "1", "(/vendor/claimq/holder /vendor/claimq/deadline) value.shared"),
            "* 1 FETCH (ANNOTATION (/vendor/claimq/holder (value.shared NIL) /vendor/claimq/deadline (value.shared NIL)))");
}

TEST_F(Rfc5257Test, NobodyButTheHolderAndAdministratorsSeesTheToken) {
  Talker& client = selected_client();
  claim(client, "1");
  const std::string item = "/vendor/claimq/token value.shared";
  const std::string nothing = "* 1 FETCH (ANNOTATION (/vendor/claimq/token (value.shared NIL)))";
  const std::string shown_token = "* 1 FETCH (ANNOTATION (/vendor/claimq/token (value.shared \"" + token(1) + "\")))";
  const std::string search = "SEARCH ANNOTATION /vendor/claimq/token value \"" + token(1) + '"';
  EXPECT_EQ(fetched(client, "1", item), shown_token);
  EXPECT_EQ(client.run(search).front(), "* SEARCH 1");
  // Not another session of the same user, which could settle with it over gRPC; not another user.
  for (Talker* other : {&selected_client("ann"), &selected_client("bob")}) {
    EXPECT_EQ(fetched(*other, "1", item), nothing);
    EXPECT_THAT(fetched(*other, "1", "/* value"), Not(HasSubstr("/token")));
    EXPECT_EQ(other->run(search).front(), "* SEARCH");
    EXPECT_EQ(fetched(*other, "1", "/vendor/claimq/holder value.shared"),
              "* 1 FETCH (ANNOTATION (/vendor/claimq/holder (value.shared \"" + holder(1) + "\")))");
  }
  EXPECT_EQ(fetched(selected_client("admin"), "1", item), shown_token);
  // A renewal makes a new one; a release ends it.
  EXPECT_THAT(client.run("STORE 1 (UNCHANGEDSINCE " + token(1) + ") +FLAGS (\\Claimed)").back(), StartsWith("OK"));
  EXPECT_EQ(fetched(client, "1", item), "* 1 FETCH (ANNOTATION (/vendor/claimq/token (value.shared \"" + token(1) + "\")))");
  EXPECT_THAT(client.run("STORE 1 -FLAGS (\\Claimed)").back(), StartsWith("OK"));
  EXPECT_EQ(fetched(client, "1", item), nothing);
}

TEST_F(Rfc5257Test, Section4_4UnsolicitedNamesOnlyAfterSelectWithAnnotate) {
  Talker& told = connect();
  told.run("SELECT q (ANNOTATE)");
  Talker& untold = selected_client("bob");
  store_flags(1, FlagSet{SystemFlag::kClaimed});
  store_flags(2, FlagSet{SystemFlag::kFlagged});
  EXPECT_LINES(told.run("NOOP"), ElementsAre("* 1 FETCH (UID 1 FLAGS (\\Claimed $Claimed) " + std::string(kAllNames) + ')',
                                             "* 2 FETCH (UID 2 FLAGS (\\Flagged))", StartsWith("OK")));
  EXPECT_LINES(untold.run("NOOP"), ElementsAre("* 1 FETCH (UID 1 FLAGS (\\Claimed $Claimed))", "* 2 FETCH (UID 2 FLAGS (\\Flagged))",
                                               StartsWith("OK")));
  // Another flag of a claimed message changes no annotation; told once is enough.
  store_flags(1, FlagSet{SystemFlag::kFlagged});
  EXPECT_LINES(told.run("NOOP"), ElementsAre("* 1 FETCH (UID 1 FLAGS (\\Flagged \\Claimed $Claimed))", StartsWith("OK")));
  // Section 4.2: it holds for this SELECT only.
  told.run("SELECT q");
  store_flags(1, FlagSet{SystemFlag::kClaimed}, store::FlagChange::Mode::kRemove);
  EXPECT_LINES(told.run("NOOP"), ElementsAre("* 1 FETCH (UID 1 FLAGS (\\Flagged))", StartsWith("OK")));
}

TEST_F(Rfc5257Test, Section4_4UnsolicitedDuringStore) {
  Talker& client = connect();
  client.run("SELECT q (ANNOTATE CONDSTORE)");
  EXPECT_LINES(client.run("STORE 1 +FLAGS (\\Claimed)"),
               ElementsAre("* 1 FETCH (UID 1 FLAGS (\\Claimed $Claimed) MODSEQ (" + mod_seq(1) + ") " + kAllNames + ')', StartsWith("OK")));
  EXPECT_LINES(client.run("NOOP"), ElementsAre(StartsWith("OK")));
  EXPECT_LINES(client.run("STORE 1 +FLAGS (\\Seen)"),
               ElementsAre("* 1 FETCH (UID 1 FLAGS (\\Seen \\Claimed $Claimed) MODSEQ (" + mod_seq(1) + "))", StartsWith("OK")));
}

TEST_F(Rfc5257Test, UidOnly) {
  Talker& client = connect();
  client.run("ENABLE UIDONLY");
  client.run("SELECT q (ANNOTATE)");
  EXPECT_LINES(client.run("UID FETCH 2 (ANNOTATION (/vendor/claimq/failures value.shared))"),
               ElementsAre("* 2 UIDFETCH (ANNOTATION (/vendor/claimq/failures (value.shared \"0\")))", StartsWith("OK")));
  EXPECT_LINES(client.run("UID FETCH 2 (ANNOTATION (/% value.shared))"), ElementsAre(StartsWith("OK")));
  store_flags(2, FlagSet{SystemFlag::kClaimed});
  EXPECT_LINES(client.run("NOOP"),
               ElementsAre("* 2 UIDFETCH (FLAGS (\\Claimed $Claimed) " + std::string(kAllNames) + ')', StartsWith("OK")));
}

TEST_F(Rfc5257Test, Rev2AndChangedSince) {
  Talker& client = connect();
  client.run("ENABLE IMAP4rev2");
  EXPECT_THAT(client.run("SELECT q (ANNOTATE)"), Contains(StartsWith("* OK [ANNOTATIONS READ-ONLY NOPRIVATE] ")));
  const std::string before = highest();
  store_flags(2, FlagSet{SystemFlag::kClaimed});
  EXPECT_THAT(client.run("FETCH 1:* (ANNOTATION (/vendor/claimq/deliveries value.shared)) (CHANGEDSINCE " + before + ')'),
              Contains("* 2 FETCH (MODSEQ (" + mod_seq(2) + ") ANNOTATION (/vendor/claimq/deliveries (value.shared \"1\")))"));
  EXPECT_THAT(client.run("SEARCH ANNOTATION /vendor/claimq/deliveries value \"1\"").front(), AllOf(StartsWith("* ESEARCH"), HasSubstr("ALL 2")));
}

TEST_F(Rfc5257Test, Section4_5StoreIsRefused) {
  Talker& client = selected_client();
  converse(client.client(), R"~(
    C: a STORE 1 ANNOTATION (/comment (value.priv "My new comment"))
    S: a NO [CANNOT] There are no private annotations
    C: b STORE 1 ANNOTATION (/comment (value.shared "My new comment"))
    S: b NO [ANNOTATE TOOMANY] ...
    C: c UID STORE 1 ANNOTATION (/vendor/claimq/holder (value.shared "me"))
    S: c NO [CANNOT] These annotations are for reading only
    C: d STORE 1 ANNOTATION (/vendor/claimq/token (value.shared NIL) /comment (value.shared ~{3+}
    C: a"b))
    S: d NO [CANNOT] ...
    C: e STORE 1 ANNOTATION (/comment (value "both"))
    S: e BAD ...
    C: f STORE 1 ANNOTATION (/comment (size.shared "1"))
    S: f BAD ...
    C: g STORE 1 +ANNOTATION (/comment (value.shared "x"))
    S: g BAD ...
    C: h STORE 4 ANNOTATION (/comment (value.shared "x"))
    S: h BAD ...
  )~");
  EXPECT_TRUE(flags(1).empty());
}

TEST_F(Rfc5257Test, Section4_7AppendIsRefusedWhole) {
  Talker& client = selected_client();
  converse(client.client(), R"~(
    C: a APPEND q ANNOTATION (/comment (value.priv "Don't send until I say so")) {13}
    S: + ...
    C: Subject: x

    C: 
    S: a NO [CANNOT] There are no private annotations
    C: b APPEND q (\Seen) {12+}
    C: Subject: a
    c:  ANNOTATION (/comment (value.shared "y")) {12+}
    C: 
    C: Subject: b
    C: 
    S: b NO [ANNOTATE TOOMANY] ...
  )~");
  EXPECT_FALSE(exists(4));
}

TEST_F(Rfc5257Test, Section4_8Search) {
  Talker& client = selected_client();
  claim(client, "2");
  converse(client.client(), R"~(
    C: a SEARCH ANNOTATION /vendor/claimq/holder value "ANN"
    S: * SEARCH 2
    S: a OK SEARCH completed
    C: b SEARCH ANNOTATION * value.priv "ann"
    S: * SEARCH
    S: b OK SEARCH completed
    C: c SEARCH CHARSET UTF-8 NOT ANNOTATION /vendor/claimq/% value.shared (ann)
    S: c BAD ...
    C: d SEARCH ANNOTATION /vendor/claimq/holder value NIL
    S: * SEARCH 1 3
    S: d OK SEARCH completed
    C: e SEARCH ANNOTATION /vendor/claimq/holder value ""
    S: * SEARCH 2
    S: e OK SEARCH completed
    C: f SEARCH ANNOTATION /comment value ""
    S: * SEARCH
    S: f OK SEARCH completed
    C: g SEARCH OR 3 ANNOTATION /vendor/claimq/deliveries value.shared "1"
    S: * SEARCH 2 3
    S: g OK SEARCH completed
    C: h SEARCH ANNOTATION /% value ""
    S: * SEARCH
    S: h OK SEARCH completed
    C: i SEARCH ANNOTATION /comment size "1"
    S: i BAD ...
    C: j SEARCH ANNOTATION * value.priv NIL
    S: * SEARCH 1 2 3
    S: j OK SEARCH completed
  )~");
}

TEST_F(Rfc5257Test, Section4_9Sort) {
  Talker& client = selected_client();
  claim(client, "1");
  claim(client, "2");
  EXPECT_THAT(client.run("STORE 2 -FLAGS (\\Claimed)").back(), StartsWith("OK"));
  claim(client, "2");
  converse(client.client(), R"~(
    C: a SORT (ANNOTATION /vendor/claimq/deliveries value.shared) UTF-8 ALL
    S: * SORT 3 1 2
    S: a OK SORT completed
    C: b SORT (REVERSE ANNOTATION /vendor/claimq/deliveries value.shared) UTF-8 ALL
    S: * SORT 2 1 3
    S: b OK SORT completed
    C: c SORT (ANNOTATION /vendor/claimq/deliveries value.priv) UTF-8 ALL
    S: * SORT 1 2 3
    S: c OK SORT completed
    C: d SORT (ANNOTATION /vendor/claimq/failures value.shared REVERSE ANNOTATION /vendor/claimq/token value.shared) UTF-8 ALL
    S: * SORT 2 1 3
    S: d OK SORT completed
    C: e SORT (ANNOTATION /vendor/claimq/* value.shared) UTF-8 ALL
    S: e BAD ...
    C: f SORT (ANNOTATION /comment value) UTF-8 ALL
    S: f BAD ...
    C: g SORT (ANNOTATION /comment size.shared) UTF-8 ALL
    S: g BAD ...
  )~");
  // By the token: only who may see it.
  EXPECT_EQ(selected_client("bob").run("SORT (REVERSE ANNOTATION /vendor/claimq/token value.shared) UTF-8 ALL").front(), "* SORT 1 2 3");
}

TEST_F(Rfc5257Test, Section4_6CopyLeavesThemBehind) {
  Talker& client = selected_client();
  claim(client, "1");
  EXPECT_THAT(client.run("COPY 1 INBOX").back(), StartsWith("OK"));
  client.run("SELECT INBOX");
  EXPECT_EQ(fetched(client, "1", "/* value.shared"),
            "* 1 FETCH (ANNOTATION (/vendor/claimq/deliveries (value.shared \"0\") /vendor/claimq/failures (value.shared \"0\")))");
}

}  // namespace
}  // namespace imapd::session

#include "imapd/session/state_table.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <variant>

#include "imapd/wire/parse_command.h"

namespace imapd::session {
namespace {

struct Expected {
  const char* line;
  bool not_authenticated;
  bool authenticated;
  bool selected;
  CommandRow::Sync sync;
};

constexpr auto kNone = CommandRow::Sync::kNone;
constexpr auto kWithout = CommandRow::Sync::kWithoutExpunges;
constexpr auto kWith = CommandRow::Sync::kWithExpunges;

constexpr Expected kExpected[] = {
    {"a CAPABILITY", true, true, true, kWith},
    {"a NOOP", true, true, true, kWith},
    {"a LOGOUT", true, true, true, kNone},
    {"a ID NIL", true, true, true, kWith},
    {"a STARTTLS", true, false, false, kNone},
    {"a COMPRESS DEFLATE", false, true, true, kNone},
    {"a UNAUTHENTICATE", false, true, true, kNone},
    {"a LOGIN u p", true, false, false, kNone},
    {"a AUTHENTICATE PLAIN", true, false, false, kNone},
    {"a ENABLE CONDSTORE", false, true, true, kWith},
    {"a SELECT x", false, true, true, kNone},
    {"a EXAMINE x", false, true, true, kNone},
    {"a CREATE x", false, true, true, kWith},
    {"a DELETE x", false, true, true, kWith},
    {"a RENAME x y", false, true, true, kWith},
    {"a SUBSCRIBE x", false, true, true, kWith},
    {"a UNSUBSCRIBE x", false, true, true, kWith},
    {"a LIST \"\" *", false, true, true, kWith},
    {"a LSUB \"\" *", false, true, true, kWith},
    {"a NAMESPACE", false, true, true, kWith},
    {"a STATUS x (MESSAGES)", false, true, true, kWith},
    {"a GETMETADATA \"\" /shared/x", false, true, true, kWith},
    {"a SETMETADATA \"\" (/shared/x NIL)", false, true, true, kWith},
    {"a GETQUOTA x", false, true, true, kWith},
    {"a GETQUOTAROOT x", false, true, true, kWith},
    {"a SETQUOTA x ()", false, true, true, kWith},
    {"a SETACL x u lr", false, true, true, kWith},
    {"a DELETEACL x u", false, true, true, kWith},
    {"a GETACL x", false, true, true, kWith},
    {"a LISTRIGHTS x u", false, true, true, kWith},
    {"a MYRIGHTS x", false, true, true, kWith},
    {"a APPEND x {1+}\r\nm", false, true, true, kWith},
    {"a IDLE", false, true, true, kWith},
    {"a ESEARCH IN (personal) ALL", false, true, true, kWith},
    {"a ESEARCH 1:2", false, true, true, kWithout},
    {"a NOTIFY NONE", false, true, true, kWith},
    {"a CANCELUPDATE \"b\"", false, false, true, kWith},
    {"a CHECK", false, false, true, kWith},
    {"a CLOSE", false, false, true, kNone},
    {"a UNSELECT", false, false, true, kNone},
    {"a EXPUNGE", false, false, true, kWith},
    {"a UID EXPUNGE 1", false, false, true, kWith},
    {"a SEARCH ALL", false, false, true, kWithout},
    {"a UID SEARCH ALL", false, false, true, kWith},
    {"a SORT (DATE) UTF-8 ALL", false, false, true, kWithout},
    {"a UID SORT (DATE) UTF-8 ALL", false, false, true, kWith},
    {"a THREAD REFERENCES UTF-8 ALL", false, false, true, kWithout},
    {"a UID THREAD REFERENCES UTF-8 ALL", false, false, true, kWith},
    {"a FETCH 1 FLAGS", false, false, true, kWithout},
    {"a UID FETCH 1 FLAGS", false, false, true, kWith},
    {"a STORE 1 FLAGS ()", false, false, true, kWithout},
    {"a UID STORE 1 FLAGS ()", false, false, true, kWith},
    {"a COPY 1 x", false, false, true, kWith},
    {"a UID COPY 1 x", false, false, true, kWith},
    {"a REPLACE 1 x {0}\r\n", false, false, true, kWith},
    {"a UID REPLACE 1 x {0}\r\n", false, false, true, kWith},
    {"a MOVE 1 x", false, false, true, kWith},
    {"a UID MOVE 1 x", false, false, true, kWith},
};

wire::Command parse(const char* line) {
  auto parsed = wire::parse_command(std::string(line) + "\r\n");
  if (const auto* bad = std::get_if<wire::BadCommand>(&parsed)) {
    ADD_FAILURE() << line << ": " << bad->text;
    return {};
  }
  return std::get<wire::Command>(std::move(parsed));
}

TEST(StateTable, EveryCommandInEveryState) {
  for (const Expected& expected : kExpected) {
    const CommandRow row = row_of(parse(expected.line));
    EXPECT_EQ(!refusal(row, State::kNotAuthenticated), expected.not_authenticated) << expected.line;
    EXPECT_EQ(!refusal(row, State::kAuthenticated), expected.authenticated) << expected.line;
    EXPECT_EQ(!refusal(row, State::kSelected), expected.selected) << expected.line;
    EXPECT_EQ(row.sync, expected.sync) << expected.line;
  }
}

TEST(StateTable, EveryCommandOfTheGrammarIsInThisTest) {
  std::set<std::size_t> seen;
  for (const Expected& expected : kExpected) seen.insert(parse(expected.line).verb.index());
  EXPECT_EQ(seen.size(), std::variant_size_v<decltype(wire::Command::verb)>);
}

TEST(StateTable, RefusalNamesTheCommandAndTheCure) {
  EXPECT_EQ(refusal(row_of(parse("a UID FETCH 1 FLAGS")), State::kAuthenticated), "UID FETCH: select a mailbox first");
  EXPECT_EQ(refusal(row_of(parse("a CREATE x")), State::kNotAuthenticated), "CREATE: log in first");
  EXPECT_EQ(refusal(row_of(parse("a LOGIN u p")), State::kSelected), "LOGIN: already logged in");
}

}  // namespace
}  // namespace imapd::session

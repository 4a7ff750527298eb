// Every right of RFC 4314 by every command: what each command needs is in kRows, and nothing else may be asked of the user.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <variant>

#include "imapd/auth/rights.h"
#include "imapd/session/state_table.h"
#include "imapd/wire/parse_command.h"
#include "tests/session/conversation.h"

namespace imapd::session {
namespace {

constexpr std::string_view kAllRights = "lrswipkxtea";

// A command and the rights on the mailbox @ that it needs. To add a command: one row for each kind of mailbox that it touches.
struct Row {
  // @ stands for the mailbox. Beside it there is `all`, where the user may do everything. Messages: 1, without a flag, and
  // 2, with \Deleted.
  std::string_view command;
  std::string_view needs = "";  // Each of them.
  std::string_view one_of = "";  // And one of them.
  // Which mailbox is selected, with all rights, before the rights become those of the row; empty: none. A command that names
  // another mailbox than @ is run where it stands.
  std::string_view selected = "";
  std::string_view before = "";  // A command that goes before, with all rights still.
  // Most commands answer NO without their rights. Where this begins an untagged line, they answer OK without the line instead.
  std::string_view shows = "";
  // As `shows`: OK always, and without the rights this is not done.
  enum class Does { kNothing, kSetsSeen, kExpunges } does = Does::kNothing;
};
constexpr auto kSetsSeen = Row::Does::kSetsSeen;
constexpr auto kExpunges = Row::Does::kExpunges;

constexpr Row kRows[] = {
    // --- no mailbox is named ---
    {.command = "CAPABILITY"},
    {.command = "NOOP"},
    {.command = "LOGOUT"},
    {.command = "ID NIL"},
    {.command = "ENABLE CONDSTORE"},
    {.command = "NAMESPACE"},
    {.command = "COMPRESS DEFLATE"},
    {.command = "UNAUTHENTICATE"},
    {.command = "IDLE\r\nDONE"},
    {.command = "GETMETADATA \"\" /shared/comment"},
    {.command = "NOTIFY NONE"},
    // --- a mailbox is named ---
    {.command = "SELECT @", .needs = "lr"},
    {.command = "EXAMINE @", .needs = "lr"},
    {.command = "STATUS @ (MESSAGES)", .needs = "lr"},
    {.command = "CREATE @/child", .needs = "lk"},
    {.command = "CREATE @/some/child", .needs = "lk"},
    {.command = "DELETE @", .needs = "lx"},
    {.command = "RENAME @ all/@", .needs = "lx"},
    {.command = "RENAME all/old @/new", .needs = "lk", .before = "CREATE all/old"},
    {.command = "SUBSCRIBE @"},
    {.command = "UNSUBSCRIBE @"},
    {.command = "LIST \"\" @", .needs = "l", .shows = "* LIST"},
    {.command = "LSUB \"\" @", .before = "SUBSCRIBE @", .shows = "* LSUB"},
    {.command = "LIST \"\" @ RETURN (STATUS (MESSAGES))", .needs = "lr", .shows = "* STATUS"},
    {.command = "GETMETADATA @ /private/comment", .needs = "l", .one_of = "rswip"},
    {.command = "GETMETADATA @ /shared/comment", .needs = "l", .one_of = "rswip"},
    {.command = "SETMETADATA @ (/private/comment \"x\")", .needs = "l", .one_of = "rswip"},
    {.command = "SETMETADATA @ (/shared/comment \"x\")", .needs = "lw"},
    {.command = "GETQUOTA #queue/@", .needs = "lr"},
    {.command = "GETQUOTAROOT @", .needs = "lr"},
    {.command = "SETQUOTA #queue/@ (MESSAGE 5)", .needs = "lra"},
    {.command = "SETACL @ bob lr", .needs = "la"},
    {.command = "DELETEACL @ bob", .needs = "la"},
    {.command = "GETACL @", .needs = "la"},
    {.command = "LISTRIGHTS @ bob", .needs = "la"},
    {.command = "MYRIGHTS @", .needs = "l"},
    {.command = "APPEND @ (\\Seen \\Deleted \\Flagged) {1+}\r\nm", .needs = "li"},
    {.command = "ESEARCH IN (mailboxes @) RETURN (COUNT) ALL", .needs = "lr", .shows = "* ESEARCH"},
    // --- in a mailbox that has been selected: each of them needs `r`, too, and ends the session without it ---
    {.command = "CHECK", .selected = "@"},
    {.command = "UNSELECT", .selected = "@"},
    {.command = "CLOSE", .needs = "e", .selected = "@", .does = kExpunges},
    {.command = "EXPUNGE", .needs = "e", .selected = "@"},
    {.command = "UID EXPUNGE 2", .needs = "e", .selected = "@"},
    {.command = "SEARCH ALL", .selected = "@"},
    {.command = "UID SEARCH ALL", .selected = "@"},
    {.command = "SORT (DATE) UTF-8 ALL", .selected = "@"},
    {.command = "THREAD REFERENCES UTF-8 ALL", .selected = "@"},
    {.command = "FETCH 1 (FLAGS BODY.PEEK[])", .selected = "@"},
    {.command = "FETCH 1 ANNOTATION (/* value)", .selected = "@"},
    {.command = "SEARCH ANNOTATION * value \"\"", .selected = "@"},
    {.command = "SORT (ANNOTATION /vendor/claimq/holder value.shared) UTF-8 ALL", .selected = "@"},
    {.command = "FETCH 1 BODY[]", .needs = "s", .selected = "@", .does = kSetsSeen},
    {.command = "UID FETCH 1 BODY[]", .needs = "s", .selected = "@", .does = kSetsSeen},
    {.command = "STORE 1 +FLAGS (\\Seen)", .needs = "s", .selected = "@"},
    {.command = "STORE 1 +FLAGS (\\Deleted)", .needs = "t", .selected = "@"},
    {.command = "STORE 1 +FLAGS (\\Flagged $Custom)", .needs = "w", .selected = "@"},
    {.command = "STORE 1 -FLAGS (\\Flagged)", .needs = "w", .selected = "@"},
    {.command = "STORE 1 +FLAGS (\\Claimed)", .needs = "w", .selected = "@"},
    {.command = "STORE 1 +FLAGS (\\Claimed \\Seen)", .needs = "w", .selected = "@"},
    {.command = "STORE 1 -FLAGS (\\Claimed)", .needs = "w", .selected = "@", .before = "STORE 1 +FLAGS (\\Claimed)"},
    {.command = "UID STORE 1 +FLAGS (\\Seen \\Deleted \\Flagged)", .one_of = "stw", .selected = "@"},
    {.command = "UID STORE 1 FLAGS (\\Seen \\Deleted \\Flagged)", .one_of = "stw", .selected = "@"},
    {.command = "STORE 1 FLAGS (\\Seen)", .needs = "s", .selected = "@"},
    {.command = "STORE 1 FLAGS (\\Flagged)", .needs = "w", .selected = "@"},
    {.command = "STORE 2 FLAGS ()", .one_of = "stw", .selected = "@"},
    {.command = "COPY 1 all", .selected = "@"},
    {.command = "UID COPY 1 all", .selected = "@"},
    {.command = "MOVE 1 all", .needs = "te", .selected = "@"},
    {.command = "UID MOVE 1 all", .needs = "te", .selected = "@"},
    {.command = "COPY 1 @", .needs = "li", .selected = "all"},
    {.command = "UID COPY 1 @", .needs = "li", .selected = "all"},
    {.command = "MOVE 1 @", .needs = "li", .selected = "all"},
    {.command = "UID MOVE 1 @", .needs = "li", .selected = "all"},
    {.command = "REPLACE 1 @ {1+}\r\nm", .needs = "li", .selected = "all"},
    {.command = "REPLACE 1 all {1+}\r\nm", .needs = "te", .selected = "@"},
    // `before` has the third tag.
    {.command = "CANCELUPDATE \"t3\"", .selected = "@", .before = "UID SEARCH RETURN (UPDATE) ALL"},
};

// There is no user yet who could have rights.
constexpr std::string_view kBeforeLogin[] = {"STARTTLS", "LOGIN u p", "AUTHENTICATE PLAIN"};

std::string with_name(std::string_view text, const std::string& name) {
  std::string result;
  for (const char letter : text) {
    if (letter == '@') {
      result += name;
    } else {
      result += letter;
    }
  }
  return result;
}

// Every case has a mailbox and a connection of its own.
class RightsTable : public testing::Test {
 protected:
  RightsTable() : all_(server_.make_queue("all", {{"anyone", std::string(kAllRights)}})) {}

  static std::set<char> set_of(std::string_view letters) { return {letters.begin(), letters.end()}; }
  // Who may not read the selected mailbox any more may do nothing with it.
  static bool must_read(const Row& row) { return row.selected == "@"; }
  static bool suffices(const Row& row, const std::set<char>& rights) {
    const auto has = [&rights](char right) { return rights.contains(right); };
    return (!must_read(row) || has('r')) && std::ranges::all_of(row.needs, has) && (row.one_of.empty() || std::ranges::any_of(row.one_of, has));
  }

  void give(const store::MailboxInfo& mailbox, const std::set<char>& rights) {
    store::UpdateMailbox request;
    request.mailbox = mailbox.id;
    request.acl = {{"ann", std::string(rights.begin(), rights.end())}};
    ASSERT_TRUE(support::await(server_.store(), &store::Store::update_mailbox, std::move(request)));
  }
  void fill(const store::MailboxInfo& mailbox) {
    server_.append(mailbox, "Subject: one\r\n\r\nbody\r\n");
    server_.append(mailbox, "Subject: two\r\n\r\nbody\r\n", {SystemFlag::kDeleted});
  }

  // The answer to the row's command on `mailbox` for a user with these rights, or on a mailbox that is not there.
  struct Seen {
    Client::Answer answer;
    bool done = false;
  };
  Seen run(const Row& row, const std::set<char>& rights, const std::string& named = "") {
    const std::string name = "q" + std::to_string(++last_mailbox_);
    const store::MailboxInfo mailbox = server_.make_queue(name, {{"ann", std::string(kAllRights)}});
    fill(mailbox);
    if (row.selected == "all") fill(all_);
    Client client(server_, "ann");
    if (!row.selected.empty()) client.command("SELECT " + with_name(row.selected, name));
    if (!row.before.empty()) client.command(with_name(row.before, named.empty() ? name : named));
    give(mailbox, rights);
    Seen seen{client.command(with_name(row.command, named.empty() ? name : named)), false};
    seen.done = is_done(row, seen.answer, mailbox);
    tidy();
    if (!named.empty()) return seen;
    for (std::string& line : seen.answer.untagged) line = renamed(std::move(line), name, kNowhere);
    seen.answer.tagged = renamed(std::move(seen.answer.tagged), name, kNowhere);
    return seen;
  }

  void check(const Row& row, const std::set<char>& rights) {
    SCOPED_TRACE(std::string(row.command) + " with the rights " + std::string(rights.begin(), rights.end()));
    const Seen seen = run(row, rights);
    const std::string& tagged = seen.answer.tagged;
    if (suffices(row, rights)) {
      EXPECT_TRUE(tagged.starts_with("OK") && seen.done) << "refused, though kRows says that these suffice: " << tagged;
      return;
    }
    if (set_of(row.needs).contains('l') && !rights.contains('l')) {
      const Seen nowhere = run(row, set_of(kAllRights), kNowhere);
      EXPECT_EQ(tagged, nowhere.answer.tagged) << "tells that there is a mailbox which the user may not know of";
      EXPECT_EQ(seen.answer.untagged, nowhere.answer.untagged) << "tells that there is a mailbox which the user may not know of";
      return;
    }
    EXPECT_FALSE(tagged.starts_with("OK") && seen.done) << "done, though kRows says that a right is missing: " << tagged;
    const bool may_read = !must_read(row) || rights.contains('r');
    if (may_read && (!row.shows.empty() || row.does != Row::Does::kNothing)) {
      EXPECT_TRUE(tagged.starts_with("OK")) << tagged;
    } else {
      EXPECT_TRUE(tagged.starts_with("NO [NOPERM]")) << tagged;
    }
  }

  static constexpr const char* kNowhere = "nowhere";

 private:
  static std::string renamed(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
    return text;
  }
  bool is_done(const Row& row, const Client::Answer& answer, const store::MailboxInfo& mailbox) {
    if (!row.shows.empty()) {
      return std::ranges::any_of(answer.untagged, [&row](const std::string& line) { return line.starts_with(row.shows); });
    }
    if (row.does == Row::Does::kNothing) return answer.tagged.starts_with("OK");
    const store::Snapshot snapshot = server_.store().snapshot();
    if (row.does == kExpunges) return !*snapshot.message(mailbox.id, Uid(2));
    return (*snapshot.message(mailbox.id, Uid(1)))->flags.contains(SystemFlag::kSeen);
  }
  // What a case made is not there for the next. A level goes with the last name below it, so that some are gone already.
  void tidy() {
    for (const store::MailboxInfo& mailbox : server_.store().mailboxes()) {
      const bool stays = !mailbox.path.owner.empty() || mailbox.id == all_.id;
      if (stays) continue;
      store::DeleteMailbox request;
      request.path = mailbox.path;
      static_cast<void>(support::await(server_.store(), &store::Store::delete_mailbox, std::move(request)));
    }
  }

  Server server_;
  store::MailboxInfo all_;
  std::uint32_t last_mailbox_ = 0;
};

// RFC 4314, section 4.
TEST_F(RightsTable, EachRightIsNeededExactlyWhereTheTableSaysSo) {
  for (const Row& row : kRows) {
    for (const char without : kAllRights) {
      std::set<char> rights = set_of(kAllRights);
      rights.erase(without);
      check(row, rights);
    }
  }
}

TEST_F(RightsTable, WhatIsNeededSufficesAndNothingLess) {
  for (const Row& row : kRows) {
    std::set<char> needed = set_of(row.needs);
    if (must_read(row)) needed.insert('r');
    check(row, needed);
    for (const char one : row.one_of) {
      std::set<char> rights = needed;
      rights.insert(one);
      check(row, rights);
    }
    // All but the alternatives.
    if (row.one_of.empty()) continue;
    std::set<char> rights = set_of(kAllRights);
    for (const char one : row.one_of) rights.erase(one);
    check(row, rights);
  }
}

std::size_t kind_of(const std::string& text) {
  auto parsed = wire::parse_command("a " + text + "\r\n");
  const auto* command = std::get_if<wire::Command>(&parsed);
  if (command == nullptr) ADD_FAILURE() << text << ": " << std::get<wire::BadCommand>(parsed).text;
  return command == nullptr ? std::variant_npos : command->verb.index();
}

template <std::size_t... Kinds>
std::vector<std::string> names_of_all_commands(std::index_sequence<Kinds...>) {
  std::vector<std::string> names;
  const auto add = [&names](wire::Command command) { names.emplace_back(row_of(command).name); };
  (add({"a", decltype(wire::Command::verb)(std::in_place_index<Kinds>)}), ...);
  return names;
}

TEST(RightsTableRows, EveryCommandOfTheGrammarHasOne) {
  std::set<std::size_t> seen;
  for (const Row& row : kRows) {
    const std::string text = with_name(row.command, "q");
    seen.insert(kind_of(text.starts_with("IDLE") ? "IDLE" : text));
  }
  for (const std::string_view text : kBeforeLogin) seen.insert(kind_of(std::string(text)));
  constexpr std::size_t kCount = std::variant_size_v<decltype(wire::Command::verb)>;
  const std::vector<std::string> names = names_of_all_commands(std::make_index_sequence<kCount>());
  for (std::size_t kind = 0; kind < kCount; ++kind) {
    EXPECT_TRUE(seen.contains(kind)) << "The command " << names[kind] << " is not in kRows of rights_table_test.cc. Add a row "
                                     << "{.command = \"" << names[kind] << " @ ...\", .needs = \"lr\"} with the rights on the mailbox @ "
                                     << "that it needs (RFC 4314, section 4), and .selected = \"@\" when it works on a selected one.";
  }
}

}  // namespace
}  // namespace imapd::session

#include "imapd/wire/response.h"

#include <gtest/gtest.h>

#include "imapd/wire/parse_command.h"

namespace imapd::wire {
namespace {

template <class Append>
std::string made(Append&& append) {
  std::string text;
  append(text);
  return text;
}

std::string string_of(std::string_view value) {
  return made([&](std::string& to) { append_string(to, value); });
}
std::string astring_of(std::string_view value) {
  return made([&](std::string& to) { append_astring(to, value); });
}
std::string flags_of(const FlagSet& flags, ClaimedAs claimed_as, bool recent = false) {
  return made([&](std::string& to) { append_flags(to, flags, claimed_as, recent); });
}
template <class Write>
std::string written(Write&& write, ClaimedAs claimed_as = ClaimedAs::kBoth) {
  return made([&](std::string& to) {
    ResponseWriter writer(to, claimed_as);
    write(writer);
  });
}

TEST(ResponseTest, StringIsQuotedWhereItMayBe) {
  EXPECT_EQ(string_of(""), "\"\"");
  EXPECT_EQ(string_of("a \"b\" \\c"), "\"a \\\"b\\\" \\\\c\"");
  EXPECT_EQ(string_of("\xc3\xa9"), "{2}\r\n\xc3\xa9");
  EXPECT_EQ(string_of("a\r\nb"), "{4}\r\na\r\nb");
  EXPECT_EQ(string_of(std::string_view("a\0b", 3)), std::string("{3}\r\na\0b", 8));
  EXPECT_EQ(string_of(std::string(1'024, 'x')), '"' + std::string(1'024, 'x') + '"');
  EXPECT_EQ(string_of(std::string(1'025, 'x')), "{1025}\r\n" + std::string(1'025, 'x'));
}

TEST(ResponseTest, NilIsNotTheStringNil) {
  EXPECT_EQ(made([](std::string& to) { append_nstring(to, std::nullopt); }), "NIL");
  EXPECT_EQ(made([](std::string& to) { append_nstring(to, "NIL"); }), "\"NIL\"");
  EXPECT_EQ(astring_of("nil"), "\"nil\"");
  EXPECT_EQ(astring_of("a]b"), "a]b");
  EXPECT_EQ(astring_of("a b"), "\"a b\"");
  EXPECT_EQ(astring_of(""), "\"\"");
}

// What we write as an astring we read back as the same value.
TEST(ResponseTest, StringsRoundTripThroughTheParser) {
  std::string value;
  for (int c = 1; c < 256; ++c) value.push_back(static_cast<char>(c));
  for (std::size_t size = 0; size <= value.size(); ++size) {
    for (const std::string& part : {value.substr(0, size), value.substr(size, 3)}) {
      const auto parsed = parse_command("a LOGIN " + astring_of(part) + ' ' + string_of(part) + "\r\n");
      const auto& login = std::get<Login>(std::get<Command>(parsed).verb);
      EXPECT_EQ(login.user, part);
      EXPECT_EQ(login.password, part);
    }
  }
}

TEST(ResponseTest, MailboxIsModifiedUtf7) {
  const auto mailbox = [](std::string_view name) {
    return made([&](std::string& to) { append_mailbox(to, name, MailboxNames::kUtf7); });
  };
  EXPECT_EQ(mailbox("INBOX"), "INBOX");
  EXPECT_EQ(mailbox("Entw\xc3\xbcrfe"), "Entw&APw-rfe");
  EXPECT_EQ(mailbox("R & D"), "\"R &- D\"");
}

TEST(ResponseTest, MailboxIsQuotedUtf8OnceThatIsEnabled) {
  const auto mailbox = [](std::string_view name) {
    return made([&](std::string& to) { append_mailbox(to, name, MailboxNames::kUtf8); });
  };
  EXPECT_EQ(mailbox("INBOX"), "INBOX");
  EXPECT_EQ(mailbox("Entw\xc3\xbcrfe"), "\"Entw\xc3\xbcrfe\"");
  EXPECT_EQ(mailbox("\xc3\xa9\"\\"), "\"\xc3\xa9\\\"\\\\\"");
  EXPECT_EQ(mailbox("R & D"), "\"R & D\"");
  EXPECT_EQ(mailbox("&APw-"), "&APw-");
  EXPECT_EQ(mailbox("\xc3\xa9\r\n"), "{4}\r\n\xc3\xa9\r\n");
}

TEST(ResponseTest, ClaimedIsShownUnderTheNamesAskedFor) {
  const FlagSet flags{SystemFlag::kSeen, SystemFlag::kClaimed, *Flag::parse("Junk")};
  EXPECT_EQ(flags_of(flags, ClaimedAs::kBoth), "(\\Seen \\Claimed $Claimed Junk)");
  EXPECT_EQ(flags_of(flags, ClaimedAs::kBackslash), "(\\Seen \\Claimed Junk)");
  EXPECT_EQ(flags_of(flags, ClaimedAs::kKeyword), "(\\Seen $Claimed Junk)");
  EXPECT_EQ(flags_of({}, ClaimedAs::kBoth), "()");
  EXPECT_EQ(flags_of({}, ClaimedAs::kBoth, true), "(\\Recent)");
}

TEST(ResponseTest, SectionNames) {
  const auto name = [](FetchSection section) { return made([&](std::string& to) { append_section_name(to, section); }); };
  using Kind = SectionSpec::Kind;
  EXPECT_EQ(name({.section = {}, .partial = {}}), "BODY[]");
  EXPECT_EQ(name({.section = {.part = {}, .kind = Kind::kWhole, .fields = {}}, .peek = true, .partial = Partial{5, 10}}), "BODY[]<5>");
  EXPECT_EQ(name({.section = {.part = {1, 2}, .kind = Kind::kMime, .fields = {}}, .partial = {}}), "BODY[1.2.MIME]");
  EXPECT_EQ(name({.section = {.part = {3}, .kind = Kind::kHeaderFieldsNot, .fields = {"To", "X Y"}}, .partial = {}}),
            "BODY[3.HEADER.FIELDS.NOT (To \"X Y\")]");
  EXPECT_EQ(name({.name = FetchSection::Name::kRfc822Text, .section = {}, .partial = {}}), "RFC822.TEXT");
}

TEST(ResponseTest, Numbers) {
  constexpr std::uint32_t kNumbers[] = {1, 2, 3, 7, 9, 10};
  EXPECT_EQ(number_set(kNumbers), "1:3,7,9:10");
  EXPECT_EQ(number_set({}), "");
}

TEST(ResponseTest, Conditions) {
  EXPECT_EQ(written([](auto& w) { w.ok("a", "done"); }), "a OK done\r\n");
  EXPECT_EQ(written([](auto& w) { w.no("a", "gone", code::kNonExistent); }), "a NO [NONEXISTENT] gone\r\n");
  EXPECT_EQ(written([](auto& w) { w.bad("*", ""); }), "* BAD -\r\n");
  EXPECT_EQ(written([](auto& w) { w.untagged(Condition::kBye, "good\r\nbye\xff"); }), "* BYE good??bye?\r\n");
  EXPECT_EQ(written([](auto& w) { w.continuation("idling"); }), "+ idling\r\n");
  EXPECT_EQ(written([](auto& w) { w.continuation(""); }), "+ \r\n");
}

TEST(ResponseTest, Codes) {
  EXPECT_EQ(code::permanent_flags({SystemFlag::kClaimed}, ClaimedAs::kBoth, true), "PERMANENTFLAGS (\\Claimed $Claimed \\*)");
  EXPECT_EQ(code::permanent_flags({}, ClaimedAs::kBoth, true), "PERMANENTFLAGS (\\*)");
  EXPECT_EQ(code::permanent_flags({}, ClaimedAs::kBoth, false), "PERMANENTFLAGS ()");
  EXPECT_EQ(code::uid_next(Uid(4392)), "UIDNEXT 4392");
  EXPECT_EQ(code::highest_mod_seq(ModSeq(9223372036854775807u)), "HIGHESTMODSEQ 9223372036854775807");
  // PITFALLS 9: sequence numbers for STORE, UIDs for UID STORE.
  constexpr std::uint32_t kNumbers[] = {7, 9};
  EXPECT_EQ(code::modified(kNumbers), "MODIFIED 7,9");
  EXPECT_EQ(code::modified(UidSet::range(Uid(100), Uid(102))), "MODIFIED 100:102");
  EXPECT_EQ(code::append_uid(UidValidity(38505), UidSet::of(Uid(3955))), "APPENDUID 38505 3955");
  EXPECT_EQ(code::append_uid(UidValidity(38505), UidSet::range(Uid(3955), Uid(3957))), "APPENDUID 38505 3955:3957");
  EXPECT_EQ(code::copy_uid(UidValidity(38505), UidSet::of(Uid(304)).add_range(Uid(319), Uid(320)), UidSet::range(Uid(3956), Uid(3958))),
            "COPYUID 38505 304,319:320 3956:3958");
}

TEST(ResponseTest, MailboxData) {
  EXPECT_EQ(written([](auto& w) { w.flags({SystemFlag::kClaimed}); }), "* FLAGS (\\Claimed $Claimed)\r\n");
  EXPECT_EQ(written([](auto& w) { w.exists(3); }), "* 3 EXISTS\r\n");
  EXPECT_EQ(written([](auto& w) { w.recent(0); }), "* 0 RECENT\r\n");
  EXPECT_EQ(written([](auto& w) { w.expunge(4); }), "* 4 EXPUNGE\r\n");
  EXPECT_EQ(written([](auto& w) { w.vanished(UidSet::of(Uid(5)), true); }), "* VANISHED (EARLIER) 5\r\n");
  EXPECT_EQ(written([](auto& w) {
              w.list({.attributes = {"\\HasNoChildren", "\\Junk"}, .mailbox = "a \xc3\xa9", .child_info_subscribed = true});
            }),
            "* LIST (\\HasNoChildren \\Junk) \"/\" \"a &AOk-\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n");
  EXPECT_EQ(written([](auto& w) { w.lsub({.attributes = {}, .mailbox = "x"}); }), "* LSUB () \"/\" x\r\n");
  EXPECT_EQ(written([](auto& w) { w.list_delimiter(); }), "* LIST (\\Noselect) \"/\" \"\"\r\n");
  EXPECT_EQ(written([](auto& w) { w.name_space(); }), "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n");
  EXPECT_EQ(written([](auto& w) {
              w.status({.mailbox = "x", .items = {{StatusItem::kMessages, 231}, {StatusItem::kHighestModSeq, 7011231777}}});
            }),
            "* STATUS x (MESSAGES 231 HIGHESTMODSEQ 7011231777)\r\n");
  constexpr std::pair<const char*, const char*> kName = {"name", "claimq"};
  const std::vector<std::pair<std::string, std::string>> fields = {kName};
  EXPECT_EQ(written([&](auto& w) { w.id(fields); }), "* ID (\"name\" \"claimq\")\r\n");
  const std::vector<std::string> enabled = {"CONDSTORE"};
  EXPECT_EQ(written([&](auto& w) { w.enabled(enabled); }), "* ENABLED CONDSTORE\r\n");
}

TEST(ResponseTest, SearchResults) {
  constexpr std::uint32_t kNumbers[] = {2, 5, 6};
  EXPECT_EQ(written([&](auto& w) { w.search(kNumbers); }), "* SEARCH 2 5 6\r\n");
  EXPECT_EQ(written([&](auto& w) { w.search(kNumbers, ModSeq(917162500)); }), "* SEARCH 2 5 6 (MODSEQ 917162500)\r\n");
  EXPECT_EQ(written([&](auto& w) { w.search({}, ModSeq(1)); }), "* SEARCH\r\n");
  EXPECT_EQ(written([](auto& w) { w.esearch({.tag = "A282", .min = 2, .max = {}, .count = 3, .all = {}, .mod_seq = {}, .partial = {}}); }),
            "* ESEARCH (TAG \"A282\") MIN 2 COUNT 3\r\n");
  EXPECT_EQ(written([](auto& w) {
              w.esearch({.tag = "a", .uid = true, .min = {}, .max = {}, .count = {}, .all = "1:3", .mod_seq = ModSeq(9), .partial = {}});
            }),
            "* ESEARCH (TAG \"a\") UID ALL 1:3 MODSEQ 9\r\n");
}

TEST(ResponseTest, Fetch) {
  const std::string text = written([](ResponseWriter& w) {
    FetchWriter fetch(w, 12);
    fetch.uid(Uid(7));
    fetch.flags({SystemFlag::kClaimed}, true);
    fetch.mod_seq(ModSeq(624140003));
    fetch.internal_date(*parse_date_time("17-Jul-1996 02:44:25 -0700"));
    fetch.rfc822_size(44827);
    fetch.formed("ENVELOPE", "(NIL)");
    fetch.section({.section = {}, .partial = Partial{0, 3}}, "a\r\n");
    fetch.section({.section = {.part = {9}, .kind = SectionSpec::Kind::kWhole, .fields = {}}, .partial = {}}, std::nullopt);
    fetch.section({.name = FetchSection::Name::kRfc822Text, .section = {}, .partial = {}}, "");
    fetch.finish();
  });
  EXPECT_EQ(text,
            "* 12 FETCH (UID 7 FLAGS (\\Claimed $Claimed \\Recent) MODSEQ (624140003) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" "
            "RFC822.SIZE 44827 ENVELOPE (NIL) BODY[]<0> {3}\r\na\r\n BODY[9] NIL RFC822.TEXT \"\")\r\n");
}

}  // namespace
}  // namespace imapd::wire

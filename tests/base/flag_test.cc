#include "imapd/base/flag.h"

#include <gtest/gtest.h>

#include <utility>

namespace imapd {
namespace {

TEST(Flag, EverySystemFlagIsKnownByItsNameInAnyCase) {
  const std::pair<std::string_view, SystemFlag> names[] = {
      {"\\Answered", SystemFlag::kAnswered}, {"\\Flagged", SystemFlag::kFlagged}, {"\\Deleted", SystemFlag::kDeleted},
      {"\\Seen", SystemFlag::kSeen},         {"\\Draft", SystemFlag::kDraft},     {"\\Claimed", SystemFlag::kClaimed},
      {"\\ANSWERED", SystemFlag::kAnswered}, {"\\fLAGGED", SystemFlag::kFlagged}, {"\\deleted", SystemFlag::kDeleted},
      {"\\sEEN", SystemFlag::kSeen},         {"\\DRAFT", SystemFlag::kDraft},     {"\\claimed", SystemFlag::kClaimed}};
  for (const auto& [name, system] : names) {
    const auto flag = Flag::parse(name);
    ASSERT_TRUE(flag) << name;
    ASSERT_TRUE(flag->is_system()) << name;
    EXPECT_EQ(flag->system(), system) << name;
    EXPECT_TRUE(equals_ignoring_case(flag->name(), name)) << flag->name();
  }
}

TEST(Flag, KeywordTwinOfClaimedIsTheClaimedFlag) {
  for (const std::string_view name : {"$Claimed", "$claimed", "$CLAIMED"}) {
    const auto flag = Flag::parse(name);
    ASSERT_TRUE(flag) << name;
    ASSERT_TRUE(flag->is_system()) << name;
    EXPECT_EQ(flag->system(), SystemFlag::kClaimed) << name;
    EXPECT_EQ(flag->name(), "\\Claimed");
  }
}

TEST(Flag, ClaimedWithoutBackslashOrDollarIsAKeyword) {
  const auto flag = Flag::parse("Claimed");
  ASSERT_TRUE(flag);
  EXPECT_FALSE(flag->is_system());
}

TEST(Flag, ValuesOnDiskNeverChange) {
  EXPECT_EQ(static_cast<int>(SystemFlag::kAnswered), 0);
  EXPECT_EQ(static_cast<int>(SystemFlag::kFlagged), 1);
  EXPECT_EQ(static_cast<int>(SystemFlag::kDeleted), 2);
  EXPECT_EQ(static_cast<int>(SystemFlag::kSeen), 3);
  EXPECT_EQ(static_cast<int>(SystemFlag::kDraft), 4);
  EXPECT_EQ(static_cast<int>(SystemFlag::kClaimed), 5);
  EXPECT_EQ(FlagSet::bit(SystemFlag::kClaimed), 32u);
}

TEST(Flag, RecentAndUnknownBackslashFlagsAreRefused) {
  for (const std::string_view name : {"\\Recent", "\\Foo", "\\*", "\\", "\\Seen "}) EXPECT_FALSE(Flag::parse(name)) << name;
}

TEST(Flag, KeywordOfAtomCharactersKeepsItsSpelling) {
  for (const std::string_view name : {"Junk", "$MDNSent", "a", "NonJunk-2", "~!#&'+,./:;<=>?@[^_`|}"}) {
    const auto flag = Flag::parse(name);
    ASSERT_TRUE(flag) << name;
    EXPECT_FALSE(flag->is_system());
    EXPECT_EQ(flag->keyword(), name);
    EXPECT_EQ(flag->name(), name);
  }
}

TEST(Flag, EveryByteThatNoAtomMayHoldIsRefused) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool is_special = std::string_view("(){%*\"\\]").find(c) != std::string_view::npos;
    const bool is_atom_char = byte > 0x20 && byte < 0x7f && !is_special;
    EXPECT_EQ(Flag::parse(std::string("a") + c + "b").has_value(), is_atom_char) << byte;
  }
  EXPECT_FALSE(Flag::parse(""));
}

TEST(FlagSet, AddedFlagsAreContainedUntilRemoved) {
  FlagSet set;
  EXPECT_TRUE(set.empty());
  set.add(SystemFlag::kSeen);
  set.add(*Flag::parse("$Claimed"));
  set.add(*Flag::parse("Junk"));
  EXPECT_TRUE(set.contains(SystemFlag::kSeen));
  EXPECT_TRUE(set.contains(SystemFlag::kClaimed));
  EXPECT_FALSE(set.contains(SystemFlag::kDeleted));
  EXPECT_TRUE(set.contains(*Flag::parse("junk")));
  EXPECT_EQ(set.bits(), FlagSet::bit(SystemFlag::kSeen) | FlagSet::bit(SystemFlag::kClaimed));

  set.remove(*Flag::parse("\\Claimed"));
  set.remove(*Flag::parse("JUNK"));
  set.remove(*Flag::parse("NeverThere"));
  EXPECT_EQ(set, FlagSet({SystemFlag::kSeen}));
  set.remove(SystemFlag::kSeen);
  EXPECT_TRUE(set.empty());
}

TEST(FlagSet, KeywordsAreComparedWithoutCaseAndKeepTheFirstSpelling) {
  FlagSet set;
  set.add(*Flag::parse("Junk"));
  set.add(*Flag::parse("JUNK"));
  EXPECT_EQ(set.keywords(), std::vector<std::string>{"Junk"});
  EXPECT_TRUE(set.contains_keyword("jUNK"));
  EXPECT_FALSE(set.contains_keyword("Jun"));
  EXPECT_EQ(set, FlagSet({*Flag::parse("junk")}));
}

TEST(FlagSet, KeywordsAreSortedWithoutCaseWhateverTheOrderOfAdding) {
  FlagSet set;
  for (const std::string_view name : {"zeta", "Beta", "alpha", "Gamma", "_x"}) set.add(*Flag::parse(name));
  EXPECT_EQ(set.keywords(), (std::vector<std::string>{"_x", "alpha", "Beta", "Gamma", "zeta"}));
}

TEST(FlagSet, ListsSystemFlagsFirst) {
  FlagSet set({*Flag::parse("Junk"), SystemFlag::kClaimed, SystemFlag::kAnswered});
  std::vector<std::string> names;
  for (const Flag& flag : set.flags()) names.push_back(flag.name());
  EXPECT_EQ(names, (std::vector<std::string>{"\\Answered", "\\Claimed", "Junk"}));
}

TEST(FlagSet, SetsWithDifferentMembersDiffer) {
  EXPECT_FALSE(FlagSet({SystemFlag::kSeen}) == FlagSet({SystemFlag::kDraft}));
  EXPECT_FALSE(FlagSet({*Flag::parse("a")}) == FlagSet({*Flag::parse("b")}));
  EXPECT_FALSE(FlagSet({*Flag::parse("a")}) == FlagSet());
}

TEST(EqualsIgnoringCase, FoldsAsciiLettersOnly) {
  EXPECT_TRUE(equals_ignoring_case("InBoX", "INBOX"));
  EXPECT_TRUE(equals_ignoring_case("", ""));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
  EXPECT_FALSE(equals_ignoring_case("\xc4", "\xe4"));
}

}  // namespace
}  // namespace imapd

#include "imapd/auth/rights.h"

#include <gtest/gtest.h>

namespace imapd::auth {
namespace {

Rights rights(std::string_view letters) {
  const auto parsed = Rights::parse(letters);
  EXPECT_TRUE(parsed) << letters;
  return parsed.value_or(Rights());
}

TEST(Rights, EachLetterIsItsRight) {
  const std::pair<char, Right> letters[] = {
      {'l', Right::kLookup}, {'r', Right::kRead},   {'s', Right::kSeen},          {'w', Right::kWrite},
      {'i', Right::kInsert}, {'p', Right::kPost},   {'k', Right::kCreate},        {'x', Right::kDeleteMailbox},
      {'t', Right::kDeleteMessages}, {'e', Right::kExpunge}, {'a', Right::kAdminister}};
  for (const auto& [letter, right] : letters) {
    EXPECT_EQ(rights(std::string(1, letter)), Rights(right)) << letter;
    EXPECT_EQ(Rights(right).to_string(), std::string(1, letter));
    EXPECT_TRUE(Rights::all().has(right));
  }
  EXPECT_EQ(Rights::all().to_string(), "lrswipkxtea");
}

TEST(Rights, OrderAndRepeatsDoNotMatter) { EXPECT_EQ(rights("aelrlr"), rights("lrea")); }

TEST(Rights, VirtualRightsStandForTheirMembers) {
  EXPECT_EQ(rights("c"), rights("kx"));
  EXPECT_EQ(rights("d"), rights("et"));
  EXPECT_EQ(rights("dt"), rights("et"));
}

TEST(Rights, AnyMemberShowsItsVirtualRight) {
  EXPECT_EQ(rights("k").to_string_with_virtual(), "kc");
  EXPECT_EQ(rights("x").to_string_with_virtual(), "xc");
  EXPECT_EQ(rights("t").to_string_with_virtual(), "td");
  EXPECT_EQ(rights("e").to_string_with_virtual(), "ed");
  EXPECT_EQ(rights("lr").to_string_with_virtual(), "lr");
}

TEST(Rights, ExamplesOfRfc4314Section211) {
  EXPECT_EQ(rights("lrswida"), rights("lrswideta"));
  EXPECT_EQ(rights("lrswida").to_string_with_virtual(), "lrswitead");
  // k shows c, but does not bring x: RFC's Byron.
  EXPECT_EQ(rights("lrswikda"), rights("lrswiketa"));
  EXPECT_EQ(rights("lrswikda").to_string_with_virtual(), "lrswikteacd");
}

TEST(Rights, OtherCharactersAreRefused) {
  for (const std::string_view letters : {"L", "lrq", "0", "l r", "+l", "-l", "b", "\xff"})
    EXPECT_FALSE(Rights::parse(letters)) << letters;
  EXPECT_EQ(rights(""), Rights());
}

TEST(Rights, EverySetSurvivesItsText) {
  for (unsigned bits = 0; bits < 1u << 11; ++bits) {
    Rights set;
    for (unsigned i = 0; i < 11; ++i) {
      if ((bits >> i & 1) != 0) set = set | static_cast<Right>(i);
    }
    ASSERT_EQ(rights(set.to_string()), set);
  }
}

TEST(Rights, SetOperations) {
  EXPECT_EQ(rights("lrs") - rights("sw"), rights("lr"));
  EXPECT_TRUE(rights("lrs").has_all(rights("lr")));
  EXPECT_FALSE(rights("lr").has_all(rights("lrs")));
  EXPECT_TRUE(rights("lr").has_any(rights("rw")));
  EXPECT_FALSE(rights("lr").has_any(rights("w")));
  EXPECT_TRUE(Rights().empty());
}

TEST(EffectiveRights, AreThoseOfAnyoneAndOfTheUser) {
  const Acl acl = {{"anyone", "l"}, {"ann", "rs"}, {"bob", "w"}};
  EXPECT_EQ(effective(acl, {"ann"}), rights("lrs"));
  EXPECT_EQ(effective(acl, {"bob"}), rights("lw"));
  EXPECT_EQ(effective(acl, {"carol"}), rights("l"));
  EXPECT_EQ(effective({}, {"ann"}), Rights());
}

TEST(EffectiveRights, NegativeEntriesTakeAwayWhateverGaveTheRight) {
  EXPECT_EQ(effective({{"anyone", "lrsw"}, {"-ann", "w"}}, {"ann"}), rights("lrs"));
  EXPECT_EQ(effective({{"ann", "lrsw"}, {"-ann", "sw"}}, {"ann"}), rights("lr"));
  EXPECT_EQ(effective({{"ann", "lrsw"}, {"-anyone", "w"}}, {"ann"}), rights("lrs"));
  EXPECT_EQ(effective({{"anyone", "lrsw"}, {"-ann", "w"}}, {"bob"}), rights("lrsw"));
}

TEST(EffectiveRights, OwnerIsNeverLockedOut) {
  EXPECT_EQ(effective({}, {.user = "ann", .is_owner = true}), rights("la"));
  EXPECT_EQ(effective({{"-ann", "lrswipkxtea"}}, {.user = "ann", .is_owner = true}), rights("la"));
}

TEST(EffectiveRights, ServerAdministratorHasAll) {
  EXPECT_EQ(effective({{"-root", "lrswipkxtea"}}, {.user = "root", .is_server_administrator = true}), Rights::all());
}

TEST(EffectiveRights, UserWhoseNameIsAnIdentifierGainsNothing) {
  EXPECT_EQ(effective({{"-ann", "w"}}, {"-ann"}), rights("w"));  // Which is why no user name begins with '-'.
  EXPECT_FALSE(is_valid_acl_identifier("--ann"));
}

TEST(EffectiveRights, LettersThatAreNoRightsAreIgnored) { EXPECT_EQ(effective({{"ann", "lZ9r"}}, {"ann"}), rights("lr")); }

TEST(AclIdentifier, IsAnyoneOrAUserWithAtMostOneMinus) {
  for (const std::string_view name : {"anyone", "-anyone", "ann", "-ann", "a-b"})
    EXPECT_TRUE(is_valid_acl_identifier(name)) << name;
  for (const std::string_view name : {"", "-", "--ann", "a b", "$group/x"}) EXPECT_FALSE(is_valid_acl_identifier(name)) << name;
}

}  // namespace
}  // namespace imapd::auth

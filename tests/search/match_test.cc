#include "imapd/search/match.h"

#include <gtest/gtest.h>

#include <string>

namespace imapd::search {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr year_month_day day(int year, unsigned month, unsigned number) {
  return {std::chrono::year(year), std::chrono::month(month), std::chrono::day(number)};
}

constexpr char kMessage[] =
    "From: =?UTF-8?Q?J=C3=BCrgen?= <j@example.org>\r\n"
    "Subject: Quarterly REPORT\r\n"
    "Date: Mon, 1 Jan 2024 23:30:00 -0500\r\n"
    "X-Empty:\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n"
    "\r\n"
    "Stra=C3=9Fe nach K=C3=B6ln, no needle of the header here\r\n";

// Counts what is asked for.
const Timestamp kNow = std::chrono::sys_days(std::chrono::year(2024) / 1 / 2) + std::chrono::hours(5);

class CountingContent final : public Content {
 public:
  explicit CountingContent(std::string message) : message_(std::move(message)) {}
  Result<std::string_view> header() override {
    ++headers_read;
    return std::string_view(message_).substr(0, message_.find("\r\n\r\n") + 4);
  }
  Result<std::string_view> bytes() override {
    ++bodies_read;
    return std::string_view(message_);
  }
  int headers_read = 0;
  int bodies_read = 0;

 private:
  std::string message_;
};

class BrokenContent final : public Content {
 public:
  Result<std::string_view> header() override { return make_error(Code::kIo, "unreadable"); }
  Result<std::string_view> bytes() override { return make_error(Code::kIo, "unreadable"); }
};

SearchKey flag(const char* name, bool set = true) { return {SearchFlag{*Flag::parse(name), set}}; }
SearchKey header(const char* field, const char* value) { return {SearchHeader{field, value}}; }
SearchKey body(const char* value) { return {SearchBody{value}}; }
SearchKey text(const char* value) { return {SearchText{value}}; }
SearchKey date(SearchDate::Source source, SearchDate::Relation relation, year_month_day at) {
  return {SearchDate{source, relation, at}};
}
SearchKey all_of(std::vector<SearchKey> keys) { return {SearchAnd{std::move(keys)}}; }
SearchKey any_of(std::vector<SearchKey> keys) { return {SearchOr{std::move(keys)}}; }
SearchKey none_of(SearchKey key) { return {SearchNot{{std::move(key)}}}; }
SearchKey uids(std::uint32_t first, std::uint32_t last) {
  SearchNumbers numbers{{}, true};
  numbers.set.add({first, last});
  return {numbers};
}

class MatchTest : public testing::Test {
 protected:
  MatchTest() {
    message_.uid = Uid(7);
    message_.mod_seq = ModSeq(20);
    message_.append_mod_seq = ModSeq(5);
    message_.body.stored_bytes = 1000;
    // 1 January 23:30 at UTC-5 is 2 January in UTC.
    message_.internal_date.time = sys_days(day(2024, 1, 2)) + std::chrono::hours(4) + std::chrono::minutes(30);
    message_.internal_date.zone_minutes = -300;
  }

  bool matches(const SearchKey& key) {
    const auto answer = matcher(key).matches(Candidate{message_, recent_}, content_);
    return answer.value();
  }
  static Matcher matcher(const SearchKey& key) {
    return Matcher(key, [](const SearchNumbers& numbers) { return numbers.set.resolve_uids(Uid(9)); }, kNow);
  }

  store::MessageState message_;
  bool recent_ = false;
  CountingContent content_{kMessage};
};

TEST_F(MatchTest, AllMatchesEverything) { EXPECT_TRUE(matches({SearchAll{}})); }

TEST_F(MatchTest, FlagKeysFollowTheFlags) {
  message_.flags = FlagSet{SystemFlag::kSeen, *Flag::parse("Junk")};
  EXPECT_TRUE(matches(flag("\\Seen")));
  EXPECT_FALSE(matches(flag("\\Seen", false)));
  EXPECT_FALSE(matches(flag("\\Flagged")));
  EXPECT_TRUE(matches(flag("\\Flagged", false)));
  EXPECT_TRUE(matches(flag("jUNK")));
  EXPECT_FALSE(matches(flag("Other")));
}

TEST_F(MatchTest, ClaimedIsFoundUnderBothItsNames) {
  EXPECT_TRUE(matches(flag("\\Claimed", false)));
  EXPECT_TRUE(matches(flag("$Claimed", false)));
  message_.flags.add(SystemFlag::kClaimed);
  EXPECT_TRUE(matches(flag("\\Claimed")));
  EXPECT_TRUE(matches(flag("$CLAIMED")));
  EXPECT_FALSE(matches(flag("$Claimed", false)));
}

TEST_F(MatchTest, RecentAndOldFollowTheSession) {
  EXPECT_TRUE(matches({SearchRecent{false}}));
  recent_ = true;
  EXPECT_TRUE(matches({SearchRecent{true}}));
  EXPECT_FALSE(matches({SearchRecent{false}}));
  EXPECT_TRUE(matches(all_of({{SearchRecent{true}}, flag("\\Seen", false)})));
}

TEST_F(MatchTest, LargerAndSmallerExcludeTheSizeItself) {
  EXPECT_FALSE(matches({SearchSize{SearchSize::Relation::kLarger, 1000}}));
  EXPECT_TRUE(matches({SearchSize{SearchSize::Relation::kLarger, 999}}));
  EXPECT_FALSE(matches({SearchSize{SearchSize::Relation::kSmaller, 1000}}));
  EXPECT_TRUE(matches({SearchSize{SearchSize::Relation::kSmaller, 1001}}));
}

TEST_F(MatchTest, InternalDateIsTakenInItsOwnZone) {
  using Relation = SearchDate::Relation;
  const auto internal = SearchDate::Source::kInternal;
  EXPECT_TRUE(matches(date(internal, Relation::kOn, day(2024, 1, 1))));
  EXPECT_FALSE(matches(date(internal, Relation::kOn, day(2024, 1, 2))));
  EXPECT_TRUE(matches(date(internal, Relation::kSince, day(2024, 1, 1))));
  EXPECT_FALSE(matches(date(internal, Relation::kBefore, day(2024, 1, 1))));
  EXPECT_TRUE(matches(date(internal, Relation::kBefore, day(2024, 1, 2))));
}

TEST_F(MatchTest, SentDateIsTakenAsWritten) {
  using Relation = SearchDate::Relation;
  const auto sent = SearchDate::Source::kSent;
  EXPECT_TRUE(matches(date(sent, Relation::kOn, day(2024, 1, 1))));
  EXPECT_TRUE(matches(date(sent, Relation::kBefore, day(2024, 1, 2))));
  EXPECT_FALSE(matches(date(sent, Relation::kSince, day(2024, 1, 2))));
}

TEST_F(MatchTest, MessageWithoutDateIsSentAtNoTime) {
  content_ = CountingContent("Subject: x\r\n\r\nbody\r\n");
  const auto key = date(SearchDate::Source::kSent, SearchDate::Relation::kSince, day(1970, 1, 1));
  EXPECT_FALSE(matches(key));
  EXPECT_TRUE(matches(none_of(key)));
}

TEST_F(MatchTest, HeadersAreDecodedAndComparedWithoutCase) {
  EXPECT_TRUE(matches(header("SUBJECT", "report")));
  EXPECT_TRUE(matches(header("from", "J\u00DCRGEN")));
  EXPECT_FALSE(matches(header("Subject", "needle")));
  EXPECT_EQ(content_.bodies_read, 0);
}

TEST_F(MatchTest, EmptyNeedleAsksWhetherTheFieldIsThere) {
  EXPECT_TRUE(matches(header("X-Empty", "")));
  EXPECT_FALSE(matches(header("X-Missing", "")));
}

TEST_F(MatchTest, BodyIsDecodedAndWithoutTheHeader) {
  EXPECT_TRUE(matches(body("k\u00F6ln")));
  EXPECT_FALSE(matches(body("quarterly")));
  EXPECT_TRUE(matches(text("k\u00F6ln")));
  EXPECT_TRUE(matches(text("quarterly")));
  EXPECT_FALSE(matches(text("absent")));
}

TEST_F(MatchTest, ModSeqIsReachedByEqualValues) {
  EXPECT_TRUE(matches({SearchModSeq{ModSeq(20), std::nullopt}}));
  EXPECT_FALSE(matches({SearchModSeq{ModSeq(21), std::nullopt}}));
  EXPECT_TRUE(matches({SearchModSeq{ModSeq(0), std::nullopt}}));
}

TEST_F(MatchTest, ModSeqWithEntryNameLooksAtThatFlagOnly) {
  message_.flag_mod_seqs = {{"\\Seen", ModSeq(20)}, {"junk", ModSeq(12)}};
  EXPECT_TRUE(matches({SearchModSeq{ModSeq(20), Flag::parse("\\Seen")}}));
  EXPECT_FALSE(matches({SearchModSeq{ModSeq(13), Flag::parse("Junk")}}));
  EXPECT_TRUE(matches({SearchModSeq{ModSeq(12), Flag::parse("Junk")}}));
  // Never changed: it is as old as the message.
  EXPECT_FALSE(matches({SearchModSeq{ModSeq(6), Flag::parse("\\Draft")}}));
  EXPECT_TRUE(matches({SearchModSeq{ModSeq(5), Flag::parse("\\Draft")}}));
}

TEST_F(MatchTest, JunctionsFollowLogic) {
  message_.flags = FlagSet{SystemFlag::kSeen};
  EXPECT_TRUE(matches(any_of({flag("\\Draft"), flag("\\Seen")})));
  EXPECT_FALSE(matches(all_of({flag("\\Draft"), flag("\\Seen")})));
  EXPECT_FALSE(matches(none_of(any_of({flag("\\Draft"), flag("\\Seen")}))));
  EXPECT_TRUE(matches(none_of(all_of({body("absent"), flag("\\Seen")}))));
}

TEST_F(MatchTest, NumbersAreResolvedByTheCaller) {
  EXPECT_TRUE(matches(uids(7, 7)));
  EXPECT_FALSE(matches(uids(8, wire::SequenceSet::kStar)));
  EXPECT_TRUE(matches(uids(6, wire::SequenceSet::kStar)));
}

TEST_F(MatchTest, TopLevelNumbersBoundTheSearch) {
  EXPECT_EQ(matcher({SearchAll{}}).bound(), std::nullopt);
  EXPECT_EQ(matcher(uids(2, 5)).bound(), UidSet::range(Uid(2), Uid(5)));
  EXPECT_EQ(matcher(all_of({uids(2, 5), flag("\\Seen"), uids(4, 9)})).bound(), UidSet::range(Uid(4), Uid(5)));
  EXPECT_EQ(matcher(any_of({uids(2, 5), flag("\\Seen")})).bound(), std::nullopt);
}

TEST_F(MatchTest, OnlyWhatMustBeUnclaimedIsSaidToBe) {
  EXPECT_TRUE(matcher(flag("\\Claimed", false)).only_unclaimed());
  EXPECT_TRUE(matcher(all_of({flag("\\Seen"), flag("$Claimed", false)})).only_unclaimed());
  EXPECT_FALSE(matcher(flag("\\Claimed")).only_unclaimed());
  EXPECT_FALSE(matcher(flag("\\Seen", false)).only_unclaimed());
  EXPECT_FALSE(matcher(none_of(flag("\\Claimed"))).only_unclaimed());
  EXPECT_FALSE(matcher(any_of({flag("\\Claimed", false), flag("\\Seen")})).only_unclaimed());
  EXPECT_FALSE(matcher(all_of({any_of({flag("\\Claimed", false), flag("\\Seen")}), flag("\\Seen")})).only_unclaimed());
}

TEST_F(MatchTest, BodyIsNotLoadedWhenAFlagDecidesWhateverTheOrder) {
  EXPECT_FALSE(matches(all_of({body("absent"), flag("\\Seen")})));
  EXPECT_FALSE(
      matches(all_of({any_of({body("x"), header("Subject", "x")}), none_of(any_of({text("y"), flag("\\Seen", false)}))})));
  EXPECT_TRUE(matches(any_of({text("absent"), flag("\\Seen", false)})));
  EXPECT_EQ(content_.headers_read, 0);
  EXPECT_EQ(content_.bodies_read, 0);
}

TEST_F(MatchTest, BodyIsNotLoadedWhenTheHeaderDecides) {
  EXPECT_FALSE(matches(all_of({body("k\u00F6ln"), header("Subject", "absent")})));
  EXPECT_EQ(content_.bodies_read, 0);
  EXPECT_GT(content_.headers_read, 0);
}

TEST_F(MatchTest, CostIsThatOfTheDearestKey) {
  EXPECT_EQ(matcher(flag("\\Seen")).cost(), Matcher::Cost::kState);
  EXPECT_EQ(matcher(all_of({flag("\\Seen"), header("To", "x")})).cost(), Matcher::Cost::kHeader);
  EXPECT_EQ(matcher(none_of(text("x"))).cost(), Matcher::Cost::kBody);
}

TEST_F(MatchTest, UnreadableMessageIsAnErrorOnlyWhenItIsNeeded) {
  BrokenContent broken;
  const Candidate candidate{message_, false};
  EXPECT_FALSE(matcher(text("x")).matches(candidate, broken));
  EXPECT_EQ(matcher(all_of({text("x"), flag("\\Seen")})).matches(candidate, broken).value(), false);
}

// RFC 5032. The message came half an hour before kNow.
TEST_F(MatchTest, AgeCountsFromNowAndTakesItsBound) {
  using Relation = SearchAge::Relation;
  for (const auto& [seconds, older, younger] : {std::tuple(1799u, true, false), std::tuple(1800u, true, true), std::tuple(1801u, false, true),
                                                std::tuple(UINT32_MAX, false, true)}) {
    EXPECT_EQ(matches(SearchKey{SearchAge{Relation::kOlder, seconds}}), older) << seconds;
    EXPECT_EQ(matches(SearchKey{SearchAge{Relation::kYounger, seconds}}), younger) << seconds;
  }
}

}  // namespace
}  // namespace imapd::search

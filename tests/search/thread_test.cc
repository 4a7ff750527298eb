#include "imapd/search/thread.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "imapd/base/limits.h"
#include "imapd/search/header_keys.h"
#include "imapd/search/sort.h"

namespace imapd::search {
namespace {

class HeaderOnly final : public Content {
 public:
  explicit HeaderOnly(std::string header) : header_(std::move(header)) {}
  Result<std::string_view> header() override { return std::string_view(header_); }
  Result<std::string_view> bytes() override { return std::string_view(header_); }

 private:
  std::string header_;
};

struct Mail {
  std::string id;
  std::string references;
  std::string subject = "s";
  int minute = -1;  // -1: in the order of the mailbox.
};

void add_all(Threader& threader, const std::vector<Mail>& mails) {
  std::uint32_t number = 0;
  for (const Mail& mail : mails) {
    std::string header;
    if (!mail.id.empty()) header += "Message-ID: " + mail.id + "\r\n";
    if (!mail.references.empty()) header += "References: " + mail.references + "\r\n";
    header += "Subject: " + mail.subject + "\r\n\r\n";
    store::MessageState message;
    ++number;
    message.internal_date.time = Timestamp(std::chrono::minutes(mail.minute < 0 ? static_cast<int>(number) : mail.minute));
    HeaderOnly content(header);
    EXPECT_TRUE(threader.add(number, message, content));
  }
}

std::string thread_of(const std::vector<Mail>& mails, ThreadAlgorithm algorithm = ThreadAlgorithm::kReferences) {
  Threader threader(algorithm);
  add_all(threader, mails);
  while (threader.step()) {
  }
  return threader.text();
}

TEST(ThreadTest, EmptyHasNoThreads) {
  EXPECT_EQ(thread_of({}), "");
  EXPECT_EQ(thread_of({}, ThreadAlgorithm::kOrderedSubject), "");
}

TEST(ThreadTest, OrderedSubjectHasNoGrandchildren) {
  EXPECT_EQ(thread_of({{"", "", "a"}, {"", "", "b"}, {"", "", "Re: A"}, {"", "", "[x] a (fwd)"}, {"", "", "re: b"}, {"", "", "c"}},
                      ThreadAlgorithm::kOrderedSubject),
            "(1 (3)(4))(2 5)(6)");
  EXPECT_EQ(thread_of({{"", "", "a", 9}, {"", "", "b", 5}, {"", "", "a", 1}}, ThreadAlgorithm::kOrderedSubject), "(3 1)(2)");
}

TEST(ThreadTest, ReferencesMakeChainsAndForks) {
  EXPECT_EQ(thread_of({{"<1@x>", ""}, {"<2@x>", "<1@x>"}, {"<3@x>", "<1@x> <2@x>"}}), "(1 2 3)");
  EXPECT_EQ(thread_of({{"<1@x>", ""}, {"<2@x>", "<1@x>"}, {"<3@x>", "<1@x>"}, {"<4@x>", "<1@x> <3@x>"}}), "(1 (2)(3 4))");
  // The reply comes before what it answers.
  EXPECT_EQ(thread_of({{"<2@x>", "<1@x>"}, {"<1@x>", ""}}), "(2 1)");
  EXPECT_EQ(thread_of({{"<1@x>", ""}, {"<2@x>", "<1@x>", "t"}, {"<\"1\"@x>", "", "u"}}), "(1 2)(3)");
}

// Step 3.
TEST(ThreadTest, DummiesStayOnlyAboveSeveralThreads) {
  EXPECT_EQ(thread_of({{"<2@x>", "<1@x>"}}), "(1)");
  EXPECT_EQ(thread_of({{"<2@x>", "<1@x>", "a"}, {"<3@x>", "<1@x>", "b"}}), "((1)(2))");
  EXPECT_EQ(thread_of({{"<3@x>", "<0@x> <1@x>", "a"}, {"<4@x>", "<0@x> <2@x>", "b"}}), "((1)(2))");
  EXPECT_EQ(thread_of({{"<1@x>", ""}, {"<3@x>", "<1@x> <2@x>"}, {"<4@x>", "<1@x> <2@x>"}}), "(1 (2)(3))");
}

// Step 1.
TEST(ThreadTest, LoopsAndDuplicatesAreHarmless) {
  EXPECT_EQ(thread_of({{"<1@x>", "<2@x>"}, {"<2@x>", "<1@x>"}}), "(2 1)");
  EXPECT_EQ(thread_of({{"<1@x>", "<1@x>"}}), "(1)");
  EXPECT_EQ(thread_of({{"<1@x>", "", "a"}, {"<1@x>", "", "b"}, {"<2@x>", "<1@x>", "c"}}), "(1 3)(2)");
  EXPECT_EQ(thread_of({{"nonsense", "", "a"}, {"<>", "", "b"}, {"<@>", "", "c"}}), "(1)(2)(3)");
  // The link that a truncated line made is replaced by the message's own.
  EXPECT_EQ(thread_of({{"<1@x>", ""}, {"<3@x>", "<1@x> <2@x>"}, {"<2@x>", "", "b"}}), "(1)(3 2)");
}

// Step 5.
TEST(ThreadTest, ThreadsOfOneSubjectAreMerged) {
  EXPECT_EQ(thread_of({{"", "", "a"}, {"", "", "b"}, {"", "", "Re: A"}}), "(1 3)(2)");
  EXPECT_EQ(thread_of({{"", "", "a"}, {"", "", "a"}}), "((1)(2))");
  EXPECT_EQ(thread_of({{"", "", "Re: a"}, {"", "", "a"}}), "(2 1)");
  EXPECT_EQ(thread_of({{"", "", ""}, {"", "", ""}}), "(1)(2)");
  // A dummy in the table, and then a message and another dummy for it.
  EXPECT_EQ(thread_of({{"<2@x>", "<1@x>", "a"}, {"<3@x>", "<1@x>", "a"}, {"", "", "a"}}), "((1)(2)(3))");
  EXPECT_EQ(thread_of({{"<2@x>", "<1@x>", "a"}, {"<3@x>", "<1@x>", "a"}, {"<5@x>", "<4@x>", "a"}, {"<6@x>", "<4@x>", "a"}}),
            "((1)(2)(3)(4))");
}

// Step 6.
TEST(ThreadTest, SiblingsAreInOrderOfTheirDates) {
  EXPECT_EQ(thread_of({{"<1@x>", "", "a", 1}, {"<2@x>", "<1@x>", "a", 9}, {"<3@x>", "<1@x>", "a", 5}, {"<4@x>", "", "b", 0}}),
            "(4)(1 (3)(2))");
}

TEST(ThreadTest, DepthHasNoBound) {
  std::vector<Mail> mails;
  std::string expected = "(1";
  for (int i = 1; i <= 100'000; ++i) {
    mails.push_back({"<" + std::to_string(i) + "@x>", i == 1 ? "" : "<" + std::to_string(i - 1) + "@x>"});
    if (i > 1) expected += ' ' + std::to_string(i);
  }
  EXPECT_EQ(thread_of(mails), expected + ")");
  // Nested lists as deep: each message has two replies, one of which has two.
  mails.clear();
  for (int i = 1; i <= 100'000; ++i) {
    const int parent = i / 2 * 2 - 1;
    mails.push_back({"<" + std::to_string(i) + "@x>", parent < 1 ? "" : "<" + std::to_string(parent) + "@x>"});
  }
  EXPECT_TRUE(thread_of(mails).starts_with("(1 (2)(3 (4)(5 "));
}

// Every piece of the work is small beside the whole, and what comes of it does not depend on where the pieces end.
TEST(ThreadTest, WorksInPieces) {
  constexpr int kMails = 50'000;
  std::vector<Mail> pairs;
  std::vector<Mail> replies;
  std::string pairs_expected;
  std::string replies_expected = "(1 ";
  for (int i = 0; i < kMails; ++i) {
    const std::string id = "<" + std::to_string(i) + "@x>";
    // The second half answers the first, in the order of the mailbox, and came before it.
    pairs.push_back({id, "", "s" + std::to_string(i % (kMails / 2)), i < kMails / 2 ? kMails + i : i});
    replies.push_back({id, i == 0 ? "" : "<0@x>", "s", i == 0 ? 0 : kMails - i});
  }
  for (int i = 1; i <= kMails / 2; ++i) pairs_expected += "(" + std::to_string(kMails / 2 + i) + ' ' + std::to_string(i) + ')';
  for (int i = kMails; i > 1; --i) replies_expected += "(" + std::to_string(i) + ')';
  EXPECT_EQ(thread_of(pairs, ThreadAlgorithm::kOrderedSubject), pairs_expected);
  EXPECT_EQ(thread_of(replies), replies_expected + ')');

  for (const auto algorithm : {ThreadAlgorithm::kOrderedSubject, ThreadAlgorithm::kReferences}) {
    Threader threader(algorithm);
    add_all(threader, pairs);
    int steps = 0;
    while (threader.step()) ++steps;
    EXPECT_GT(steps, 40);
    EXPECT_FALSE(threader.step());
  }
}

TEST(ThreadTest, MemoryHasABound) {
  Threader threader(ThreadAlgorithm::kReferences, 1000);
  store::MessageState message;
  HeaderOnly content("Message-ID: <1@x>\r\nSubject: a\r\n\r\n");
  ASSERT_TRUE(threader.add(1, message, content));
  HeaderOnly large("Message-ID: <2@x>\r\nSubject: " + std::string(1000, 'b') + "\r\n\r\n");
  const auto added = threader.add(2, message, large);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Code::kResourceExhausted);
}

TEST(ThreadTest, OnlySoManyReferencesCount) {
  std::string value;
  for (int i = 0; i < 5; ++i) value += "<" + std::to_string(i) + "@x> ";
  EXPECT_EQ(message_ids(value, 5).size(), 5u);
  EXPECT_EQ(message_ids(value, 4).size(), 4u);
}

TEST(MessageIdsTest, AreNormal) {
  using Ids = std::vector<std::string>;
  EXPECT_EQ(message_ids("<\"01KF8JCEOCBS0045PS\"@xxx.yyy.com>", 9), Ids{"01KF8JCEOCBS0045PS@xxx.yyy.com"});
  EXPECT_EQ(message_ids("<\"a\\\"b>\"@x> text <c@y>", 9), (Ids{"a\"b>@x", "c@y"}));
  EXPECT_EQ(message_ids("<broken <a@b>", 9), Ids{"a@b"});
  EXPECT_EQ(message_ids("<a@> <@b> <ab> <> <", 9), Ids{});
}

TEST(MessageIdsTest, EndAtTheCountAskedFor) {
  std::string header;
  for (int i = 0; i < 3; ++i) header += "<" + std::to_string(i) + "@x> ";
  EXPECT_EQ(message_ids(header, 2).size(), 2u);
  EXPECT_EQ(message_ids(header, 3).size(), 3u);
  EXPECT_EQ(message_ids(header, 4).size(), 3u);
}

// What differs in the last byte that counts is put in order; what differs behind it stays in the order of the mailbox.
TEST(SortTest, ComparesAsManyBytesAsTheLimitSays) {
  for (const auto& [same, in_order] : {std::pair(limits::kSortValueBytesMax - 1, true), std::pair(limits::kSortValueBytesMax, false)}) {
    Sorter sorter({{SortKey::kSubject, false}});
    for (const char* const last : {"b", "a"}) {
      HeaderOnly content("Subject: " + std::string(same, 'x') + last + "\r\n\r\n");
      ASSERT_TRUE(sorter.add(store::MessageState(), content));
    }
    while (sorter.step()) {
    }
    EXPECT_EQ(sorter.order().front(), in_order ? 1u : 0u) << same;
  }
}

TEST(SortTest, MergesManyRuns) {
  Sorter sorter({{SortKey::kSize, true}});
  store::MessageState message;
  HeaderOnly content("");
  for (std::uint64_t i = 0; i < 50'000; ++i) {
    message.body.stored_bytes = i * 7919 % 1000;
    ASSERT_TRUE(sorter.add(message, content));
  }
  while (sorter.step()) {
  }
  const auto size = [](std::uint32_t i) { return i * std::uint64_t{7919} % 1000; };
  const auto& order = sorter.order();
  ASSERT_EQ(order.size(), 50'000u);
  for (std::size_t i = 1; i < order.size(); ++i) {
    const bool ordered = size(order[i - 1]) > size(order[i]) || (size(order[i - 1]) == size(order[i]) && order[i - 1] < order[i]);
    ASSERT_TRUE(ordered) << i;
  }
}

TEST(SortTest, MemoryHasABound) {
  store::MessageState message;
  HeaderOnly content("");
  Sorter sorter({{SortKey::kSize, false}}, 28 * 3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(sorter.add(message, content));
  const auto added = sorter.add(message, content);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Code::kResourceExhausted);
}

}  // namespace
}  // namespace imapd::search

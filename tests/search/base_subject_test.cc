#include "imapd/search/base_subject.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace imapd::search {
namespace {

// RFC 5256, section 2.1, rule by rule.
TEST(BaseSubjectTest, FollowsTheRules) {
  struct Row {
    const char* subject;
    const char* base;
    bool reply;
  };
  constexpr Row kRows[] = {
      {"", "", false},
      {"hello", "hello", false},
      {"  hello\t \r\n world  ", "hello world", false},
      // Trailers.
      {"hello (fwd)", "hello", true},
      {"hello (FWD) (fwd)  ", "hello", true},
      {"(fwd)", "", true},
      {"(fwd) hello", "(fwd) hello", false},
      // Leaders.
      {"Re: hello", "hello", true},
      {"RE:hello", "hello", true},
      {"re : hello", "hello", true},
      {"fw: hello", "hello", true},
      {"Fwd: hello", "hello", true},
      {"Re: Fwd: RE: hello", "hello", true},
      {"Re[2]: hello", "hello", true},
      {"Re [2] : hello", "hello", true},
      {"[list] Re: hello", "hello", true},
      {"[a] [b]Re: hello", "hello", true},
      {"Re: [list] Re[4]: hello", "hello", true},
      {"Re", "Re", false},
      {"Re hello", "Re hello", false},
      {"Re:", "", true},
      {"Reply: hello", "Reply: hello", false},
      {"Re[2][3]: hello", "Re[2][3]: hello", false},
      // Blobs.
      {"[list] hello", "hello", false},
      {"[a][b] [c] hello", "hello", false},
      {"[list]", "[list]", false},
      {"[a] [b]", "[b]", false},
      {"Re: [list]", "[list]", true},
      {"[] hello", "hello", false},
      {"[a[b] hello", "[a[b] hello", false},
      {"[a hello", "[a hello", false},
      {"[a] (fwd)", "[a]", true},
      // Forwards.
      {"[Fwd: hello]", "hello", true},
      {"[fwd: Re: hello (fwd)]", "hello", true},
      {"[fwd:[fwd: hello]]", "hello", true},
      {"Re: [fwd: hello]", "hello", true},
      {"[fwd: hello] again", "again", false},
      {"[fwd:]", "", true},
      {"[fwd: hello", "[fwd: hello", false},
  };
  for (const Row& row : kRows) {
    const BaseSubject base = base_subject(row.subject);
    EXPECT_EQ(base.text, row.base) << row.subject;
    EXPECT_EQ(base.reply_or_forward, row.reply) << row.subject;
  }
}

TEST(BaseSubjectTest, IsLinearWhateverIsRepeated) {
  for (const char* const piece : {"[a]", "[", "re:", "[fwd:", "(fwd)", "[a]re:", "re[", "]", " "}) {
    std::string subject;
    while (subject.size() < 1'000'000) subject += piece;
    EXPECT_LE(base_subject(subject).text.size(), subject.size());
    EXPECT_LE(base_subject(subject + "x").text.size(), subject.size() + 1);
  }
}

}  // namespace
}  // namespace imapd::search

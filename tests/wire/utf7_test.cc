#include "imapd/wire/utf7.h"

#include <gtest/gtest.h>

namespace imapd::wire {
namespace {

struct Row {
  const char* utf7;
  const char* utf8;
};

TEST(Utf7Test, RoundTrips) {
  constexpr Row kRows[] = {
      {"", ""},
      {"INBOX", "INBOX"},
      {"a&-b", "a&b"},
      {"&-", "&"},
      {"&-&-", "&&"},
      {"~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"},  // RFC 3501.
      {"Entw&APw-rfe", "Entw\xc3\xbcrfe"},
      {"&2D3eAA-", "\xf0\x9f\x98\x80"},
      {"&AH8-", "\x7f"},
      {"&AAo-", "\n"},
      {"&AOkA6Q-", "\xc3\xa9\xc3\xa9"},
      {"&AOk-&-&AOk-", "\xc3\xa9&\xc3\xa9"},
      {"&,,0-", "\xef\xbf\xbd"},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(utf7_decode(row.utf7), row.utf8) << row.utf7;
    EXPECT_EQ(utf7_encode(row.utf8), row.utf7) << row.utf7;
  }
}

TEST(Utf7Test, BrokenAndSecondSpellingsAreRefused) {
  for (const char* name : {
           "&",           // Nothing after the shift.
           "&AOk",        // The shift is not ended.
           "a&AOk/b",     // Nor here.
           "&AGE-",       // `a` needs no shift.
           "&ACY-",       // `&` is `&-`.
           "&AOkAYQ-",    // `a` inside a shift.
           "&AOk-&AOk-",  // Two shifts that are one.
           "&AOl-",       // Stray bits.
           "&AOkA-",      // A stray character.
           "&AO-",        // Half a character.
           "&2D0-",       // Lone high surrogate.
           "&3gA-",       // Lone low surrogate.
           "&2D0AYQ-",    // High surrogate before a letter.
           "&AAA-",       // NUL.
           "&A/k-",       // `/` is not of this base64.
           "&AOk=-",      // No padding.
           "\xc3\xa9",    // 8 bit.
           "a\tb",        // A control character.
           "a\x7f",
       }) {
    EXPECT_EQ(utf7_decode(name), std::nullopt) << name;
  }
}

TEST(Utf7Test, EncodeRefusesWhatIsNotUtf8) {
  for (const char* name : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80", "\xe0\x80\x80"}) {
    EXPECT_EQ(utf7_encode(name), std::nullopt);
    EXPECT_FALSE(is_valid_utf8(name));
  }
  EXPECT_EQ(utf7_encode(std::string_view("a\0b", 3)), std::nullopt);
}

TEST(Utf7Test, EveryCodePointRoundTrips) {
  for (char32_t c = 1; c <= 0x10ffff; c += c < 0x3000 ? 1 : 97) {
    if (c >= 0xd800 && c < 0xe000) continue;
    std::string utf8 = "x";
    if (c < 0x80) {
      utf8 += static_cast<char>(c);
    } else if (c < 0x800) {
      utf8 += {static_cast<char>(0xc0 | c >> 6), static_cast<char>(0x80 | (c & 0x3f))};
    } else if (c < 0x10000) {
      utf8 += {static_cast<char>(0xe0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3f)), static_cast<char>(0x80 | (c & 0x3f))};
    } else {
      utf8 += {static_cast<char>(0xf0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3f)),
               static_cast<char>(0x80 | (c >> 6 & 0x3f)), static_cast<char>(0x80 | (c & 0x3f))};
    }
    const auto encoded = utf7_encode(utf8);
    ASSERT_TRUE(encoded.has_value()) << static_cast<std::uint32_t>(c);
    ASSERT_EQ(utf7_decode(*encoded), utf8) << static_cast<std::uint32_t>(c);
  }
}

}  // namespace
}  // namespace imapd::wire

#include "imapd/base/coding.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace imapd {
namespace {

std::string coded64(std::uint64_t value) {
  std::string bytes;
  append_big_endian64(bytes, value);
  return bytes;
}

std::string coded32(std::uint32_t value) {
  std::string bytes;
  append_big_endian32(bytes, value);
  return bytes;
}

const std::vector<std::uint64_t> kAscending = {
    0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, std::numeric_limits<std::int64_t>::max(),
    1ull << 63, std::numeric_limits<std::uint64_t>::max()};

TEST(Coding, MostSignificantByteComesFirst) {
  EXPECT_EQ(coded64(0x0102030405060708), "\x01\x02\x03\x04\x05\x06\x07\x08");
  EXPECT_EQ(coded32(0x0a0b0c0d), "\x0a\x0b\x0c\x0d");
}

TEST(Coding, ReadsBackWhatWasWritten) {
  for (const std::uint64_t value : kAscending) {
    EXPECT_EQ(read_big_endian64(coded64(value)), value);
    const auto low = static_cast<std::uint32_t>(value);
    EXPECT_EQ(read_big_endian32(coded32(low)), low);
  }
}

TEST(Coding, BytesSortAsTheValuesDo) {
  for (std::size_t i = 1; i < kAscending.size(); ++i) EXPECT_LT(coded64(kAscending[i - 1]), coded64(kAscending[i])) << i;
}

TEST(Coding, AppendsBehindWhatIsThereAndReadsOnlyItsOwnBytes) {
  std::string key = "k";
  append_big_endian32(key, 7);
  append_big_endian64(key, 9);
  EXPECT_EQ(key.size(), 13u);
  EXPECT_EQ(read_big_endian32(std::string_view(key).substr(1)), 7u);
  EXPECT_EQ(read_big_endian64(std::string_view(key).substr(5)), 9u);
}

}  // namespace
}  // namespace imapd

#include "imapd/search/stored_content.h"

#include <gtest/gtest.h>

namespace imapd::search {
namespace {

TEST(HeaderSizeTest, EndsAfterTheEmptyLine) {
  EXPECT_EQ(header_size("A: b\r\n\r\nbody"), 8u);
  EXPECT_EQ(header_size("A: b\n\nbody"), 6u);
  EXPECT_EQ(header_size("A: b\r\n\nbody"), 7u);
  EXPECT_EQ(header_size("\r\nbody"), 2u);
  EXPECT_EQ(header_size("\nbody"), 1u);
}

TEST(HeaderSizeTest, IsUnknownBeforeTheEmptyLineIsWhole) {
  EXPECT_EQ(header_size(""), std::nullopt);
  EXPECT_EQ(header_size("A: b"), std::nullopt);
  EXPECT_EQ(header_size("A: b\r\n"), std::nullopt);
  EXPECT_EQ(header_size("A: b\r\n\r"), std::nullopt);
  EXPECT_EQ(header_size("A: b\r\nC: d\r\n e\r\n"), std::nullopt);
}

}  // namespace
}  // namespace imapd::search

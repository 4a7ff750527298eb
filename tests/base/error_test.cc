#include "imapd/base/error.h"

#include <gtest/gtest.h>

#include <memory>

#include "imapd/base/check.h"

namespace imapd {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return make_error(Code::kInvalidArgument, "odd");
  return number / 2;
}

Result<std::string> quarter_as_text(int number) {
  TRY_ASSIGN(first, half(number));
  TRY_ASSIGN(second, half(first));
  return std::to_string(second);
}

Result<void> must_be_even(int number) {
  TRY(half(number));
  return {};
}

Result<std::unique_ptr<int>> boxed(int number) {
  TRY(must_be_even(number));
  return std::make_unique<int>(number);
}

TEST(Result, HoldsAValueOrAnError) {
  EXPECT_EQ(*half(4), 2);
  const auto refused = half(3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
  EXPECT_EQ(refused.error().message, "odd");
}

TEST(Result, TryAssignGoesOnWithTheValueOrReturnsTheFirstError) {
  EXPECT_EQ(*quarter_as_text(8), "2");
  EXPECT_FALSE(quarter_as_text(7));
  EXPECT_FALSE(quarter_as_text(6));
}

TEST(Result, TryWorksWithoutAValue) {
  EXPECT_TRUE(must_be_even(2));
  EXPECT_EQ(must_be_even(1).error().message, "odd");
}

TEST(Result, CarriesAMoveOnlyValue) {
  auto box = boxed(6);
  ASSERT_TRUE(box);
  const std::unique_ptr<int> taken = std::move(*box);
  EXPECT_EQ(*taken, 6);
  EXPECT_FALSE(boxed(5));
}

TEST(CheckDeathTest, FalseConditionAbortsNamingIt) {
  EXPECT_DEATH(CHECK(1 + 1 == 3), "CHECK failed: 1 \\+ 1 == 3");
  CHECK(1 + 1 == 2);
}

}  // namespace
}  // namespace imapd

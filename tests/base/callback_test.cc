#include "imapd/base/callback.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace imapd {
namespace {

TEST(UniqueFunction, EmptyUntilGivenACallable) {
  UniqueFunction<int(int)> function;
  EXPECT_FALSE(function);
  function = [](int x) { return x + 1; };
  ASSERT_TRUE(function);
  EXPECT_EQ(function(1), 2);
}

TEST(UniqueFunction, OwnsAMoveOnlyCapture) {
  UniqueFunction<int()> function = [box = std::make_unique<int>(7)] { return *box; };
  UniqueFunction<int()> moved = std::move(function);
  EXPECT_EQ(moved(), 7);
}

TEST(UniqueFunction, DestroysItsCaptureWithItself) {
  const auto watched = std::make_shared<int>(1);
  {
    const UniqueFunction<void()> function = [watched] {};
    EXPECT_EQ(watched.use_count(), 2);
  }
  EXPECT_EQ(watched.use_count(), 1);
}

TEST(UniqueFunction, KeepsStateBetweenCalls) {
  UniqueFunction<int()> function = [count = 0]() mutable { return ++count; };
  function();
  EXPECT_EQ(function(), 2);
}

TEST(UniqueFunction, PassesAMoveOnlyArgumentThrough) {
  Callback<std::unique_ptr<std::string>> callback;
  std::string seen;
  callback = [&seen](std::unique_ptr<std::string> text) { seen = *text; };
  callback(std::make_unique<std::string>("won"));
  EXPECT_EQ(seen, "won");
}

TEST(UniqueFunction, PassesAReferenceThrough) {
  UniqueFunction<void(std::vector<int>&)> function = [](std::vector<int>& numbers) { numbers.push_back(3); };
  std::vector<int> numbers;
  function(numbers);
  EXPECT_EQ(numbers, std::vector<int>{3});
}

}  // namespace
}  // namespace imapd

#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace imapd {

// A move-only std::function (C++23's std::move_only_function, which g++ 12 lacks in C++20).
template <class Signature>
class UniqueFunction;

template <class Return, class... Arguments>
class UniqueFunction<Return(Arguments...)> {
 public:
  UniqueFunction() = default;
  template <class Callable>
    requires(!std::is_same_v<std::decay_t<Callable>, UniqueFunction>)
  UniqueFunction(Callable&& callable)  // NOLINT: meant to convert, as std::function does
      : target_(std::make_unique<Holder<std::decay_t<Callable>>>(std::forward<Callable>(callable))) {}

  explicit operator bool() const { return target_ != nullptr; }
  Return operator()(Arguments... arguments) { return target_->call(std::forward<Arguments>(arguments)...); }

 private:
  struct Target {
    virtual ~Target() = default;
    virtual Return call(Arguments... arguments) = 0;
  };
  template <class Callable>
  struct Holder final : Target {
    template <class Source>
    explicit Holder(Source&& source) : callable(std::forward<Source>(source)) {}
    Return call(Arguments... arguments) override { return callable(std::forward<Arguments>(arguments)...); }
    Callable callable;
  };
  std::unique_ptr<Target> target_;
};

// How a verb reports its end: called exactly once, on a thread of the callee's choosing, and must not block.
template <class Outcome>
using Callback = UniqueFunction<void(Outcome)>;

}  // namespace imapd

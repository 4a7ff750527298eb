#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace imapd {

// What kept an operation from happening. Not for lost races: those are outcomes.
enum class Code {
  kInvalidArgument,
  kNotFound,
  kAlreadyExists,
  kPermissionDenied,
  kFailedPrecondition,
  kResourceExhausted,
  kAborted,
  kUnavailable,  // The store takes no writes (full disk, failed sync) or the server is stopping.
  kCorruption,
  kIo,
};

struct Error {
  Code code;
  std::string message;  // For the peer: never holds content of a message or a secret.
};

// A value, or the Error that kept it from being made.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(Error error) : tl::expected<T, Error>(tl::unexpected<Error>(std::move(error))) {}  // NOLINT: meant to convert
};

inline Error make_error(Code code, std::string message) { return Error{code, std::move(message)}; }

}  // namespace imapd

#define CLAIMQ_CONCAT_(a, b) a##b
#define CLAIMQ_CONCAT(a, b) CLAIMQ_CONCAT_(a, b)
// Declares `variable` from a Result, or returns its Error from the enclosing function.
#define TRY_ASSIGN(variable, expression)                                            \
  auto CLAIMQ_CONCAT(result_, __LINE__) = (expression);                             \
  if (!CLAIMQ_CONCAT(result_, __LINE__)) return std::move(CLAIMQ_CONCAT(result_, __LINE__).error()); \
  auto variable = std::move(*CLAIMQ_CONCAT(result_, __LINE__))
#define TRY(expression)                                                             \
  do {                                                                              \
    auto try_result = (expression);                                                 \
    if (!try_result) return std::move(try_result.error());                          \
  } while (false)

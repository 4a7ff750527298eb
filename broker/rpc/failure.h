#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "imapd/base/error.h"

namespace google::rpc {
class Status;
}

namespace broker::rpc {

// gRPC's canonical codes, so that what decides an answer needs no gRPC header. Only those that we give.
enum class StatusCode : int {
  kOk = 0,
  kInvalidArgument = 3,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kInternal = 13,
  kUnavailable = 14,
  kUnauthenticated = 16,
};

struct FieldViolation {
  std::string field;  // As a path in the request: `messages[3].attributes`.
  std::string description;
};

// Why a call, or one item of a batch, did not get what it asked for. Goes to the peer: never holds content or a secret.
struct Failure {
  StatusCode code = StatusCode::kInternal;
  std::string reason;  // ErrorInfo.reason: a constant that clients may switch on.
  std::string message;
  std::vector<FieldViolation> violations;
};

// A value, or the Failure to answer with.
template <class T>
class [[nodiscard]] Outcome : public tl::expected<T, Failure> {
 public:
  using tl::expected<T, Failure>::expected;
  Outcome(Failure failure) : tl::expected<T, Failure>(tl::unexpected<Failure>(std::move(failure))) {}  // NOLINT: meant to convert
};

Failure queue_not_found(std::string_view queue);
Failure message_gone();
Failure lease_lost();
Failure no_right(std::string_view what);
Failure shutting_down();

// What an Error of the rooms below means depends on the verb: these name it.
struct Reasons {
  std::string_view not_found = "QUEUE_NOT_FOUND";
  std::string_view already_exists = "QUEUE_EXISTS";
  std::string_view failed_precondition = "FAILED_PRECONDITION";
  std::string_view resource_exhausted = "QUEUE_FULL";
};
Failure failure_of(const imapd::Error& error, const Reasons& reasons);

// With ErrorInfo {domain "claimq"} and, when there are violations, BadRequest as details. OK for no failure.
void fill_status(const Failure& failure, google::rpc::Status& status);

}  // namespace broker::rpc

#include "tools/client/failure.h"

#include <array>
#include <string_view>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace tools::client {
namespace {

constexpr std::array<std::string_view, 17> kCodeNames = {
    "OK",        "CANCELLED",       "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS",  "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",    "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED",
};

ExitCode exit_code_of(grpc::StatusCode code, const std::string& reason) {
  switch (code) {
    case grpc::StatusCode::OK:
      return ExitCode::kOk;
    case grpc::StatusCode::NOT_FOUND:
      return ExitCode::kNotFound;
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::PERMISSION_DENIED:
      return ExitCode::kNoRight;
    case grpc::StatusCode::UNAVAILABLE:
      // With a reason it is the server that speaks (its store takes no writes); without one nobody answered.
      return reason.empty() ? ExitCode::kCannotConnect : ExitCode::kFailed;
    default:
      return ExitCode::kFailed;
  }
}

}  // namespace

std::string status_code_name(int code) {
  if (code < 0 || static_cast<std::size_t>(code) >= kCodeNames.size()) {
    return std::to_string(code);
  }
  return std::string(kCodeNames[static_cast<std::size_t>(code)]);
}

std::string reason_of(const google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  for (const auto& any : status.details()) {
    if (any.UnpackTo(&info)) {
      return info.reason();
    }
  }
  return {};
}

Failure failure_of(const grpc::Status& status) {
  std::string text = status.error_message();
  std::string reason;
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    reason = reason_of(details);
    for (const auto& any : details.details()) {
      google::rpc::BadRequest bad_request;
      if (any.UnpackTo(&bad_request)) {
        for (const auto& violation : bad_request.field_violations()) {
          // The server's text often is the one violation.
          if (text.find(violation.description()) == std::string::npos) {
            text += "\n  " + violation.field() + ": " + violation.description();
          }
        }
      }
    }
  }
  if (text.empty()) {
    text = "the server gave no reason";
  }
  return Failure(text, {.exit_code = exit_code_of(status.error_code(), reason),
                        .code = status_code_name(status.error_code()),
                        .reason = reason});
}

}  // namespace tools::client

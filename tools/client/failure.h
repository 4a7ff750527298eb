// How a tool ends when it cannot do what was asked.
#pragma once

#include <stdexcept>
#include <string>

#include <grpcpp/support/status.h>

namespace google::rpc {
class Status;
}

namespace tools::client {

// The exit codes of `claimq`; its --help names them. They are an interface for scripts: never renumber.
enum class ExitCode : int {
  kOk = 0,
  kFailed = 1,
  kUsage = 2,
  kNotFound = 3,
  kCannotConnect = 4,
  kNothingReady = 5,
  kNoRight = 6,
};

// Ends the command. Thrown from anywhere in a tool, caught once in its main(): a command line has one operation, and this is
// the end of it.
class Failure : public std::runtime_error {
 public:
  struct Details {
    ExitCode exit_code = ExitCode::kFailed;
    // The gRPC code's name, such as NOT_FOUND; empty for what failed on this side.
    std::string code = {};
    // google.rpc.ErrorInfo's reason, such as QUEUE_NOT_FOUND; empty when there is none.
    std::string reason = {};
  };

  Failure(const std::string& text, Details details) : std::runtime_error(text), details_(std::move(details)) {}
  explicit Failure(const std::string& text) : Failure(text, Details{}) {}

  [[nodiscard]] const Details& details() const { return details_; }

 private:
  Details details_;
};

// What a refused call means to the user: the server's text, with each field violation, and the reason of its ErrorInfo.
Failure failure_of(const grpc::Status& status);

// The reason of the google.rpc.ErrorInfo among the details; empty when there is none.
std::string reason_of(const google::rpc::Status& status);

// "NOT_FOUND" for grpc::StatusCode::NOT_FOUND (5); the number for a code that gRPC does not know.
std::string status_code_name(int code);

}  // namespace tools::client

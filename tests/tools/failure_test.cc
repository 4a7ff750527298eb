#include "tools/client/failure.h"

#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace tools::client {
namespace {

grpc::Status refused(grpc::StatusCode code, const std::string& reason) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("claimq");
  details.add_details()->PackFrom(info);
  return {code, "text", details.SerializeAsString()};
}

TEST(Failure, CarriesTheReasonOfTheErrorInfo) {
  const Failure failure = failure_of(refused(grpc::StatusCode::ABORTED, "LEASE_LOST"));
  EXPECT_EQ(failure.details().reason, "LEASE_LOST");
  EXPECT_EQ(failure.details().code, "ABORTED");
  EXPECT_EQ(failure.details().exit_code, ExitCode::kFailed);
}

TEST(Failure, ExitCodesTellNotFoundNoRightAndNoServerApart) {
  EXPECT_EQ(failure_of(refused(grpc::StatusCode::NOT_FOUND, "QUEUE_NOT_FOUND")).details().exit_code,
            ExitCode::kNotFound);
  EXPECT_EQ(failure_of(refused(grpc::StatusCode::PERMISSION_DENIED, "NO_RIGHT")).details().exit_code,
            ExitCode::kNoRight);
  EXPECT_EQ(failure_of(refused(grpc::StatusCode::UNAVAILABLE, "STORE_UNAVAILABLE")).details().exit_code,
            ExitCode::kFailed);
  EXPECT_EQ(failure_of({grpc::StatusCode::UNAVAILABLE, "refused"}).details().exit_code, ExitCode::kCannotConnect);
}

TEST(Failure, FieldViolationsAreNamed) {
  google::rpc::Status details;
  google::rpc::BadRequest bad_request;
  auto& violation = *bad_request.add_field_violations();
  violation.set_field("name");
  violation.set_description("is empty");
  details.add_details()->PackFrom(bad_request);
  const Failure failure = failure_of({grpc::StatusCode::INVALID_ARGUMENT, "no", details.SerializeAsString()});
  EXPECT_STREQ(failure.what(), "no\n  name: is empty");
}

TEST(Failure, UnknownCodesKeepTheirNumber) {
  EXPECT_EQ(status_code_name(16), "UNAUTHENTICATED");
  EXPECT_EQ(status_code_name(17), "17");
  EXPECT_EQ(status_code_name(-1), "-1");
}

}  // namespace
}  // namespace tools::client

#include "broker/rpc/grpc_status.h"

#include "google/rpc/status.pb.h"

namespace broker::rpc {

grpc::Status grpc_status(const Failure& failure) {
  google::rpc::Status details;
  fill_status(failure, details);
  return {static_cast<grpc::StatusCode>(failure.code), failure.message, details.SerializeAsString()};
}

}  // namespace broker::rpc

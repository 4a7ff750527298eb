#pragma once

#include <grpcpp/support/status.h>

#include "broker/rpc/failure.h"

namespace broker::rpc {

// With google.rpc.Status, details included, in grpc-status-details-bin.
grpc::Status grpc_status(const Failure& failure);

}  // namespace broker::rpc

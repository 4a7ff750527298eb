#pragma once

#include "broker/rpc/admin_calls.h"
#include "broker/rpc/unary_call.h"
#include "claimq/v1/admin_service.grpc.pb.h"

namespace broker::rpc {

// claimq.v1.AdminService: hands each call over to its strand.
class AdminService final : public OneRequestService<claimq::v1::AdminService> {
 public:
  AdminService(Hall& hall, const ServerInfo& info);

 private:
  AdminCalls calls_;
};

}  // namespace broker::rpc

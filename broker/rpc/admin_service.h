#pragma once

#include "broker/rpc/admin_calls.h"
#include "broker/rpc/unary_call.h"
#include "claimq/v1/admin_service.grpc.pb.h"

namespace broker::rpc {

// claimq.v1.AdminService: hands each call over to its strand.
class AdminService final : public claimq::v1::AdminService::CallbackService {
 public:
  AdminService(Hall& hall, const ServerInfo& info) : hall_(hall), calls_(hall.services, info, hall.pool.get_executor()) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;
  Unary* CreateQueue(Context*, const claimq::v1::CreateQueueRequest*, claimq::v1::CreateQueueResponse*) override;
  Unary* GetQueue(Context*, const claimq::v1::GetQueueRequest*, claimq::v1::GetQueueResponse*) override;
  Unary* ListQueues(Context*, const claimq::v1::ListQueuesRequest*, claimq::v1::ListQueuesResponse*) override;
  Unary* UpdateQueue(Context*, const claimq::v1::UpdateQueueRequest*, claimq::v1::UpdateQueueResponse*) override;
  Unary* DeleteQueue(Context*, const claimq::v1::DeleteQueueRequest*, claimq::v1::DeleteQueueResponse*) override;
  Unary* CreateUser(Context*, const claimq::v1::CreateUserRequest*, claimq::v1::CreateUserResponse*) override;
  Unary* SetPassword(Context*, const claimq::v1::SetPasswordRequest*, claimq::v1::SetPasswordResponse*) override;
  Unary* ListUsers(Context*, const claimq::v1::ListUsersRequest*, claimq::v1::ListUsersResponse*) override;
  Unary* DeleteUser(Context*, const claimq::v1::DeleteUserRequest*, claimq::v1::DeleteUserResponse*) override;
  Unary* SetAcl(Context*, const claimq::v1::SetAclRequest*, claimq::v1::SetAclResponse*) override;
  Unary* GetAcl(Context*, const claimq::v1::GetAclRequest*, claimq::v1::GetAclResponse*) override;
  Unary* GetServerInfo(Context*, const claimq::v1::GetServerInfoRequest*, claimq::v1::GetServerInfoResponse*) override;

 private:
  Hall& hall_;
  AdminCalls calls_;
};

}  // namespace broker::rpc

#include "broker/rpc/admin_service.h"

namespace broker::rpc {

namespace v1 = claimq::v1;

using Unary = grpc::ServerUnaryReactor;

Unary* AdminService::CreateQueue(Context* context, const v1::CreateQueueRequest* request, v1::CreateQueueResponse* response) {
  return start_unary(hall_, calls_, &AdminCalls::create_queue, context, request, response);
}

Unary* AdminService::GetQueue(Context* context, const v1::GetQueueRequest* request, v1::GetQueueResponse* response) {
  return start_unary(hall_, calls_, &AdminCalls::get_queue, context, request, response);
}

Unary* AdminService::ListQueues(Context* context, const v1::ListQueuesRequest* request, v1::ListQueuesResponse* response) {
  return start_unary(hall_, calls_, &AdminCalls::list_queues, context, request, response);
}

Unary* AdminService::UpdateQueue(Context* context, const v1::UpdateQueueRequest* request, v1::UpdateQueueResponse* response) {
  return start_unary(hall_, calls_, &AdminCalls::update_queue, context, request, response);
}

Unary* AdminService::DeleteQueue(Context* context, const v1::DeleteQueueRequest* request, v1::DeleteQueueResponse* response) {
  return start_unary(hall_, calls_, &AdminCalls::delete_queue, context, request, response);
}

Unary* AdminService::CreateUser(Context* context, const v1::CreateUserRequest* request, v1::CreateUserResponse* response) {
  return start_unary(hall_, calls_, &AdminCalls::create_user, context, request, response);
}

Unary* AdminService::SetPassword(Context* context, const v1::SetPasswordRequest* request, v1::SetPasswordResponse* response) {
  return start_unary(hall_, calls_, &AdminCalls::set_password, context, request, response);
}

Unary* AdminService::ListUsers(Context* context, const v1::ListUsersRequest* request, v1::ListUsersResponse* response) {
  return start_unary(hall_, calls_, &AdminCalls::list_users, context, request, response);
}

Unary* AdminService::DeleteUser(Context* context, const v1::DeleteUserRequest* request, v1::DeleteUserResponse* response) {
  return start_unary(hall_, calls_, &AdminCalls::delete_user, context, request, response);
}

Unary* AdminService::SetAcl(Context* context, const v1::SetAclRequest* request, v1::SetAclResponse* response) {
  return start_unary(hall_, calls_, &AdminCalls::set_acl, context, request, response);
}

Unary* AdminService::GetAcl(Context* context, const v1::GetAclRequest* request, v1::GetAclResponse* response) {
  return start_unary(hall_, calls_, &AdminCalls::get_acl, context, request, response);
}

Unary* AdminService::GetServerInfo(Context* context, const v1::GetServerInfoRequest* request,
                                   v1::GetServerInfoResponse* response) {
  return start_unary(hall_, calls_, &AdminCalls::get_server_info, context, request, response);
}

}  // namespace broker::rpc

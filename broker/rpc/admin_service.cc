#include "broker/rpc/admin_service.h"

#include "broker/rpc/admin_operations.h"

namespace broker::rpc {

namespace {

template <class Work, class Request, class Response>
auto operation(Hall& hall) {
  return [&hall](grpc::CallbackServerContext* context) {
    auto* stream = new OperationStream<Work, Request, Response>(hall, *context);
    stream->start();
    return stream;
  };
}

}  // namespace

AdminService::AdminService(Hall& hall, const ServerInfo& info) : calls_(hall.services, info, hall.pool.get_executor()) {
  serve("CreateQueue", hall, calls_, &AdminCalls::create_queue);
  serve("GetQueue", hall, calls_, &AdminCalls::get_queue);
  serve("ListQueues", hall, calls_, &AdminCalls::list_queues);
  serve("UpdateQueue", hall, calls_, &AdminCalls::update_queue);
  serve("DeleteQueue", hall, calls_, &AdminCalls::delete_queue);
  serve("Purge", operation<PurgeWork, claimq::v1::PurgeRequest, claimq::v1::PurgeResponse>(hall));
  serve("Redrive", operation<RedriveWork, claimq::v1::RedriveRequest, claimq::v1::RedriveResponse>(hall));
  serve("CreateUser", hall, calls_, &AdminCalls::create_user);
  serve("SetPassword", hall, calls_, &AdminCalls::set_password);
  serve("ListUsers", hall, calls_, &AdminCalls::list_users);
  serve("DeleteUser", hall, calls_, &AdminCalls::delete_user);
  serve("SetAcl", hall, calls_, &AdminCalls::set_acl);
  serve("GetAcl", hall, calls_, &AdminCalls::get_acl);
  serve("GetServerInfo", hall, calls_, &AdminCalls::get_server_info);
}

}  // namespace broker::rpc

#include "broker/rpc/admin_service.h"

namespace broker::rpc {

AdminService::AdminService(Hall& hall, const ServerInfo& info) : calls_(hall.services, info, hall.pool.get_executor()) {
  serve("CreateQueue", hall, calls_, &AdminCalls::create_queue);
  serve("GetQueue", hall, calls_, &AdminCalls::get_queue);
  serve("ListQueues", hall, calls_, &AdminCalls::list_queues);
  serve("UpdateQueue", hall, calls_, &AdminCalls::update_queue);
  serve("DeleteQueue", hall, calls_, &AdminCalls::delete_queue);
  serve("CreateUser", hall, calls_, &AdminCalls::create_user);
  serve("SetPassword", hall, calls_, &AdminCalls::set_password);
  serve("ListUsers", hall, calls_, &AdminCalls::list_users);
  serve("DeleteUser", hall, calls_, &AdminCalls::delete_user);
  serve("SetAcl", hall, calls_, &AdminCalls::set_acl);
  serve("GetAcl", hall, calls_, &AdminCalls::get_acl);
  serve("GetServerInfo", hall, calls_, &AdminCalls::get_server_info);
}

}  // namespace broker::rpc

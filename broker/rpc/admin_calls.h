#pragma once

#include "broker/rpc/access.h"
#include "broker/rpc/call.h"
#include "broker/rpc/edit_turn.h"
#include "broker/rpc/failure.h"
#include "broker/rpc/server.h"
#include "claimq/v1/admin_service.pb.h"
#include "imapd/base/async.h"

namespace broker::rpc {

// The calls of AdminService, free of gRPC.
//
// Rights       Queues: `l` to see one, `a` for its policy and ACL, `x` to delete it; to create one, an administrator or `k` on
//              the queue above. Users: administrators; anybody may set their own password.
// Concurrency  As QueueCalls. Those that read, edit and write back (UpdateQueue, SetAcl, DeleteUser) take turns.
class AdminCalls {
 public:
  template <class T>
  using Task = imapd::Task<T>;
  using None = Outcome<void>;

  AdminCalls(const Services& services, const ServerInfo& info, boost::asio::any_io_executor executor);

  Task<None> create_queue(Call&, const claimq::v1::CreateQueueRequest&, claimq::v1::CreateQueueResponse&);
  Task<None> get_queue(Call&, const claimq::v1::GetQueueRequest&, claimq::v1::GetQueueResponse&);
  Task<None> list_queues(Call&, const claimq::v1::ListQueuesRequest&, claimq::v1::ListQueuesResponse&);
  Task<None> update_queue(Call&, const claimq::v1::UpdateQueueRequest&, claimq::v1::UpdateQueueResponse&);
  Task<None> delete_queue(Call&, const claimq::v1::DeleteQueueRequest&, claimq::v1::DeleteQueueResponse&);

  Task<None> create_user(Call&, const claimq::v1::CreateUserRequest&, claimq::v1::CreateUserResponse&);
  Task<None> set_password(Call&, const claimq::v1::SetPasswordRequest&, claimq::v1::SetPasswordResponse&);
  Task<None> list_users(Call&, const claimq::v1::ListUsersRequest&, claimq::v1::ListUsersResponse&);
  Task<None> delete_user(Call&, const claimq::v1::DeleteUserRequest&, claimq::v1::DeleteUserResponse&);

  Task<None> set_acl(Call&, const claimq::v1::SetAclRequest&, claimq::v1::SetAclResponse&);
  Task<None> get_acl(Call&, const claimq::v1::GetAclRequest&, claimq::v1::GetAclResponse&);
  Task<None> get_server_info(Call&, const claimq::v1::GetServerInfoRequest&, claimq::v1::GetServerInfoResponse&);

 private:
  void fill_queue(const imapd::store::MailboxInfo& info, claimq::v1::Queue& to) const;

  const Services& services_;  // Owned by the server, as the info.
  const ServerInfo& info_;
  const imapd::Timestamp started_;
  EditTurn turn_;
};

}  // namespace broker::rpc

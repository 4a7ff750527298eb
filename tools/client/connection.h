// The gRPC channel of a tool, with the user's credentials on every call.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "claimq/v1/admin_service.grpc.pb.h"
#include "claimq/v1/queue_service.grpc.pb.h"
#include "tools/client/failure.h"

namespace tools::client {

using AdminStub = claimq::v1::AdminService::Stub;
using QueueStub = claimq::v1::QueueService::Stub;

// Where a server listens: what it writes to `endpoints.json` in its data directory.
struct Endpoints {
  std::string imap;
  std::string grpc;
};

// Throws Failure (kCannotConnect) when the file is missing or says nothing of use: most often no server runs there.
Endpoints read_endpoints(const std::string& data_dir);

struct Credentials {
  std::string user;
  std::string password;
};

// One channel to one server.
//
// Operation    Connects at the first call. Calls carry `authorization: Basic` and fail at once when nobody listens.
// Concurrency  All members may be used from any thread.
// Limits       A call ends after its timeout, kCallTimeout unless the caller knows better.
class Connection {
 public:
  static constexpr std::chrono::milliseconds kCallTimeout = std::chrono::seconds(30);

  Connection(const std::string& server, const Credentials& credentials);

  [[nodiscard]] QueueStub& queues() { return *queues_; }
  [[nodiscard]] AdminStub& admin() { return *admin_; }
  [[nodiscard]] const std::string& server() const { return server_; }
  // False when the server did not answer in time.
  [[nodiscard]] bool wait_connected(std::chrono::milliseconds timeout);

  // Puts the credentials into `context`, without a deadline: for streams.
  void authorize(grpc::ClientContext& context) const;
  void prepare(grpc::ClientContext& context, std::chrono::milliseconds timeout) const;

  // connection.call(connection.admin(), &AdminStub::GetQueue, request, kCallTimeout); throws Failure when it is refused.
  template <typename Stub, typename Request, typename Response>
  Response call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request, std::chrono::milliseconds timeout) const {
    grpc::ClientContext context;
    prepare(context, timeout);
    Response response;
    require((stub.*method)(&context, request, &response));
    return response;
  }
  template <typename Stub, typename Request, typename Response>
  Response call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request) const {
    return call(stub, method, request, kCallTimeout);
  }

  // Throws the Failure of a status that is not OK; one that never reached the server names its address.
  void require(const grpc::Status& status) const;

 private:
  std::string server_;
  std::string authorization_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<QueueStub> queues_;
  std::unique_ptr<AdminStub> admin_;
};

}  // namespace tools::client

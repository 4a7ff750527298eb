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
  // Over TLS; empty when the server has no such port.
  std::string grpcs = {};
};

// Throws Failure (kCannotConnect) when the file is missing or says nothing of use: most often no server runs there.
Endpoints read_endpoints(const std::string& data_dir);

// Whether to speak TLS, whom to believe and what to show. File names of PEM.
struct Tls {
  bool enabled = false;
  // Who signs the server's certificate. Empty: whom the system believes.
  std::string ca;
  // The name that the server's certificate must hold. Empty: the host of its address.
  std::string server_name;
  // The client's own, both or none.
  std::string certificate;
  std::string key;
};

// Throws Failure (kCannotConnect) when the server listens only without TLS and `tls` wants it.
std::string grpc_address(const Endpoints& endpoints, const Tls& tls);

// How the user says who he is: by `token` when there is one, else by `password`; without either by the certificate in `tls`.
struct Credentials {
  std::string user = {};
  std::string password = {};
  std::string token = {};
  Tls tls = {};
};

// One channel to one server.
//
// Operation    Connects at the first call. Calls carry `authorization: Basic` or `Bearer` and fail at once when nobody listens.
//              Without TLS nothing secret goes anywhere but to this machine.
// Concurrency  All members may be used from any thread.
// Limits       A call ends after its timeout, kCallTimeout unless the caller knows better.
class Connection {
 public:
  static constexpr std::chrono::milliseconds kCallTimeout = std::chrono::seconds(30);

  // Throws Failure (kUsage) when a file of `credentials.tls` cannot be read, or `server` is elsewhere and there is no TLS.
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
  Tls tls_;
  std::string authorization_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<QueueStub> queues_;
  std::unique_ptr<AdminStub> admin_;
};

}  // namespace tools::client

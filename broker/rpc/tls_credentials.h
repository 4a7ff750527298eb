#pragma once

#include <grpc/grpc_security.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <mutex>

#include "broker/rpc/server.h"

namespace broker::rpc {

// TLS for a listening port, TLS 1.2 and later, with the identity of the moment at which a client connects. (Of gRPC's own
// credentials some never change and the others look at files by a timer of their own, so that a bad file could come between.)
//
// Operation    Asks for the identity at each handshake; connections that are open keep what they have.
// Ownership    Outlives the gRPC server that listens with it.
class TlsCredentials final : public grpc::ServerCredentials {
 public:
  explicit TlsCredentials(TlsIdentitySource source);
  ~TlsCredentials() override;
  TlsCredentials(const TlsCredentials&) = delete;
  // gRPC's own hook for call credentials is not of use here: calls are authenticated by identify().
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override;
  static grpc_ssl_certificate_config_reload_status fetch(void* self, grpc_ssl_server_certificate_config** into);

  const TlsIdentitySource source_;
  std::mutex mutex_;
  std::shared_ptr<const TlsIdentity> shown_;  // What gRPC was given last.
  grpc_server_credentials* credentials_ = nullptr;
};

}  // namespace broker::rpc

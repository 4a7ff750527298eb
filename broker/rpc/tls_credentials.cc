#include "broker/rpc/tls_credentials.h"

#include <grpc/grpc.h>

#include <utility>

namespace broker::rpc {

TlsCredentials::TlsCredentials(TlsIdentitySource source) : source_(std::move(source)) {
  // A client may have no certificate and authenticate otherwise; one that does not verify ends the handshake.
  const auto request = source_()->client_ca.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                                    : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
  credentials_ = grpc_ssl_server_credentials_create_with_options(
      grpc_ssl_server_credentials_create_options_using_config_fetcher(request, fetch, this));
}

TlsCredentials::~TlsCredentials() { grpc_server_credentials_release(credentials_); }

int TlsCredentials::AddPortToServer(const std::string& address, grpc_server* server) {
  return grpc_server_add_http2_port(server, address.c_str(), credentials_);
}

grpc_ssl_certificate_config_reload_status TlsCredentials::fetch(void* self, grpc_ssl_server_certificate_config** into) {
  auto& credentials = *static_cast<TlsCredentials*>(self);
  const std::lock_guard lock(credentials.mutex_);
  auto identity = credentials.source_();
  if (identity == credentials.shown_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  const grpc_ssl_pem_key_cert_pair pair{identity->key.c_str(), identity->certificate.c_str()};
  // gRPC insists on some authority. Where no client's certificate is asked for, it is never looked at.
  const std::string& authority = identity->client_ca.empty() ? identity->certificate : identity->client_ca;
  *into = grpc_ssl_server_certificate_config_create(authority.c_str(), &pair, 1);
  credentials.shown_ = std::move(identity);
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

}  // namespace broker::rpc

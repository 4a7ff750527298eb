#include "tools/client/connection.h"

#include <fstream>

#include <absl/strings/escaping.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <nlohmann/json.hpp>

namespace tools::client {
namespace {

// Above the server's largest message, so that its limit and not ours decides.
constexpr int kReceiveBytesMax = 80 * 1024 * 1024;
// Debian's ca-certificates.
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";

std::string read_pem(const std::string& path) {
  if (path.empty()) {
    return {};
  }
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || text.find("-----BEGIN ") == std::string::npos) {
    throw Failure(path + " is no PEM file that can be read", {.exit_code = ExitCode::kUsage});
  }
  return text;
}

std::shared_ptr<grpc::ChannelCredentials> channel_credentials(const Tls& tls) {
  if (!tls.enabled) {
    return grpc::InsecureChannelCredentials();
  }
  grpc::SslCredentialsOptions options;
  // gRPC looks for the system's in places of its own, and not only there.
  options.pem_root_certs = read_pem(tls.ca.empty() ? kSystemAuthorities : tls.ca);
  options.pem_cert_chain = read_pem(tls.certificate);
  options.pem_private_key = read_pem(tls.key);
  return grpc::SslCredentials(options);
}

std::string authorization_of(const Credentials& credentials) {
  if (!credentials.token.empty()) {
    return "Bearer " + credentials.token;
  }
  if (credentials.password.empty()) {
    return {};
  }
  return "Basic " + absl::Base64Escape(credentials.user + ":" + credentials.password);
}

bool is_on_this_machine(const std::string& server) {
  const std::string host = server.substr(0, server.rfind(':'));
  const bool is_v4 = host.find_first_not_of("0123456789.") == std::string::npos;
  return host == "localhost" || host == "[::1]" || (is_v4 && host.starts_with("127."));
}

std::shared_ptr<grpc::Channel> open_channel(const std::string& server, const Tls& tls) {
  if (!tls.enabled && !is_on_this_machine(server)) {
    throw Failure("nothing secret is sent to " + server + " in the clear: use --tls or --tls-ca FILE", {.exit_code = ExitCode::kUsage});
  }
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kReceiveBytesMax);
  // Each Connection is a TCP connection of its own: gRPC would otherwise let all of a process share one.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  if (!tls.server_name.empty()) {
    arguments.SetSslTargetNameOverride(tls.server_name);
  }
  return grpc::CreateCustomChannel(server, channel_credentials(tls), arguments);
}

// What to try when gRPC's words say that the two sides do not understand each other. Empty: they do not.
std::string hint(const std::string& text, const Tls& tls) {
  const auto says = [&text](std::string_view words) { return text.find(words) != std::string::npos; };
  if (!tls.enabled) {
    return says("Socket closed") || says("Connection reset") || says("closed by peer")
               ? "\n  If it speaks TLS there, use --tls or --tls-ca FILE."
               : "";
  }
  if (says("certificate verify failed")) {
    return "\n  Its certificate is not signed by " +
           (tls.ca.empty() ? "anyone whom this system believes; use --tls-ca FILE." : "who is in " + tls.ca + ".");
  }
  if (says("wrong version number") || says("packet length too long") || says("http request")) {
    return "\n  It does not speak TLS there.";
  }
  if (says("is not in peer certificate")) {
    return "\n  Its certificate is for another name; if that is right, use --tls-server-name NAME.";
  }
  return {};
}

}  // namespace

Endpoints read_endpoints(const std::string& data_dir) {
  const std::string path = data_dir + "/endpoints.json";
  std::ifstream file(path);
  const nlohmann::json json = nlohmann::json::parse(file, nullptr, false);
  const Failure::Details unreachable{.exit_code = ExitCode::kCannotConnect};
  if (!file.is_open()) {
    throw Failure("cannot read " + path + ": is a claimqd running on that directory?", unreachable);
  }
  if (!json.is_object() || !json.contains("grpc") || !json["grpc"].is_string()) {
    throw Failure(path + " names no gRPC endpoint", unreachable);
  }
  Endpoints endpoints;
  endpoints.grpc = json["grpc"].get<std::string>();
  if (json.contains("imap") && json["imap"].is_string()) {
    endpoints.imap = json["imap"].get<std::string>();
  }
  if (json.contains("grpcs") && json["grpcs"].is_string()) {
    endpoints.grpcs = json["grpcs"].get<std::string>();
  }
  return endpoints;
}

std::string grpc_address(const Endpoints& endpoints, const Tls& tls) {
  if (!tls.enabled) {
    return endpoints.grpc;
  }
  if (endpoints.grpcs.empty()) {
    throw Failure("the server has no gRPC port with TLS (--grpc-tls-listen)", {.exit_code = ExitCode::kCannotConnect});
  }
  return endpoints.grpcs;
}

Connection::Connection(const std::string& server, const Credentials& credentials)
    : server_(server),
      tls_(credentials.tls),
      authorization_(authorization_of(credentials)),
      channel_(open_channel(server, tls_)),
      queues_(claimq::v1::QueueService::NewStub(channel_)),
      admin_(claimq::v1::AdminService::NewStub(channel_)) {}

bool Connection::wait_connected(std::chrono::milliseconds timeout) {
  return channel_->WaitForConnected(std::chrono::system_clock::now() + timeout);
}

void Connection::authorize(grpc::ClientContext& context) const {
  if (!authorization_.empty()) {
    context.AddMetadata("authorization", authorization_);
  }
}

void Connection::prepare(grpc::ClientContext& context, std::chrono::milliseconds timeout) const {
  authorize(context);
  context.set_deadline(std::chrono::system_clock::now() + timeout);
}

void Connection::require(const grpc::Status& status) const {
  if (status.ok()) {
    return;
  }
  Failure failure = failure_of(status);
  if (failure.details().exit_code == ExitCode::kCannotConnect) {
    // gRPC's own words begin with a list of attempts; the last of them says what happened.
    std::string text = failure.what();
    constexpr std::string_view kLast = "last error: ";
    if (const std::size_t last = text.find(kLast); last != std::string::npos) {
      text.erase(0, last + kLast.size());
    }
    throw Failure("cannot reach the server at " + server_ + ": " + text + hint(text, tls_), failure.details());
  }
  throw failure;
}

}  // namespace tools::client

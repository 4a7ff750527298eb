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

std::shared_ptr<grpc::Channel> open_channel(const std::string& server) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kReceiveBytesMax);
  // Each Connection is a TCP connection of its own: gRPC would otherwise let all of a process share one.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
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
  return endpoints;
}

Connection::Connection(const std::string& server, const Credentials& credentials)
    : server_(server),
      authorization_("Basic " + absl::Base64Escape(credentials.user + ":" + credentials.password)),
      channel_(open_channel(server)),
      queues_(claimq::v1::QueueService::NewStub(channel_)),
      admin_(claimq::v1::AdminService::NewStub(channel_)) {}

bool Connection::wait_connected(std::chrono::milliseconds timeout) {
  return channel_->WaitForConnected(std::chrono::system_clock::now() + timeout);
}

void Connection::authorize(grpc::ClientContext& context) const { context.AddMetadata("authorization", authorization_); }

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
    throw Failure("cannot reach the server at " + server_ + ": " + text, failure.details());
  }
  throw failure;
}

}  // namespace tools::client

#include "broker/rpc/server.h"

#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/server.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <boost/asio/thread_pool.hpp>
#include <future>
#include <mutex>
#include <utility>

#include "broker/queue/queue.h"
#include "broker/rpc/admin_service.h"
#include "broker/rpc/drain.h"
#include "broker/rpc/health_service.h"
#include "broker/rpc/queue_service.h"
#include "broker/rpc/tls_credentials.h"
#include "imapd/ops/health.h"
#include "imapd/ops/log.h"
#include "imapd/store/store.h"

namespace broker::rpc {

namespace {

constexpr int kRequestOverheadBytes = 1024 * 1024;
// A client may ping every 10 s (with some grace), also while it has no call open.
constexpr int kPingIntervalMinMs = 9'000;
// A peer that vanished without a word is found out by our own pings.
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
constexpr int kCallsPerConnectionMax = 1'000;
constexpr int kReflectionThreadsMax = 2;
constexpr int kUnaskedBytesMax = 64 * 1024;
// A token of TokenVerifier::kTokenBytesMax and what else a call says of itself.
constexpr int kMetadataBytesMax = 16 * 1024;

// gRPC's own remarks, in the form of our log.
void log_remark(gpr_log_func_args* remark) {
  if (remark->severity == GPR_LOG_SEVERITY_ERROR) {
    imapd::ops::log_warning("grpc", {{"message", remark->message}});
  } else {
    imapd::ops::log_debug("grpc", {{"message", remark->message}});
  }
}

// For the whole process.
void set_up_grpc_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    gpr_set_log_function(log_remark);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

imapd::Error cannot_listen(const std::string& option, const imapd::ops::Endpoint& endpoint) {
  return imapd::make_error(imapd::Code::kInvalidArgument, option + ": cannot listen on " + endpoint.to_string());
}

}  // namespace

class Server::Implementation {
 public:
  Implementation(ServerOptions options, Services services)
      : options_(std::move(options)),
        services_(services),
        pool_(std::max<std::size_t>(options_.threads, 1)),
        hall_{services_, pool_, drain_, logins_},
        queue_service_(hall_, options_.message_bytes_max),
        admin_service_(hall_, options_.info),
        health_service_(pool_) {}

  imapd::Result<void> start() {
    if (!options_.listen.is_loopback()) {
      return imapd::make_error(imapd::Code::kInvalidArgument,
                               "grpc.listen: has no TLS, so must be a loopback address, is " + options_.listen.to_string());
    }
    set_up_grpc_once();
    grpc::ServerBuilder builder;
    builder.AddListeningPort(options_.listen.to_string(), grpc::InsecureServerCredentials(), &port_);
    if (options_.tls) {
      tls_credentials_ = std::make_shared<TlsCredentials>(options_.tls->identity);
      builder.AddListeningPort(options_.tls->endpoint.to_string(), tls_credentials_, &tls_port_);
    }
    builder.RegisterService(&queue_service_);
    builder.RegisterService(&admin_service_);
    builder.RegisterService(&health_service_);
    // Only reflection has threads of gRPC's own: one waits for calls and the other runs one, whoever makes it.
    builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
    builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
    builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 1);
    builder.SetResourceQuota(grpc::ResourceQuota("reflection").SetMaxThreads(kReflectionThreadsMax));
    builder.SetMaxReceiveMessageSize(static_cast<int>(options_.message_bytes_max) + kRequestOverheadBytes);
    builder.SetMaxSendMessageSize(-1);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kPingIntervalMinMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kCallsPerConnectionMax);
    // Probing would widen what a client may send of a message before anybody asks for it, so before the client is known.
    builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kUnaskedBytesMax);
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
    // A second server on the port is an error, not a share of the connections.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    server_ = builder.BuildAndStart();
    // It stops at the first that it cannot have.
    if (options_.tls && port_ != 0 && tls_port_ == 0) return cannot_listen("grpc.tls_listen", options_.tls->endpoint);
    if (!server_ || port_ == 0) return cannot_listen("grpc.listen", options_.listen);
    tree_ = services_.store.change_feed().subscribe_tree([this](const imapd::store::TreeEvent& event) {
      using Kind = imapd::store::TreeEvent::Kind;
      // A queue that goes or gets another name tells those who watch it by itself, and nothing is left to claim.
      if (event.kind == Kind::kRights || event.kind == Kind::kUserRemoved || event.kind == Kind::kUserChanged) drain_.look_again();
    });
    health_ = services_.health.listen([this](const imapd::ops::Health::State& state) { health_service_.show(state.serving); });
    return {};
  }

  std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }
  std::uint16_t tls_port() const { return static_cast<std::uint16_t>(tls_port_); }

  void drain() {
    // In this order: a stream whose claim is ended by close() knows already why.
    drain_.begin();
    services_.queues.close();
    services_.health.fail("draining", "the server is stopping");
  }

  void stop(std::chrono::milliseconds patience) {
    if (!server_) return;
    drain();
    health_service_.stop();
    // Returns when the last call is done; the deadline cancels those that are not.
    server_->Shutdown(std::chrono::system_clock::now() + patience);
    health_ = {};
    tree_ = {};
    server_.reset();
    pool_.join();
    await_committer();
  }

 private:
  // Until it has called back, the store's committer may hold a copy of an executor of the pool. It answers in order: when this
  // verb, which changes nothing, has been answered, all that went before has let go.
  void await_committer() {
    std::promise<void> answered;
    auto answer = answered.get_future();
    services_.store.expire_due({.now = {}, .count_max = 0}, [answered = std::move(answered)](auto) mutable { answered.set_value(); });
    answer.wait();
  }

  const ServerOptions options_;
  const Services services_;
  Drain drain_;
  boost::asio::thread_pool pool_;
  Logins logins_;
  Hall hall_;
  QueueService queue_service_;
  AdminService admin_service_;
  HealthService health_service_;
  int port_ = 0;
  int tls_port_ = 0;
  std::shared_ptr<TlsCredentials> tls_credentials_;  // Before the server: it asks them at each handshake.
  std::unique_ptr<grpc::Server> server_;
  imapd::ops::Health::Subscription health_;
  imapd::store::ChangeFeed::Subscription tree_;
};

imapd::Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Services services) {
  std::unique_ptr<Server> server(new Server(std::make_unique<Implementation>(std::move(options), services)));
  TRY(server->implementation_->start());
  return server;
}

Server::Server(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

std::uint16_t Server::port() const { return implementation_->port(); }
std::uint16_t Server::tls_port() const { return implementation_->tls_port(); }

void Server::drain() { implementation_->drain(); }

void Server::stop(std::chrono::milliseconds patience) { implementation_->stop(patience); }

}  // namespace broker::rpc

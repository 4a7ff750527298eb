// claimqd: builds everything, in the order in which it stands on one another, serves until asked to stop, and takes it down in
// the reverse order.
#include <absl/synchronization/mutex.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <future>
#include <iostream>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "broker/command_line.h"
#include "broker/endpoints_file.h"
#include "broker/first_start.h"
#include "broker/login_secret.h"
#include "broker/queue/queue.h"
#include "broker/queue_door.h"
#include "broker/queue/rules.h"
#include "broker/rpc/server.h"
#include "broker/store_users.h"
#include "broker/sweep_timer.h"
#include "imapd/auth/users.h"
#include "imapd/ops/health.h"
#include "imapd/ops/log.h"
#include "imapd/session/listener.h"
#include "imapd/session/services.h"
#include "imapd/session/tls.h"
#include "imapd/store/store.h"

namespace broker {
namespace {

namespace asio = boost::asio;
namespace ops = imapd::ops;
namespace session = imapd::session;
namespace store = imapd::store;

constexpr int kFailed = 1;

// Threads that run one io_context, until it is destroyed.
class ContextThreads {
 public:
  ContextThreads(asio::io_context& context, std::size_t count) : context_(context), work_(context.get_executor()) {
    for (std::size_t i = 0; i < count; ++i) threads_.emplace_back([&context] { context.run(); });
  }
  ContextThreads(const ContextThreads&) = delete;
  ~ContextThreads() {
    work_.reset();
    context_.stop();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  asio::io_context& context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::vector<std::thread> threads_;
};

// Becomes ready at the first SIGTERM or SIGINT. The second one ends the process at once: nothing acknowledged is lost by that.
class StopSignal {
 public:
  explicit StopSignal(asio::io_context& context) : signals_(context, SIGTERM, SIGINT) {
    signals_.async_wait([this](boost::system::error_code failed, int) {
      if (failed) return;
      signals_.async_wait([](boost::system::error_code again_failed, int) {
        if (!again_failed) std::_Exit(kFailed);
      });
      asked_.set_value();
    });
  }
  void wait() { asked_.get_future().wait(); }

 private:
  std::promise<void> asked_;
  asio::signal_set signals_;
};

// SIGHUP: reads the certificates and the keys of tokens again. What is wrong with them is logged, and the old ones stay.
class ReloadSignal {
 public:
  ReloadSignal(asio::io_context& context, session::TlsContext* tls, imapd::auth::TokenVerifier* tokens)
      : signals_(context, SIGHUP), tls_(tls), tokens_(tokens) {
    wait();
  }
  ReloadSignal(const ReloadSignal&) = delete;
  void stop() { signals_.cancel(); }

 private:
  void wait() {
    signals_.async_wait([this](boost::system::error_code failed, int) {
      if (failed) return;
      reload();
      wait();
    });
  }
  void reload() const {
    if (tls_ != nullptr) tell("certificates", tls_->reload());
    if (tokens_ != nullptr) tell("token_keys", tokens_->reload());
  }
  static void tell(const std::string& what, const imapd::Result<void>& done) {
    if (done) {
      ops::log_info(what + "_reloaded");
    } else {
      ops::log_error(what + "_not_reloaded", {{"error", done.error().message}});
    }
  }

  asio::signal_set signals_;
  session::TlsContext* const tls_;
  imapd::auth::TokenVerifier* const tokens_;
};

store::StoreOptions store_options(const ops::Config& config) {
  store::StoreOptions options;
  options.directory = config.data_dir;
  options.durability = config.durability == ops::Durability::kSync ? store::Durability::kSync : store::Durability::kRelaxed;
  return options;
}

imapd::auth::TokenRules token_rules(const ops::Config& config) {
  return {config.token_keys, config.token_issuer, config.token_audience, config.token_user_claim};
}

session::SessionOptions session_options(const ops::Config& config) {
  using imapd::wire::ClaimedAs;
  session::SessionOptions options;
  switch (config.imap_claimed_as) {
    case ops::ClaimedAs::kBoth: options.claimed_as = ClaimedAs::kBoth; break;
    case ops::ClaimedAs::kBackslash: options.claimed_as = ClaimedAs::kBackslash; break;
    case ops::ClaimedAs::kKeyword: options.claimed_as = ClaimedAs::kKeyword; break;
  }
  options.message_bytes_max = config.message_bytes_max;
  options.connections_max = config.imap_connections_max;
  options.connections_per_user_max = config.imap_connections_per_user_max;
  options.connections_per_address_max = config.imap_connections_per_address_max;
  options.drain_timeout = std::chrono::seconds(config.drain_seconds);
  return options;
}

// The same certificate as IMAP's, also after a reload.
rpc::TlsIdentitySource identity_of(const session::TlsContext& tls) {
  using Pem = session::TlsContext::Pem;
  struct Last {
    std::mutex mutex;
    std::shared_ptr<const Pem> pem;
    std::shared_ptr<const rpc::TlsIdentity> identity;
  };
  return [&tls, last = std::make_shared<Last>()] {
    auto pem = tls.pem();
    const std::lock_guard lock(last->mutex);
    if (pem != last->pem) {
      last->identity = std::make_shared<const rpc::TlsIdentity>(rpc::TlsIdentity{pem->certificate, pem->key, pem->client_ca});
      last->pem = std::move(pem);
    }
    return last->identity;
  };
}

rpc::ServerOptions rpc_options(const ops::Config& config, std::size_t threads, const std::string& imap_address,
                               const session::TlsContext* tls) {
  rpc::ServerOptions options;
  options.listen = config.grpc_listen;
  if (!config.grpc_tls_listen.host.empty()) options.tls = rpc::TlsListen{config.grpc_tls_listen, identity_of(*tls)};
  options.threads = threads;
  options.message_bytes_max = config.message_bytes_max;
  options.info.version = CLAIMQ_VERSION;
  options.info.durability = config.durability == ops::Durability::kSync ? "sync" : "relaxed";
  options.info.imap_address = imap_address;
  return options;
}

int failed(const imapd::Error& error) {
  std::cerr << "claimqd: " << error.message << '\n';
  return error.code == imapd::Code::kInvalidArgument ? kBadConfiguration.value : kFailed;
}

int serve(const ops::Config& config) {
  const std::size_t threads = config.threads > 0 ? config.threads : std::max(1u, std::thread::hardware_concurrency());
  const imapd::SystemClock clock;
  queue::QueueRules rules;
  ops::Health health;
  // Before the store: until it is closed, its committer may hold the executor of a session that has ended.
  asio::io_context context(static_cast<int>(threads));
  auto opened = store::Store::open(store_options(config), clock, rules, health);
  if (!opened) return failed(opened.error());
  store::Store& store = **opened;

  // What a killed server left behind: who waits for the file must not read its addresses.
  remove_endpoints_file(config.data_dir);
  const auto admin = ensure_admin(store, clock, config.admin_password_file, [](const std::string& password) {
    std::cout << "admin password: " << password << std::endl;
  });
  if (!admin) return failed(admin.error());

  std::unique_ptr<imapd::auth::TokenVerifier> tokens;
  if (config.takes_tokens()) {
    auto loaded = imapd::auth::TokenVerifier::open(token_rules(config));
    if (!loaded) return failed(loaded.error());
    tokens = std::move(*loaded);
  }
  auto secret = login_secret(config.data_dir);
  if (!secret) return failed(secret.error());
  StoreUsers users(store);
  imapd::auth::Authenticator authenticator(users, tokens.get(), std::move(*secret));
  queue::Queues queues(store, clock);
  session::Services session_services(store, clock, authenticator, session_options(config));

  PolicyDoor queue_door(store, queues, clock);
  session_services.queue_door = &queue_door;

  std::unique_ptr<session::TlsContext> tls;
  if (config.has_tls()) {
    auto loaded = session::TlsContext::open({config.tls_certificate, config.tls_key, config.tls_client_ca});
    if (!loaded) return failed(loaded.error());
    tls = std::move(*loaded);
    session_services.tls = tls.get();
  }
  StopSignal stop_signal(context);
  ReloadSignal reload_signal(context, tls.get(), tokens.get());
  auto listener = session::Listener::open(context, session_services, config.imap_listen);
  if (!listener) return failed(listener.error());
  std::unique_ptr<session::Listener> tls_listener;
  if (!config.imap_tls_listen.host.empty()) {
    auto opened_too = session::Listener::open(context, session_services, config.imap_tls_listen, session::TlsBegins::kAtOnce);
    if (!opened_too) return failed(opened_too.error());
    tls_listener = std::move(*opened_too);
  }
  const std::string imap_address = (*listener)->endpoint().to_string();
  auto server = rpc::Server::start(rpc_options(config, threads, imap_address, tls.get()), {store, queues, authenticator, health, clock});
  if (!server) return failed(server.error());
  const Endpoints endpoints{imap_address, ops::Endpoint{config.grpc_listen.host, (*server)->port()}.to_string(),
                            tls_listener ? tls_listener->endpoint().to_string() : "",
                            (*server)->tls_port() == 0
                                ? ""
                                : ops::Endpoint{config.grpc_tls_listen.host, (*server)->tls_port()}.to_string()};

  SweepTimer sweep_timer(context, store, clock);
  {
    const ContextThreads context_threads(context, threads);
    sweep_timer.start();
    (*listener)->start();
    if (tls_listener) tls_listener->start();
    const auto written = write_endpoints_file(config.data_dir, endpoints);
    if (!written) ops::log_warning("endpoints_file_failed", {{"error", written.error().message}});
    std::cout << "listening imap=" << endpoints.imap << " grpc=" << endpoints.grpc
              << (endpoints.imaps.empty() ? "" : " imaps=" + endpoints.imaps)
              << (endpoints.grpcs.empty() ? "" : " grpcs=" + endpoints.grpcs) << std::endl;
    ops::log_info("listening", {{"imap", endpoints.imap}, {"grpc", endpoints.grpc}, {"version", CLAIMQ_VERSION}});

    stop_signal.wait();
    ops::log_info("draining", {{"seconds_max", config.drain_seconds}});
    std::promise<void> sessions_ended;
    const auto sessions_end = sessions_ended.get_future();
    (*listener)->stop([ended = std::move(sessions_ended)]() mutable { ended.set_value(); });
    std::promise<void> tls_sessions_ended;
    const auto tls_sessions_end = tls_sessions_ended.get_future();
    if (tls_listener) {
      tls_listener->stop([ended = std::move(tls_sessions_ended)]() mutable { ended.set_value(); });
    } else {
      tls_sessions_ended.set_value();
    }
    (*server)->stop(std::chrono::seconds(config.drain_seconds));
    sessions_end.wait();
    tls_sessions_end.wait();
    reload_signal.stop();
    sweep_timer.stop();
  }
  remove_endpoints_file(config.data_dir);
  ops::log_info("stopped");
  return 0;
}

}  // namespace
}  // namespace broker

int main(int argc, char** argv) {
  // gRPC takes its locks in orders that the detector reports although they cannot deadlock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  std::signal(SIGPIPE, SIG_IGN);
  const auto parsed = broker::parse_command_line(argc, argv);
  if (const auto* exit_code = std::get_if<broker::ExitCode>(&parsed)) return exit_code->value;
  const auto& config = std::get<imapd::ops::Config>(parsed);
  imapd::ops::set_log_level(config.log_level);
  try {
    return broker::serve(config);
  } catch (const std::exception& failure) {
    std::cerr << "claimqd: " << failure.what() << '\n';
    return 1;
  }
}

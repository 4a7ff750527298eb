#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "imapd/base/clock.h"
#include "imapd/base/error.h"
#include "imapd/base/limits.h"
#include "imapd/ops/config.h"

namespace imapd::auth {
class Authenticator;
}
namespace imapd::ops {
class Health;
}
namespace imapd::store {
class Store;
}
namespace broker::queue {
class Queues;
}

namespace broker::rpc {

// What the calls stand on. All of it outlives the Server.
struct Services {
  imapd::store::Store& store;
  queue::Queues& queues;
  imapd::auth::Authenticator& authenticator;
  imapd::ops::Health& health;
  const imapd::Clock& clock;
};

// What GetServerInfo tells.
struct ServerInfo {
  std::string version;
  std::string durability;
  std::string imap_address;
};

// PEM texts, checked: the key is the certificate's.
struct TlsIdentity {
  std::string certificate;  // The server's own first, then its chain.
  std::string key;
  std::string client_ca;  // Who signs clients' certificates. Empty: none is asked for; that never changes.
};
// Never null. Called at each handshake, from any thread: another pointer means that it changed.
using TlsIdentitySource = std::function<std::shared_ptr<const TlsIdentity>()>;

struct TlsListen {
  imapd::ops::Endpoint endpoint;  // Port 0: any free port.
  TlsIdentitySource identity;
};

struct ServerOptions {
  imapd::ops::Endpoint listen{"127.0.0.1", 0};  // Without TLS, so a loopback address. Port 0: any free port.
  std::optional<TlsListen> tls;
  std::size_t threads = 2;         // That run the calls; gRPC's own are not counted.
  std::size_t message_bytes_max = imapd::limits::kMessageBytesMax;
  ServerInfo info;
};

// The gRPC door: QueueService, AdminService, health and reflection.
//
// Operation    Each call is handed over to threads of the server's own, converted, run against the queue's verbs and answered;
//              gRPC's threads and the store's committer are never kept. The health service follows Services::health.
// Concurrency  All members may be called from any thread; drain() and stop() from one at a time.
// Limits       A request of at most message_bytes_max and 1 MiB, read when its sender is known: until then 64 KiB of each call may
//              come. Health and reflection are open to all: two requests of the one and one of the other are read at a time.
//              1,000 calls of a connection at a time. Clients may ping every 10 s.
class Server {
 public:
  // kInvalidArgument: an address cannot be listened on, or the one without TLS is no loopback address.
  static imapd::Result<std::unique_ptr<Server>> start(ServerOptions options, Services services);
  ~Server();  // stop() without patience.

  std::uint16_t port() const;
  std::uint16_t tls_port() const;  // 0: there is none.

  // Ends claims that wait and watches, gives streams no more claims; closes the queues (Queues::close). Workers may still settle.
  void drain();
  // Drains, lets calls finish until the deadline, then cancels them: streams cut off like this keep their leases. Blocks.
  void stop(std::chrono::milliseconds patience);

  class Implementation;  // Public for its own .cc files only.

 private:
  explicit Server(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace broker::rpc

#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "broker/queue/queue.h"
#include "broker/rpc/call.h"
#include "broker/rpc/failure.h"
#include "broker/rpc/server.h"
#include "imapd/auth/rights.h"
#include "imapd/base/async.h"

namespace broker::rpc {

// What a call says of who makes it.
struct Evidence {
  std::optional<std::string> authorization;  // nullopt: none. Empty: several, which is wrong.
  std::string client_certificate;            // PEM, as TLS has verified it. Empty: none.
  std::string peer;                          // As gRPC writes addresses.
};

// Where passwords are checked: not on the threads that serve everybody, and in a line of bounded length.
class Logins {
 public:
  // Some 15 s of work.
  static constexpr int kWaitingMax = 1024;

  boost::asio::thread_pool& threads() { return threads_; }
  bool enter() {
    if (waiting_.fetch_add(1) < kWaitingMax) return true;
    leave();
    return false;
  }
  void leave() { waiting_.fetch_sub(1); }

 private:
  std::atomic<int> waiting_ = 0;
  // One of them flooded with wrong passwords keeps one core.
  boost::asio::thread_pool threads_{2};
};

// `authorization: Basic base64(user:password)` (RFC 7617), `authorization: Bearer token` (RFC 6750), or without either the client's
// certificate. UNAUTHENTICATED without a word on what was wrong; UNAVAILABLE when too many passwords wait to be checked. Runs on a
// strand; holds its answer back after failures, unless the call is cancelled.
imapd::Task<Outcome<Caller>> identify(const Services& services, Logins& logins, Evidence evidence, Cancellation& cancellation);

// For calls that last: what the user is now. UNAUTHENTICATED: he has been removed.
Outcome<void> refresh(const Services& services, Caller& caller);

// `ipv4:127.0.0.1:40000` -> `127.0.0.1`.
std::string address_of_peer(std::string_view peer);

struct QueueAccess {
  imapd::store::MailboxInfo info;
  imapd::auth::Rights rights;
};
// A queue that the caller may not look up does not exist for it: QUEUE_NOT_FOUND. Otherwise NO_RIGHT when `needed` is missing;
// `what` finishes the sentence "no right to ...".
Outcome<QueueAccess> access_queue(const Services& services, const Caller& caller, const std::string& queue,
                                  imapd::auth::Right needed, std::string_view what);
imapd::auth::Rights rights_on(const imapd::store::MailboxInfo& info, const Caller& caller);

imapd::store::Actor actor_of(const Caller& caller, const QueueAccess& access, std::string worker_id);

}  // namespace broker::rpc

#pragma once

#include <algorithm>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstddef>
#include <string>

#include "imapd/auth/users.h"
#include "imapd/base/clock.h"
#include "imapd/base/limits.h"
#include "imapd/session/named_amount.h"
#include "imapd/session/named_quota.h"
#include "imapd/session/quota.h"
#include "imapd/session/queue_door.h"
#include "imapd/session/registry.h"
#include "imapd/session/tls.h"
#include "imapd/session/user_watch.h"
#include "imapd/store/store.h"
#include "imapd/wire/response.h"

namespace imapd::session {

struct SessionOptions {
  wire::ClaimedAs claimed_as = wire::ClaimedAs::kBoth;
  std::size_t message_bytes_max = limits::kMessageBytesMax;
  std::size_t connections_max = 10'000;
  std::size_t connections_per_user_max = 10'000;
  std::size_t connections_per_address_max = 10'000;
  // Over loopback nobody is on the way who could read a password.
  bool loopback_is_private = true;
  std::size_t literal_budget_bytes = limits::kLiteralBudgetBytes;
  std::chrono::milliseconds literal_grace = limits::kLiteralGrace;
  std::size_t logins_waiting_max = limits::kLoginsWaitingMax;
  std::size_t bad_commands_before_login_max = 20;
  std::size_t unsent_reply_bytes_max = limits::kUnsentReplyBytesMax;
  std::chrono::milliseconds pre_login_timeout = limits::kPreLoginTimeout;
  std::chrono::milliseconds autologout = limits::kAutologout;
  std::chrono::milliseconds slow_reader_timeout = limits::kSlowReaderTimeout;
  std::chrono::milliseconds drain_timeout = std::chrono::seconds(10);
};

// What all sessions share. Made by main, outlives the listener and its sessions.
//
// The io_context that runs them outlives this and the store: after a session has gone on, the store's committer thread and the
// login threads may still hold the executor by which they woke it, until they are joined. Stop the listener first.
struct Services {
  Services(store::Store& the_store, const Clock& the_clock, auth::Authenticator& the_authenticator, SessionOptions the_options)
      : store(the_store), clock(the_clock), authenticator(the_authenticator), options(the_options) {}
  Services(const Services&) = delete;

  store::Store& store;                 // Outlives this, as the next two do.
  const Clock& clock;
  auth::Authenticator& authenticator;
  const SessionOptions options;
  QueueDoor* queue_door = nullptr;     // Set before the listener starts; nullptr: mailboxes have no settings.
  TlsContext* tls = nullptr;  // Set before the first listener starts; nullptr: no TLS.
  Registry sessions;
  NamedQuota connections_of_user{options.connections_per_user_max};
  NamedQuota connections_of_address{options.connections_per_address_max};
  Quota large_literals{options.literal_budget_bytes};  // Bytes.
  // Of them; no user keeps the others from sending. But one message may always be sent.
  NamedAmount large_literals_of_user{std::max(options.literal_budget_bytes / 4, options.message_bytes_max)};
  Quota waiting_logins{options.logins_waiting_max};    // From before a login is given to login_threads until it is checked.
  // Checking a password costs some 30 ms of CPU: not on the threads that serve everybody. Two: a flood of logins keeps one core.
  boost::asio::thread_pool login_threads{2};
  const UserWatch user_watch{store, sessions};
};

}  // namespace imapd::session

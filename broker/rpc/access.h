#pragma once

#include <string>
#include <string_view>

#include "broker/queue/queue.h"
#include "broker/rpc/call.h"
#include "broker/rpc/failure.h"
#include "broker/rpc/server.h"
#include "imapd/auth/rights.h"
#include "imapd/base/async.h"

namespace broker::rpc {

// `authorization: Basic base64(user:password)`, as RFC 7617 has it. UNAUTHENTICATED without a word on what was wrong. Runs on a
// strand, which it may keep busy for one argon2; holds its answer back after failures, unless the call is cancelled.
imapd::Task<Outcome<Caller>> identify(const Services& services, std::string authorization, std::string peer,
                                      Cancellation& cancellation);

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

#pragma once

#include <cstddef>
#include <string>

#include "broker/rpc/access.h"
#include "broker/rpc/failure.h"
#include "claimq/v1/message.pb.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace broker::rpc {

// What Enqueue and EnqueueStream have in common.
struct EnqueueRequest {
  queue::Enqueue verb;
  std::size_t bytes = 0;  // Of all bodies.
  bool is_dead_letters = false;
};
using Messages = google::protobuf::RepeatedPtrField<claimq::v1::Message>;

// Checks fields and rights.
Outcome<EnqueueRequest> enqueue_request(const Services& services, const Caller& caller, const std::string& queue,
                                        const Messages& messages, std::size_t message_bytes_max);
// Why the queue refused it.
Failure enqueue_failure(const imapd::Error& error, std::size_t bytes, bool is_dead_letters);

}  // namespace broker::rpc

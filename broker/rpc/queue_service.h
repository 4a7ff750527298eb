#pragma once

#include "broker/rpc/queue_calls.h"
#include "broker/rpc/unary_call.h"
#include "claimq/v1/queue_service.grpc.pb.h"

namespace broker::rpc {

// claimq.v1.QueueService: hands each call over to its strand.
class QueueService final : public OneRequestService<claimq::v1::QueueService> {
 public:
  QueueService(Hall& hall, std::size_t message_bytes_max);

 private:
  QueueCalls calls_;
};

}  // namespace broker::rpc

#pragma once

#include "broker/rpc/queue_calls.h"
#include "broker/rpc/unary_call.h"
#include "claimq/v1/queue_service.grpc.pb.h"

namespace broker::rpc {

// claimq.v1.QueueService: hands each call over to its strand.
class QueueService final : public claimq::v1::QueueService::CallbackService {
 public:
  QueueService(Hall& hall, std::size_t message_bytes_max) : hall_(hall), calls_(hall.services, message_bytes_max) {}

  using Context = grpc::CallbackServerContext;
  using Unary = grpc::ServerUnaryReactor;
  Unary* Enqueue(Context*, const claimq::v1::EnqueueRequest*, claimq::v1::EnqueueResponse*) override;
  Unary* Claim(Context*, const claimq::v1::ClaimRequest*, claimq::v1::ClaimResponse*) override;
  Unary* Ack(Context*, const claimq::v1::AckRequest*, claimq::v1::AckResponse*) override;
  Unary* Release(Context*, const claimq::v1::ReleaseRequest*, claimq::v1::ReleaseResponse*) override;
  Unary* Fail(Context*, const claimq::v1::FailRequest*, claimq::v1::FailResponse*) override;
  Unary* Reject(Context*, const claimq::v1::RejectRequest*, claimq::v1::RejectResponse*) override;
  Unary* Extend(Context*, const claimq::v1::ExtendRequest*, claimq::v1::ExtendResponse*) override;
  Unary* Peek(Context*, const claimq::v1::PeekRequest*, claimq::v1::PeekResponse*) override;
  grpc::ServerBidiReactor<claimq::v1::WorkRequest, claimq::v1::WorkResponse>* Work(Context*) override;
  grpc::ServerWriteReactor<claimq::v1::WatchResponse>* Watch(Context*, const claimq::v1::WatchRequest*) override;

 private:
  Hall& hall_;
  QueueCalls calls_;
};

}  // namespace broker::rpc

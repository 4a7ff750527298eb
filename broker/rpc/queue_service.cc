#include "broker/rpc/queue_service.h"

#include "broker/rpc/watch_stream.h"
#include "broker/rpc/work_stream.h"

namespace broker::rpc {

namespace v1 = claimq::v1;

using Unary = grpc::ServerUnaryReactor;

Unary* QueueService::Enqueue(Context* context, const v1::EnqueueRequest* request, v1::EnqueueResponse* response) {
  return start_unary(hall_, calls_, &QueueCalls::enqueue, context, request, response);
}

Unary* QueueService::Claim(Context* context, const v1::ClaimRequest* request, v1::ClaimResponse* response) {
  return start_unary(hall_, calls_, &QueueCalls::claim, context, request, response);
}

Unary* QueueService::Ack(Context* context, const v1::AckRequest* request, v1::AckResponse* response) {
  return start_unary(hall_, calls_, &QueueCalls::ack, context, request, response);
}

Unary* QueueService::Release(Context* context, const v1::ReleaseRequest* request, v1::ReleaseResponse* response) {
  return start_unary(hall_, calls_, &QueueCalls::release, context, request, response);
}

Unary* QueueService::Fail(Context* context, const v1::FailRequest* request, v1::FailResponse* response) {
  return start_unary(hall_, calls_, &QueueCalls::fail, context, request, response);
}

Unary* QueueService::Reject(Context* context, const v1::RejectRequest* request, v1::RejectResponse* response) {
  return start_unary(hall_, calls_, &QueueCalls::reject, context, request, response);
}

Unary* QueueService::Extend(Context* context, const v1::ExtendRequest* request, v1::ExtendResponse* response) {
  return start_unary(hall_, calls_, &QueueCalls::extend, context, request, response);
}

Unary* QueueService::Peek(Context* context, const v1::PeekRequest* request, v1::PeekResponse* response) {
  return start_unary(hall_, calls_, &QueueCalls::peek, context, request, response);
}

grpc::ServerBidiReactor<v1::WorkRequest, v1::WorkResponse>* QueueService::Work(Context* context) {
  auto* stream = new WorkStream(hall_, *context);
  stream->start();
  return stream;
}

grpc::ServerWriteReactor<v1::WatchResponse>* QueueService::Watch(Context* context, const v1::WatchRequest* request) {
  auto* stream = new WatchStream(hall_, *context, *request);
  stream->start();
  return stream;
}

}  // namespace broker::rpc

#include "broker/rpc/queue_service.h"

#include "broker/rpc/enqueue_stream.h"
#include "broker/rpc/watch_stream.h"
#include "broker/rpc/work_stream.h"

namespace broker::rpc {

namespace {

template <class Stream>
Stream* start(Hall& hall, grpc::CallbackServerContext& context) {
  auto* stream = new Stream(hall, context);
  stream->start();
  return stream;
}

}  // namespace

QueueService::QueueService(Hall& hall, std::size_t message_bytes_max) : calls_(hall.services, message_bytes_max) {
  serve("Enqueue", hall, calls_, &QueueCalls::enqueue);
  serve("Claim", hall, calls_, &QueueCalls::claim);
  serve("Ack", hall, calls_, &QueueCalls::ack);
  serve("Release", hall, calls_, &QueueCalls::release);
  serve("Fail", hall, calls_, &QueueCalls::fail);
  serve("Reject", hall, calls_, &QueueCalls::reject);
  serve("Extend", hall, calls_, &QueueCalls::extend);
  serve("Complete", hall, calls_, &QueueCalls::complete);
  serve("Get", hall, calls_, &QueueCalls::get);
  serve("Search", hall, calls_, &QueueCalls::search);
  serve("Peek", hall, calls_, &QueueCalls::peek);
  serve("Watch", [&hall](grpc::CallbackServerContext* context) { return start<WatchStream>(hall, *context); });
  serve_stream<claimq::v1::WorkRequest, claimq::v1::WorkResponse>(
      "Work", [&hall](grpc::CallbackServerContext* context) { return start<WorkStream>(hall, *context); });
  serve_stream<claimq::v1::EnqueueStreamRequest, claimq::v1::EnqueueStreamResponse>(
      "EnqueueStream", [&hall, message_bytes_max](grpc::CallbackServerContext* context) {
        auto* stream = new rpc::EnqueueStream(hall, *context, message_bytes_max);
        stream->start();
        return stream;
      });
}

}  // namespace broker::rpc

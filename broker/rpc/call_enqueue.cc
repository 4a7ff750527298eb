#include "broker/rpc/enqueue_request.h"
#include "broker/rpc/queue_calls.h"

namespace broker::rpc {

imapd::Task<Outcome<void>> QueueCalls::enqueue(Call& call, const claimq::v1::EnqueueRequest& request,
                                               claimq::v1::EnqueueResponse& response) {
  auto checked = enqueue_request(services_, call.caller, request.queue(), request.messages(), message_bytes_max_);
  if (!checked) co_return checked.error();
  auto outcome = co_await imapd::async(services_.queues, &queue::Queues::enqueue, std::move(checked->verb));
  if (!outcome) co_return enqueue_failure(outcome.error(), checked->bytes, checked->is_dead_letters);
  for (const imapd::Serial serial : outcome->serials) response.add_serials(serial.value());
  co_return Outcome<void>();
}

}  // namespace broker::rpc

// W1 and W2: producers.
#include <condition_variable>
#include <memory>
#include <mutex>

#include "tools/bench/parallel.h"
#include "tools/bench/queue_load.h"
#include "tools/bench/workload.h"

namespace tools::bench {
namespace {

using client::Histogram;
using client::QueueStub;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kProducers = 8;
constexpr std::size_t kCallsInFlight = 4;
constexpr std::uint64_t kMessagesOfCall = 64;

// Keeps kCallsInFlight calls of kMessagesOfCall messages in flight.
//
// Concurrency  run() on one thread; gRPC's threads complete the calls. run() returns when all have completed.
class Producer {
 public:
  Producer(client::Connection& connection, std::string queue, std::size_t size_bytes)
      : connection_(connection), queue_(std::move(queue)), size_bytes_(size_bytes) {}

  void run(std::uint64_t messages) {
    while (messages > 0) {
      const std::uint64_t batch = std::min(messages, kMessagesOfCall);
      auto call = std::make_unique<Call>();
      call->request.set_queue(queue_);
      for (std::uint64_t at = 0; at < batch; ++at) {
        *call->request.add_messages() = message_of(size_bytes_);
      }
      connection_.prepare(call->context, client::Connection::kCallTimeout);
      std::unique_lock lock(mutex_);
      completed_.wait(lock, [this] { return in_flight_ < kCallsInFlight; });
      if (!failed_.ok()) {
        break;
      }
      ++in_flight_;
      lock.unlock();
      start(call.release());
      messages -= batch;
    }
    std::unique_lock lock(mutex_);
    completed_.wait(lock, [this] { return in_flight_ == 0; });
    connection_.require(failed_);
  }

  // After run().
  [[nodiscard]] const Histogram& latency() const { return latency_; }

 private:
  struct Call {
    grpc::ClientContext context;
    claimq::v1::EnqueueRequest request;
    claimq::v1::EnqueueResponse response;
    Steady::time_point sent;
  };

  void start(Call* call) {
    call->sent = Steady::now();
    connection_.queues().async()->Enqueue(&call->context, &call->request, &call->response,
                                          [this, call](const grpc::Status& status) {
                                            const std::unique_ptr<Call> owned(call);
                                            const std::lock_guard lock(mutex_);
                                            latency_.record(Steady::now() - owned->sent);
                                            if (!status.ok() && failed_.ok()) {
                                              failed_ = status;
                                            }
                                            --in_flight_;
                                            completed_.notify_one();
                                          });
  }

  client::Connection& connection_;
  std::string queue_;
  std::size_t size_bytes_;
  std::mutex mutex_;
  std::condition_variable completed_;
  std::size_t in_flight_ = 0;
  grpc::Status failed_;
  Histogram latency_;
};

void require_stored(BenchQueue& queue, std::uint64_t expected) {
  const std::uint64_t stored = queue.messages();
  if (stored != expected) {
    throw client::Failure("confirmed " + std::to_string(expected) + " messages, the queue holds " +
                          std::to_string(stored));
  }
}

}  // namespace

Results run_w1(const Target& target, const Load& load) {
  const std::uint64_t count = load.messages_or(10'000);
  BenchQueue queue(target, "W1");
  const auto connections = connect(target, 1);
  client::Connection& connection = *connections.front();
  Histogram latency;
  Result result{.workload = "W1", .what = "1 producer", .count = count};
  const Stopwatch stopwatch(target);
  for (std::uint64_t at = 0; at < count; ++at) {
    claimq::v1::EnqueueRequest request;
    request.set_queue(queue.name());
    *request.add_messages() = message_of(load.size_bytes);
    const auto sent = Steady::now();
    connection.call(connection.queues(), &QueueStub::Enqueue, request);
    latency.record(Steady::now() - sent);
  }
  stopwatch.stop(result);
  result.latency = latency;
  require_stored(queue, count);
  return {result};
}

Results run_w2(const Target& target, const Load& load) {
  const std::uint64_t each = load.messages_or(200'000) / kProducers;
  BenchQueue queue(target, "W2");
  const auto connections = connect(target, kProducers);
  std::vector<std::unique_ptr<Producer>> producers;
  for (const auto& connection : connections) {
    producers.push_back(std::make_unique<Producer>(*connection, queue.name(), load.size_bytes));
  }
  Result result{.workload = "W2", .what = "8 producers x 256", .count = each * kProducers};
  const Stopwatch stopwatch(target);
  run_parallel(kProducers, [&](std::size_t at) { producers[at]->run(each); });
  stopwatch.stop(result);
  Histogram latency;
  for (const auto& producer : producers) {
    latency.merge(producer->latency());
  }
  result.latency = latency;
  require_stored(queue, result.count);
  return {result};
}

}  // namespace tools::bench

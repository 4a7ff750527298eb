// W4: an open loop. Messages leave at their time whether or not earlier ones were confirmed, and latency counts from that time:
// a server that stalls is charged for all that should have been sent meanwhile (no coordinated omission).
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

#include "tools/bench/parallel.h"
#include "tools/bench/queue_load.h"
#include "tools/bench/workload.h"

namespace tools::bench {
namespace {

using client::Failure;
using client::Histogram;
using Steady = std::chrono::steady_clock;

constexpr std::uint64_t kRate = 2'000;
constexpr std::size_t kMessagesOfFirstSecond = kRate;

// Numbers stand in front of the body: which message of the schedule it is.
constexpr const char* kNumberAttribute = "number";

// Sends message n at start + n / kRate, by unary calls that nobody waits for.
class OpenLoop {
 public:
  OpenLoop(client::Connection& connection, std::string queue, std::size_t size_bytes)
      : connection_(connection), queue_(std::move(queue)), size_bytes_(size_bytes) {}

  void run(Steady::time_point start, std::uint64_t messages) {
    for (std::uint64_t number = 0; number < messages; ++number) {
      auto call = std::make_unique<Call>();
      call->request.set_queue(queue_);
      claimq::v1::Message& message = *call->request.add_messages();
      message = message_of(size_bytes_);
      (*message.mutable_attributes())[kNumberAttribute] = std::to_string(number);
      connection_.prepare(call->context, client::Connection::kCallTimeout);
      std::this_thread::sleep_until(start + std::chrono::nanoseconds(1'000'000'000 / kRate * number));
      send(call.release());
    }
    std::unique_lock lock(mutex_);
    completed_.wait(lock, [this] { return in_flight_ == 0; });
    connection_.require(failed_);
  }

 private:
  struct Call {
    grpc::ClientContext context;
    claimq::v1::EnqueueRequest request;
    claimq::v1::EnqueueResponse response;
  };

  void send(Call* call) {
    {
      const std::lock_guard lock(mutex_);
      ++in_flight_;
    }
    connection_.queues().async()->Enqueue(&call->context, &call->request, &call->response,
                                          [this, call](const grpc::Status& status) {
                                            const std::unique_ptr<Call> owned(call);
                                            const std::lock_guard lock(mutex_);
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
  std::uint64_t in_flight_ = 0;
  grpc::Status failed_;
};

// Takes what the stream pushes, acknowledges it on the same stream, until all `messages` came.
class StreamWorker {
 public:
  StreamWorker(client::Connection& connection, const std::string& queue) {
    connection.authorize(context_);
    stream_ = connection.queues().Work(&context_);
    claimq::v1::WorkRequest start;
    start.mutable_start()->set_queue(queue);
    start.mutable_start()->set_worker_id("bench-stream");
    claimq::v1::WorkRequest credit;
    credit.mutable_credit()->set_messages(kCredit);
    if (!stream_->Write(start) || !stream_->Write(credit)) {
      connection.require(stream_->Finish());
    }
  }

  void cancel() { context_.TryCancel(); }

  // False when the stream broke before.
  bool take_all(Steady::time_point start, std::uint64_t messages, Histogram& latency) {
    std::uint64_t taken = 0;
    std::uint64_t settled = 0;
    claimq::v1::WorkResponse response;
    while ((taken < messages || settled < taken) && stream_->Read(&response)) {
      const auto now = Steady::now();
      settled += static_cast<std::uint64_t>(response.results_size());
      claimq::v1::WorkRequest settle;
      for (const auto& claim : response.claims()) {
        claimq::v1::ClaimRef& ref = *settle.mutable_settle()->add_ack();
        ref.set_serial(claim.message().serial());
        ref.set_token(claim.token());
        const std::uint64_t number = std::stoull(claim.message().message().attributes().at(kNumberAttribute));
        ++taken;
        // The first second warms up.
        if (number >= kMessagesOfFirstSecond) {
          latency.record(now - (start + std::chrono::nanoseconds(1'000'000'000 / kRate * number)));
        }
      }
      if (response.claims().empty()) {
        continue;
      }
      claimq::v1::WorkRequest credit;
      credit.mutable_credit()->set_messages(static_cast<std::uint32_t>(response.claims_size()));
      if (!stream_->Write(settle) || !stream_->Write(credit)) {
        return false;
      }
    }
    return taken == messages && settled == taken;
  }

  grpc::Status finish() {
    stream_->WritesDone();
    claimq::v1::WorkResponse rest;
    while (stream_->Read(&rest)) {
    }
    return stream_->Finish();
  }

 private:
  static constexpr std::uint32_t kCredit = 512;

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<claimq::v1::WorkRequest, claimq::v1::WorkResponse>> stream_;
};

}  // namespace

Results run_w4(const Target& target, const Load& load) {
  const auto seconds = load.quick ? std::chrono::seconds(3) : load.seconds;
  const std::uint64_t messages = kRate * static_cast<std::uint64_t>(seconds.count() + 1);
  BenchQueue queue(target, "W4");
  const auto connections = connect(target, 2);
  OpenLoop producer(*connections[0], queue.name(), load.size_bytes);
  StreamWorker worker(*connections[1], queue.name());
  Histogram latency;
  bool complete = false;
  Result result{.workload = "W4", .what = "2,000/s to a Work stream", .count = messages};
  const Stopwatch stopwatch(target);
  const auto start = Steady::now() + std::chrono::milliseconds(50);
  std::thread taking([&] { complete = worker.take_all(start, messages, latency); });
  try {
    producer.run(start, messages);
  } catch (...) {
    worker.cancel();
    taking.join();
    worker.finish();
    throw;
  }
  taking.join();
  stopwatch.stop(result);
  const grpc::Status status = worker.finish();
  if (!complete) {
    connections[1]->require(status);
    throw Failure("the Work stream ended before all messages came");
  }
  result.latency = latency;
  return {result};
}

}  // namespace tools::bench

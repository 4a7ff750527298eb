// W3a, W3b and W5: workers that claim and acknowledge by unary calls.
#include <algorithm>
#include <atomic>

#include "tools/bench/parallel.h"
#include "tools/bench/queue_load.h"
#include "tools/bench/server_process.h"
#include "tools/bench/workload.h"
#include "tools/client/units.h"

namespace tools::bench {
namespace {

using client::Failure;
using client::Histogram;
using client::QueueStub;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kWorkers = 8;

struct Claiming {
  std::string workload;
  std::string what;
  // Each worker claims so many in one call and acknowledges them in one call.
  std::uint32_t claims_of_call = 1;
  std::uint64_t count = 0;
};

struct Worker {
  Histogram latency;
  std::vector<std::uint64_t> serials;
};

void acknowledge(client::Connection& connection, const std::string& queue, const std::string& worker_id,
                 const claimq::v1::ClaimResponse& claimed) {
  claimq::v1::AckRequest request;
  request.set_queue(queue);
  request.set_worker_id(worker_id);
  for (const auto& claim : claimed.claims()) {
    claimq::v1::ClaimRef& ref = *request.add_claims();
    ref.set_serial(claim.message().serial());
    ref.set_token(claim.token());
  }
  const auto response = connection.call(connection.queues(), &QueueStub::Ack, request);
  for (const auto& settled : response.results()) {
    if (settled.status().code() != 0) {
      throw Failure("an acknowledgement was refused: " + settled.status().message());
    }
  }
}

claimq::v1::ClaimResponse claim(client::Connection& connection, const std::string& queue, const std::string& worker_id,
                                std::uint32_t count_max) {
  claimq::v1::ClaimRequest request;
  request.set_queue(queue);
  request.set_worker_id(worker_id);
  request.set_count_max(count_max);
  return connection.call(connection.queues(), &QueueStub::Claim, request);
}

void require_won_once(const std::vector<Worker>& workers, std::uint64_t expected) {
  std::vector<std::uint64_t> serials;
  for (const Worker& worker : workers) {
    serials.insert(serials.end(), worker.serials.begin(), worker.serials.end());
  }
  std::sort(serials.begin(), serials.end());
  if (std::adjacent_find(serials.begin(), serials.end()) != serials.end()) {
    throw Failure("a message was won twice");
  }
  if (serials.size() != expected) {
    throw Failure("claimed " + std::to_string(serials.size()) + " of " + std::to_string(expected) + " messages");
  }
}

// Claims and acknowledges exactly `claiming.count` messages of the queue, which holds at least so many.
Result claim_all(const Target& target, const BenchQueue& queue, const Claiming& claiming) {
  const auto connections = connect(target, kWorkers);
  std::vector<Worker> workers(kWorkers);
  // What is not yet promised to a worker.
  std::atomic<std::int64_t> left = static_cast<std::int64_t>(claiming.count);
  Result result{.workload = claiming.workload, .what = claiming.what, .count = claiming.count};
  const Stopwatch stopwatch(target);
  run_parallel(kWorkers, [&](std::size_t at) {
    client::Connection& connection = *connections[at];
    const std::string worker_id = "bench-" + std::to_string(at);
    for (;;) {
      const std::int64_t before = left.fetch_sub(claiming.claims_of_call);
      if (before <= 0) {
        return;
      }
      const auto wanted = static_cast<std::uint32_t>(std::min<std::int64_t>(before, claiming.claims_of_call));
      const auto started = Steady::now();
      const auto claimed = claim(connection, queue.name(), worker_id, wanted);
      if (claimed.claims().empty()) {
        return;
      }
      acknowledge(connection, queue.name(), worker_id, claimed);
      workers[at].latency.record(Steady::now() - started);
      for (const auto& each : claimed.claims()) {
        workers[at].serials.push_back(each.message().serial());
      }
      left += wanted - static_cast<std::int64_t>(claimed.claims_size());
    }
  });
  stopwatch.stop(result);
  Histogram latency;
  for (const Worker& worker : workers) {
    latency.merge(worker.latency);
  }
  result.latency = latency;
  require_won_once(workers, claiming.count);
  return result;
}

Results run_w3(const Target& target, const Load& load, Claiming claiming, std::uint64_t usual) {
  claiming.count = load.messages_or(usual);
  BenchQueue queue(target, claiming.workload);
  queue.fill(claiming.count, load.size_bytes);
  return {claim_all(target, queue, claiming)};
}

// Kills the server, starts it again, and waits for its first claim.
void restart(const Target& target, const BenchQueue& queue, Result& result) {
  const auto started = Steady::now();
  target.process->restart_after_kill();
  client::Connection connection(target.process->endpoints().grpc, target.credentials);
  if (claim(connection, queue.name(), "bench-restart", 1).claims().empty()) {
    throw Failure("after the restart no message could be claimed");
  }
  const std::chrono::duration<double, std::milli> took = Steady::now() - started;
  result.figures.emplace_back("restart to first claim ms", took.count());
}

}  // namespace

Results run_w3a(const Target& target, const Load& load) {
  return run_w3(target, load, {.workload = "W3a", .what = "8 workers, one by one", .claims_of_call = 1}, 20'000);
}

Results run_w3b(const Target& target, const Load& load) {
  return run_w3(target, load, {.workload = "W3b", .what = "8 workers, 32 at a time", .claims_of_call = 32}, 100'000);
}

// Both depths in turns of some hundred milliseconds: the disk's speed changes from second to second, and would decide a
// comparison of two long runs. What a turn took is filled up again.
Results run_w5(const Target& target, const Load& load) {
  constexpr std::size_t kSize = 256;
  constexpr std::uint64_t kSmall = 10'000;
  constexpr std::uint64_t kClaimsOfTurn = 500;
  const std::uint64_t large = load.messages_or(1'000'000);
  const int turns = load.quick ? 4 : 12;
  BenchQueue shallow_queue(target, "W5-shallow");
  BenchQueue deep_queue(target, "W5-deep");
  shallow_queue.fill(kSmall, kSize);
  deep_queue.fill(large, kSize);
  const auto described = [](std::uint64_t depth) {
    return Claiming{.workload = "W5", .what = client::format_count(depth) + " waiting", .count = kClaimsOfTurn};
  };
  Result shallow{.workload = "W5", .what = described(kSmall).what};
  Result deep{.workload = "W5", .what = described(large).what};
  for (int turn = 0; turn < turns; ++turn) {
    shallow.add(claim_all(target, shallow_queue, described(kSmall)));
    shallow_queue.fill(kClaimsOfTurn, kSize);
    deep.add(claim_all(target, deep_queue, described(large)));
    deep_queue.fill(kClaimsOfTurn, kSize);
  }
  deep.figures.emplace_back("rate against 10,000 waiting %", 100.0 * deep.per_second() / shallow.per_second());
  if (target.process != nullptr) {
    deep.figures.emplace_back("server PSS MiB", target.process->pss_mib());
    restart(target, deep_queue, deep);
  }
  return {shallow, deep};
}

}  // namespace tools::bench

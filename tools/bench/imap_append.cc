// I1: APPEND.
#include <memory>

#include "tools/bench/imap_connection.h"
#include "tools/bench/parallel.h"
#include "tools/bench/queue_load.h"
#include "tools/bench/workload.h"

namespace tools::bench {
namespace {

using Steady = std::chrono::steady_clock;

Result append(const Target& target, const Load& load, std::size_t connections, std::uint64_t count) {
  BenchQueue queue(target, "I1");
  std::vector<std::unique_ptr<ImapConnection>> clients;
  for (std::size_t at = 0; at < connections; ++at) {
    clients.push_back(std::make_unique<ImapConnection>(target.imap_server, target.credentials));
  }
  const std::uint64_t each = count / connections;
  std::vector<client::Histogram> latencies(connections);
  Result result{.workload = "I1",
                .what = "APPEND, " + std::to_string(connections) + (connections == 1 ? " connection" : " connections"),
                .count = each * connections};
  const Stopwatch stopwatch(target);
  run_parallel(connections, [&](std::size_t at) {
    for (std::uint64_t sent = 0; sent < each; ++sent) {
      const std::string message = mail(load.size_bytes);
      const auto started = Steady::now();
      clients[at]->append(queue.name(), message);
      latencies[at].record(Steady::now() - started);
    }
  });
  stopwatch.stop(result);
  result.latency.emplace();
  for (const auto& latency : latencies) {
    result.latency->merge(latency);
  }
  if (queue.messages() != result.count) {
    throw client::Failure("APPEND said OK for " + std::to_string(result.count) + " messages, the queue holds " +
                          std::to_string(queue.messages()));
  }
  return result;
}

}  // namespace

Results run_i1(const Target& target, const Load& load) {
  return {append(target, load, 1, load.messages_or(10'000)), append(target, load, 8, load.messages_or(20'000))};
}

}  // namespace tools::bench

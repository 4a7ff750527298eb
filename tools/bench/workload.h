// What a workload is given, what it finds, and the list of all of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/client/connection.h"
#include "tools/client/histogram.h"

namespace tools::bench {

class ServerProcess;

// The server under load. Outlives every workload.
struct Target {
  std::string grpc_server;
  std::string imap_server;
  client::Credentials credentials;
  // Set when this program started the server: then its CPU and memory are read, and W5 restarts it.
  ServerProcess* process = nullptr;
};

struct Load {
  // 0: the workload's own number.
  std::uint64_t messages = 0;
  std::size_t size_bytes = 1024;
  // How long W4 runs.
  std::chrono::seconds seconds{10};
  // About a tenth of the work: to see that all works, not to compare.
  bool quick = false;

  [[nodiscard]] std::uint64_t messages_or(std::uint64_t usual) const {
    return messages != 0 ? messages : quick ? usual / 10 : usual;
  }
};

// One line of the table.
struct Result {
  std::string workload;
  std::string what;
  std::uint64_t count = 0;
  std::chrono::nanoseconds elapsed{0};
  std::optional<client::Histogram> latency = std::nullopt;
  // CPU time of the server; absent when it was not started here.
  std::optional<std::chrono::nanoseconds> server_cpu = std::nullopt;
  // Figures of this workload alone, such as "lost races".
  std::vector<std::pair<std::string, double>> figures = {};

  // A promise of the server that this run saw broken, such as a message won twice; empty when all held.
  std::string broken_promise = {};

  // Adds count, time and latencies of another turn of the same.
  void add(const Result& turn);

  [[nodiscard]] double per_second() const {
    return elapsed.count() == 0 ? 0.0 : static_cast<double>(count) * 1e9 / static_cast<double>(elapsed.count());
  }
};

using Results = std::vector<Result>;

enum class Door { kGrpc, kImap };

struct Workload {
  const char* name;
  Door door;
  const char* help;
  // Throws client::Failure.
  Results (*run)(const Target& target, const Load& load);
};

Results run_w1(const Target& target, const Load& load);
Results run_w2(const Target& target, const Load& load);
Results run_w3a(const Target& target, const Load& load);
Results run_w3b(const Target& target, const Load& load);
Results run_w4(const Target& target, const Load& load);
Results run_w5(const Target& target, const Load& load);
Results run_i1(const Target& target, const Load& load);
Results run_i2(const Target& target, const Load& load);
Results run_i3(const Target& target, const Load& load);
Results run_i4(const Target& target, const Load& load);
Results run_i5(const Target& target, const Load& load);

// In the order in which `all` runs them.
const std::vector<Workload>& workloads();

}  // namespace tools::bench

// Threads that start together, and the time they took.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>

#include "tools/bench/workload.h"

namespace tools::bench {

// Runs body(0) to body(count - 1), each on its own thread, and waits for all. The first exception is thrown again.
void run_parallel(std::size_t count, const std::function<void(std::size_t)>& body);

// Time and server CPU from its making to stop().
class Stopwatch {
 public:
  explicit Stopwatch(const Target& target);
  // Writes `elapsed` and `server_cpu`.
  void stop(Result& result) const;

 private:
  const Target& target_;
  std::chrono::steady_clock::time_point started_;
  std::optional<std::chrono::nanoseconds> cpu_before_;
};

}  // namespace tools::bench

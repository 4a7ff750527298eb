#include "tools/bench/parallel.h"

#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "tools/bench/server_process.h"

namespace tools::bench {
namespace {

std::optional<std::chrono::nanoseconds> server_cpu(const Target& target) {
  return target.process == nullptr ? std::nullopt : std::optional(target.process->cpu_time());
}

}  // namespace

void run_parallel(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::mutex mutex;
  std::exception_ptr failure;
  std::vector<std::thread> threads;
  threads.reserve(count);
  for (std::size_t at = 0; at < count; ++at) {
    threads.emplace_back([&, at] {
      try {
        body(at);
      } catch (...) {
        const std::lock_guard lock(mutex);
        failure = failure ? failure : std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

Stopwatch::Stopwatch(const Target& target)
    : target_(target), started_(std::chrono::steady_clock::now()), cpu_before_(server_cpu(target)) {}

void Stopwatch::stop(Result& result) const {
  result.elapsed = std::chrono::steady_clock::now() - started_;
  if (cpu_before_) {
    result.server_cpu = *server_cpu(target_) - *cpu_before_;
  }
}

}  // namespace tools::bench

// Latencies by log-linear buckets.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace tools::client {

// Operation    Each power of two is divided into 64 equal buckets, so a quantile is at most 1/64 above the true value, at any
//              magnitude, and recording is a few instructions.
// Concurrency  None: a thread records into its own, and they are merged at the end.
// Limits       0 ns to 2^40 ns (18 minutes); longer ones count as that. 18 KiB each.
class Histogram {
 public:
  void record(std::chrono::nanoseconds value);
  void merge(const Histogram& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  // The smallest recorded-bucket bound that at least `share` (0 to 1) of all values do not exceed; 0 when nothing was recorded.
  [[nodiscard]] std::chrono::nanoseconds quantile(double share) const;
  // Exact.
  [[nodiscard]] std::chrono::nanoseconds max() const { return max_; }

 private:
  static constexpr unsigned kSubBits = 6;
  static constexpr unsigned kBitsMax = 40;
  static constexpr std::size_t kBuckets = (kBitsMax - kSubBits + 1) << kSubBits;

  static std::size_t bucket_of(std::uint64_t value);
  static std::uint64_t upper_bound_of(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::chrono::nanoseconds max_{0};
};

}  // namespace tools::client

#include "tools/client/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tools::client {

// Values below 2^kSubBits have a bucket each. Above, the highest kSubBits + 1 bits name the bucket: the leading one by its
// position, the kSubBits after it by their value.
std::size_t Histogram::bucket_of(std::uint64_t value) {
  if (value < (1ULL << kSubBits)) {
    return static_cast<std::size_t>(value);
  }
  const auto width = static_cast<unsigned>(std::bit_width(value));
  const unsigned shift = width - 1 - kSubBits;
  return static_cast<std::size_t>((static_cast<std::uint64_t>(shift) << kSubBits) + (value >> shift));
}

std::uint64_t Histogram::upper_bound_of(std::size_t bucket) {
  if (bucket < (1ULL << kSubBits)) {
    return bucket;
  }
  const unsigned shift = static_cast<unsigned>(bucket >> kSubBits) - 1;
  const std::uint64_t lead = bucket - (static_cast<std::uint64_t>(shift) << kSubBits);
  return ((lead + 1) << shift) - 1;
}

void Histogram::record(std::chrono::nanoseconds value) {
  constexpr std::uint64_t kValueMax = (1ULL << kBitsMax) - 1;
  const auto positive = static_cast<std::uint64_t>(std::max<std::int64_t>(0, value.count()));
  ++buckets_[bucket_of(std::min(positive, kValueMax))];
  ++count_;
  max_ = std::max(max_, value);
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t at = 0; at < kBuckets; ++at) {
    buckets_[at] += other.buckets_[at];
  }
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

std::chrono::nanoseconds Histogram::quantile(double share) const {
  if (count_ == 0) {
    return std::chrono::nanoseconds(0);
  }
  const double rank = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
  const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rank));
  std::uint64_t seen = 0;
  for (std::size_t at = 0; at < kBuckets; ++at) {
    seen += buckets_[at];
    if (seen >= wanted) {
      const std::chrono::nanoseconds bound(static_cast<std::int64_t>(upper_bound_of(at)));
      return std::min(bound, max_);
    }
  }
  return max_;
}

}  // namespace tools::client

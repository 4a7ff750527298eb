// Queues and messages for the workloads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "claimq/v1/message.pb.h"
#include "tools/bench/workload.h"

namespace tools::bench {

// A queue of this run's own: made empty, deleted with its dead letters at the end (as far as the server lets it).
class BenchQueue {
 public:
  BenchQueue(const Target& target, const std::string& workload);
  ~BenchQueue();
  BenchQueue(const BenchQueue&) = delete;
  BenchQueue& operator=(const BenchQueue&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  // Appends `count` messages in batches, from several producers.
  void fill(std::uint64_t count, std::size_t size_bytes);
  [[nodiscard]] std::uint64_t messages();

 private:
  void remove() noexcept;

  const Target& target_;
  std::string name_;
  client::Connection connection_;
};

// `count` connections, each with a TCP connection of its own, all connected. Throws Failure when the server does not answer.
std::vector<std::unique_ptr<client::Connection>> connect(const Target& target, std::size_t count);

// Random printable text in lines that end with CRLF: it does not compress to nothing, and is stored as it is.
std::string payload(std::size_t size_bytes);

claimq::v1::Message message_of(std::size_t size_bytes);

}  // namespace tools::bench

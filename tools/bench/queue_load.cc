#include "tools/bench/queue_load.h"

#include <unistd.h>

#include <algorithm>
#include <random>

#include "tools/bench/parallel.h"

namespace tools::bench {
namespace {

using client::AdminStub;
using client::QueueStub;

// Deleting a million messages takes longer than an ordinary call.
constexpr std::chrono::milliseconds kAdminTimeout = std::chrono::minutes(5);

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

}  // namespace

BenchQueue::BenchQueue(const Target& target, const std::string& workload)
    : target_(target),
      name_("claimq-bench-" + lower(workload) + "-" + std::to_string(getpid())),
      connection_(target.grpc_server, target.credentials) {
  claimq::v1::CreateQueueRequest request;
  request.set_name(name_);
  // No lease ends while a workload runs.
  request.mutable_policy()->mutable_lease_default()->set_seconds(600);
  request.mutable_policy()->mutable_lease_max()->set_seconds(3600);
  connection_.call(connection_.admin(), &AdminStub::CreateQueue, request);
}

BenchQueue::~BenchQueue() { remove(); }

void BenchQueue::remove() noexcept {
  try {
    claimq::v1::DeleteQueueRequest request;
    request.set_name(name_);
    request.set_force(true);
    connection_.call(connection_.admin(), &AdminStub::DeleteQueue, request, kAdminTimeout);
  } catch (const client::Failure& failure) {
    std::fprintf(stderr, "claimq-bench: queue %s stays: %s\n", name_.c_str(), failure.what());
  }
}

void BenchQueue::fill(std::uint64_t count, std::size_t size_bytes) {
  constexpr std::size_t kProducers = 2;
  constexpr std::uint64_t kBatch = 1000;
  const auto connections = connect(target_, kProducers);
  run_parallel(kProducers, [&](std::size_t producer) {
    std::uint64_t left = count / kProducers + (producer < count % kProducers ? 1 : 0);
    client::Connection& connection = *connections[producer];
    claimq::v1::EnqueueRequest request;
    request.set_queue(name_);
    while (left > 0) {
      const std::uint64_t batch = std::min(left, kBatch);
      request.clear_messages();
      for (std::uint64_t at = 0; at < batch; ++at) {
        *request.add_messages() = message_of(size_bytes);
      }
      connection.call(connection.queues(), &QueueStub::Enqueue, request, kAdminTimeout);
      left -= batch;
    }
  });
}

std::uint64_t BenchQueue::messages() {
  claimq::v1::GetQueueRequest request;
  request.set_name(name_);
  return connection_.call(connection_.admin(), &AdminStub::GetQueue, request).queue().messages();
}

std::vector<std::unique_ptr<client::Connection>> connect(const Target& target, std::size_t count) {
  constexpr std::chrono::milliseconds kTimeout = std::chrono::seconds(10);
  std::vector<std::unique_ptr<client::Connection>> connections;
  for (std::size_t at = 0; at < count; ++at) {
    connections.push_back(std::make_unique<client::Connection>(target.grpc_server, target.credentials));
    if (!connections.back()->wait_connected(kTimeout)) {
      throw client::Failure("no answer from " + target.grpc_server, {.exit_code = client::ExitCode::kCannotConnect});
    }
    // The first call of a connection pays for the check of the password; it is not what is measured.
    client::Connection& connection = *connections.back();
    connection.call(connection.admin(), &AdminStub::GetServerInfo, claimq::v1::GetServerInfoRequest());
  }
  return connections;
}

std::string payload(std::size_t size_bytes) {
  constexpr std::size_t kLine = 76;
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  thread_local std::minstd_rand random(std::random_device{}());
  std::string text(size_bytes, ' ');
  for (std::size_t at = 0; at < size_bytes; ++at) {
    text[at] = kAlphabet[random() / 64 % kAlphabet.size()];
  }
  for (std::size_t at = kLine; at + 2 <= size_bytes; at += kLine + 2) {
    text[at] = '\r';
    text[at + 1] = '\n';
  }
  return text;
}

claimq::v1::Message message_of(std::size_t size_bytes) {
  claimq::v1::Message message;
  message.set_content_type("text/plain");
  message.set_body(payload(size_bytes));
  return message;
}

}  // namespace tools::bench

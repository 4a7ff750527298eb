#pragma once

#include <mutex>
#include <string>
#include <unordered_set>

#include "broker/rpc/unary_call.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace broker::rpc {

class HealthCall;

// grpc.health.v1.Health, in place of gRPC's own, which reads as large a request as the server takes from anybody. It knows the
// services of this server and the empty name, which all have one status.
//
// Concurrency  Thread-safe.
// Limits       At most kReadingMax requests are read at a time, for nobody need be known for them. What comes while so many are
//              read is answered unread, as if it asked for the server as a whole. kWatchesMax streams.
class HealthService final : public OneRequestService<grpc::health::v1::Health> {
 public:
  static constexpr int kReadingMax = 2;
  static constexpr std::size_t kWatchesMax = 1'000;
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;

  // The pool outlives the server.
  explicit HealthService(boost::asio::thread_pool& pool);
  void show(bool serving);
  // Ends all watches, which the server waits for when it shuts down.
  void stop();

 private:
  friend class HealthCall;
  bool begin_reading();
  void end_reading();
  bool add(HealthCall& watch);
  // When it returns, the service calls nothing of `watch` nor ever will.
  void remove(HealthCall& watch);
  Status status(const std::string& service) const;

  mutable std::mutex mutex_;
  int reading_ = 0;  // Guarded by mutex_, as all below.
  bool serving_ = false;
  bool stopped_ = false;
  std::unordered_set<HealthCall*> watches_;
};

}  // namespace broker::rpc

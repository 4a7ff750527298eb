#pragma once

#include <string>
#include <vector>

#include "broker/rpc/access.h"
#include "broker/rpc/call.h"
#include "broker/rpc/failure.h"
#include "broker/rpc/server.h"
#include "broker/rpc/validate.h"
#include "claimq/v1/queue_service.pb.h"
#include "imapd/base/async.h"

namespace broker::rpc {

inline constexpr std::uint32_t kSettleBatchMax = 1'000;
inline constexpr std::uint32_t kCompleteEnqueuesMax = 100;
// gRPC's clients take 4 MiB unless told otherwise.
inline constexpr std::size_t kAnswerBytesMax = 3 * 1024 * 1024;

// The unary calls of QueueService, free of gRPC: each checks, calls the queue's verb and fills the response.
//
// Concurrency  Any number of calls at once, each on a strand of its own. Request, response and call outlive the task.
class QueueCalls {
 public:
  template <class T>
  using Task = imapd::Task<T>;

  QueueCalls(const Services& services, std::size_t message_bytes_max)
      : services_(services), message_bytes_max_(message_bytes_max) {}

  Task<Outcome<void>> enqueue(Call& call, const claimq::v1::EnqueueRequest& request, claimq::v1::EnqueueResponse& response);
  Task<Outcome<void>> claim(Call& call, const claimq::v1::ClaimRequest& request, claimq::v1::ClaimResponse& response);
  Task<Outcome<void>> ack(Call& call, const claimq::v1::AckRequest& request, claimq::v1::AckResponse& response);
  Task<Outcome<void>> release(Call& call, const claimq::v1::ReleaseRequest& request, claimq::v1::ReleaseResponse& response);
  Task<Outcome<void>> fail(Call& call, const claimq::v1::FailRequest& request, claimq::v1::FailResponse& response);
  Task<Outcome<void>> reject(Call& call, const claimq::v1::RejectRequest& request, claimq::v1::RejectResponse& response);
  Task<Outcome<void>> extend(Call& call, const claimq::v1::ExtendRequest& request, claimq::v1::ExtendResponse& response);
  Task<Outcome<void>> complete(Call& call, const claimq::v1::CompleteRequest& request, claimq::v1::CompleteResponse& response);
  Task<Outcome<void>> get(Call& call, const claimq::v1::GetRequest& request, claimq::v1::GetResponse& response);
  Task<Outcome<void>> search(Call& call, const claimq::v1::SearchRequest& request, claimq::v1::SearchResponse& response);
  Task<Outcome<void>> peek(Call& call, const claimq::v1::PeekRequest& request, claimq::v1::PeekResponse& response);

 private:
  using Results = google::protobuf::RepeatedPtrField<claimq::v1::SettleResult>;
  struct Settling;
  Task<Outcome<void>> settle(Call& call, Settling settling, Results& results);
  template <class Request, class Response>
  Outcome<void> browse(Call& call, const Request& request, const std::string& search, Response& response);

  const Services& services_;  // Owned by the server.
  const std::size_t message_bytes_max_;
};

// Why the claim could not be settled.
Failure refusal_of(imapd::store::SettleOutcome::Result result);

// What every settlement asks of the rights of its caller.
struct SettleRight {
  imapd::auth::Right right;
  std::string_view what;
};
SettleRight right_for(imapd::store::Settlement::Kind kind);

// The deadline of a lease asked for, within the bounds of the queue's policy.
std::optional<imapd::Millis> checked_lease(FieldChecks& checks, const google::protobuf::Duration& asked,
                                           const imapd::store::Policy& policy);

}  // namespace broker::rpc

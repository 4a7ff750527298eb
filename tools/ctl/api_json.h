// The API's values as the JSON that `claimq --json` prints. Field names are those of the .proto files; durations are in
// milliseconds (`…_ms`), times RFC 3339, 64-bit numbers are numbers.
#pragma once

#include "claimq/v1/admin_service.pb.h"
#include "claimq/v1/message.pb.h"
#include "claimq/v1/queue_service.pb.h"
#include "tools/ctl/program.h"

namespace tools::ctl {

Json json_of(const claimq::v1::Queue& queue);
Json json_of(const claimq::v1::QueuedMessage& message);
Json json_of(const claimq::v1::Claim& claim);
Json json_of(const claimq::v1::SettleResult& result);
Json json_of(const claimq::v1::User& user);

// "ready", "scheduled", "claimed".
std::string state_name(claimq::v1::MessageState state);
// The reason (ErrorInfo) of a settlement that was refused, else its code's name.
std::string reason_of(const google::rpc::Status& status);

}  // namespace tools::ctl

#include "broker/rpc/failure.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace broker::rpc {

Failure queue_not_found(std::string_view queue) {
  return {StatusCode::kNotFound, "QUEUE_NOT_FOUND", "there is no queue \"" + std::string(queue) + "\"", {}};
}

Failure message_gone() {
  return {StatusCode::kNotFound, "MESSAGE_GONE", "the message is not in the queue any more", {}};
}

Failure lease_lost() {
  return {StatusCode::kAborted, "LEASE_LOST", "the token is not that of the message's present claim", {}};
}

Failure no_right(std::string_view what) {
  return {StatusCode::kPermissionDenied, "NO_RIGHT", "no right to " + std::string(what), {}};
}

Failure shutting_down() {
  return {StatusCode::kUnavailable, "SHUTTING_DOWN", "the server is stopping", {}};
}

Failure failure_of(const imapd::Error& error, const Reasons& reasons) {
  using imapd::Code;
  const auto make = [&error](StatusCode code, std::string_view reason) {
    return Failure{code, std::string(reason), error.message, {}};
  };
  switch (error.code) {
    case Code::kInvalidArgument: return make(StatusCode::kInvalidArgument, "INVALID_FIELD");
    case Code::kNotFound: return make(StatusCode::kNotFound, reasons.not_found);
    case Code::kAlreadyExists: return make(StatusCode::kAlreadyExists, reasons.already_exists);
    case Code::kPermissionDenied: return make(StatusCode::kPermissionDenied, "NO_RIGHT");
    case Code::kFailedPrecondition: return make(StatusCode::kFailedPrecondition, reasons.failed_precondition);
    case Code::kResourceExhausted: return make(StatusCode::kResourceExhausted, reasons.resource_exhausted);
    case Code::kAborted: return make(StatusCode::kAborted, "ABORTED");
    case Code::kUnavailable: return make(StatusCode::kUnavailable, "STORE_UNAVAILABLE");
    case Code::kCorruption:
    case Code::kIo: break;
  }
  // What the disk said is for the operator's log, not for a peer.
  return {StatusCode::kInternal, "STORE_FAILED", "the store could not read its data", {}};
}

void fill_status(const Failure& failure, google::rpc::Status& status) {
  status.set_code(static_cast<int>(failure.code));
  status.set_message(failure.message);
  google::rpc::ErrorInfo info;
  info.set_reason(failure.reason);
  info.set_domain("claimq");
  status.add_details()->PackFrom(info);
  if (failure.violations.empty()) return;
  google::rpc::BadRequest bad_request;
  for (const FieldViolation& violation : failure.violations) {
    auto* added = bad_request.add_field_violations();
    added->set_field(violation.field);
    added->set_description(violation.description);
  }
  status.add_details()->PackFrom(bad_request);
}

}  // namespace broker::rpc

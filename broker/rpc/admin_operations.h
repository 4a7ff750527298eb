#pragma once

#include <optional>

#include "broker/rpc/access.h"
#include "broker/rpc/operation_stream.h"
#include "claimq/v1/admin_service.pb.h"

namespace broker::rpc {

// The work of AdminService.Purge and AdminService.Redrive, as OperationStream wants it. Rights are looked at again in every
// step. Services and call outlive them.

class PurgeWork {
 public:
  // Needs the rights to delete and to expunge.
  static imapd::Task<Outcome<PurgeWork>> begin(const Services& services, Call& call, const claimq::v1::PurgeRequest& request);
  imapd::Task<Outcome<More>> step(claimq::v1::PurgeResponse& response);

 private:
  PurgeWork(const Services& services, Call& call) : services_(&services), call_(&call) {}
  const Services* services_;
  Call* call_;
  queue::Purge purge_;
  claimq::v1::PurgeResponse told_;
};

class RedriveWork {
 public:
  // Needs the rights to delete and to expunge there, and to insert into each target.
  static imapd::Task<Outcome<RedriveWork>> begin(const Services& services, Call& call, const claimq::v1::RedriveRequest& request);
  imapd::Task<Outcome<More>> step(claimq::v1::RedriveResponse& response);

 private:
  RedriveWork(const Services& services, Call& call) : services_(&services), call_(&call) {}
  const Services* services_;
  Call* call_;
  queue::Redrive redrive_;
  claimq::v1::RedriveResponse told_;
};

}  // namespace broker::rpc

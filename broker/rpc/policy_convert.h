#pragma once

#include "broker/rpc/validate.h"
#include "claimq/v1/admin_service.pb.h"
#include "imapd/store/mailbox.h"

namespace broker::rpc {

// Fields that are absent keep what `policy` has. How the settings go together is for queue::validate_policy().
void apply_policy(const claimq::v1::QueuePolicy& from, imapd::store::Policy& policy, FieldChecks& checks);
void fill_policy(const imapd::store::Policy& from, claimq::v1::QueuePolicy& to);

}  // namespace broker::rpc

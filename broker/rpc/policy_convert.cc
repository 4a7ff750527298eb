#include "broker/rpc/policy_convert.h"

#include "broker/rpc/convert.h"
#include "imapd/base/limits.h"

namespace broker::rpc {

using imapd::Millis;

void apply_policy(const claimq::v1::QueuePolicy& from, imapd::store::Policy& policy, FieldChecks& checks) {
  const auto apply = [&checks](std::string_view field, const google::protobuf::Duration& value, Millis& to) {
    to = checks.duration(field, value, {Millis(0), kDelayMax}).value_or(to);
  };
  if (from.has_lease_default()) apply("policy.lease_default", from.lease_default(), policy.lease_default);
  if (from.has_lease_min()) apply("policy.lease_min", from.lease_min(), policy.lease_min);
  if (from.has_lease_max()) apply("policy.lease_max", from.lease_max(), policy.lease_max);
  if (from.has_failures_max()) policy.failures_max = from.failures_max();
  if (from.has_dead_letters()) policy.dead_letters = from.dead_letters();
  if (from.has_backoff_base()) apply("policy.backoff_base", from.backoff_base(), policy.backoff_base);
  if (from.has_backoff_factor_percent()) policy.backoff_factor_percent = from.backoff_factor_percent();
  if (from.has_backoff_cap()) apply("policy.backoff_cap", from.backoff_cap(), policy.backoff_cap);
  if (from.has_release_on_disconnect()) policy.release_on_disconnect = from.release_on_disconnect();
  if (from.has_messages_max()) policy.messages_max = from.messages_max();
  if (from.has_bytes_max()) policy.bytes_max = from.bytes_max();
  if (from.has_enqueue_paused()) policy.enqueue_paused = from.enqueue_paused();
  if (from.has_claim_paused()) policy.claim_paused = from.claim_paused();
}

void fill_policy(const imapd::store::Policy& from, claimq::v1::QueuePolicy& to) {
  set_duration(*to.mutable_lease_default(), from.lease_default);
  set_duration(*to.mutable_lease_min(), from.lease_min);
  set_duration(*to.mutable_lease_max(), from.lease_max);
  to.set_failures_max(from.failures_max);
  to.set_dead_letters(from.dead_letters);
  set_duration(*to.mutable_backoff_base(), from.backoff_base);
  to.set_backoff_factor_percent(from.backoff_factor_percent);
  set_duration(*to.mutable_backoff_cap(), from.backoff_cap);
  to.set_release_on_disconnect(from.release_on_disconnect);
  to.set_messages_max(from.messages_max);
  to.set_bytes_max(from.bytes_max);
  to.set_enqueue_paused(from.enqueue_paused);
  to.set_claim_paused(from.claim_paused);
}

}  // namespace broker::rpc

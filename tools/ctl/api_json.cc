#include "tools/ctl/api_json.h"

#include <absl/strings/escaping.h>

#include "tools/client/units.h"

namespace tools::ctl {
namespace {

using client::format_time;
using client::from_proto;

Json policy_json(const claimq::v1::QueuePolicy& policy) {
  Json json = Json::object();
  const auto add_duration = [&json](const char* name, bool present, const google::protobuf::Duration& value) {
    if (present) {
      json[name] = from_proto(value).count();
    }
  };
  add_duration("lease_default_ms", policy.has_lease_default(), policy.lease_default());
  add_duration("lease_min_ms", policy.has_lease_min(), policy.lease_min());
  add_duration("lease_max_ms", policy.has_lease_max(), policy.lease_max());
  json["failures_max"] = policy.failures_max();
  json["dead_letters"] = policy.dead_letters();
  add_duration("backoff_base_ms", policy.has_backoff_base(), policy.backoff_base());
  json["backoff_factor_percent"] = policy.backoff_factor_percent();
  add_duration("backoff_cap_ms", policy.has_backoff_cap(), policy.backoff_cap());
  json["release_on_disconnect"] = policy.release_on_disconnect();
  json["messages_max"] = policy.messages_max();
  json["bytes_max"] = policy.bytes_max();
  json["enqueue_paused"] = policy.enqueue_paused();
  json["claim_paused"] = policy.claim_paused();
  return json;
}

// As text where it is text, so that scripts need no decoder for JSON payloads; else base64.
void add_bytes(Json& json, const std::string& name, const std::string& bytes) {
  if (client::is_utf8(bytes)) {
    json[name] = bytes;
  } else {
    json[name + "_base64"] = absl::Base64Escape(bytes);
  }
}

}  // namespace

std::string state_name(claimq::v1::MessageState state) {
  switch (state) {
    case claimq::v1::MESSAGE_STATE_READY:
      return "ready";
    case claimq::v1::MESSAGE_STATE_SCHEDULED:
      return "scheduled";
    case claimq::v1::MESSAGE_STATE_CLAIMED:
      return "claimed";
    default:
      return "unknown";
  }
}

std::string reason_of(const google::rpc::Status& status) {
  const std::string& reason = client::reason_of(status);
  return reason.empty() ? client::status_code_name(status.code()) : reason;
}

Json json_of(const claimq::v1::Queue& queue) {
  Json json = Json::object();
  json["name"] = queue.name();
  json["messages"] = queue.messages();
  json["ready"] = queue.ready();
  json["scheduled"] = queue.scheduled();
  json["claimed"] = queue.claimed();
  json["dead"] = queue.dead();
  json["size_bytes"] = queue.size_bytes();
  json["highest_mod_seq"] = queue.highest_mod_seq();
  if (queue.has_create_time()) {
    json["create_time"] = format_time(queue.create_time());
  }
  if (queue.has_oldest_age()) {
    json["oldest_age_ms"] = from_proto(queue.oldest_age()).count();
  }
  json["is_dead_letters"] = queue.is_dead_letters();
  json["policy"] = policy_json(queue.policy());
  return json;
}

Json json_of(const claimq::v1::QueuedMessage& queued) {
  const claimq::v1::Message& message = queued.message();
  Json json = Json::object();
  json["queue"] = queued.queue();
  json["serial"] = queued.serial();
  json["uid"] = queued.uid();
  json["state"] = state_name(queued.state());
  json["mod_seq"] = queued.mod_seq();
  json["deliveries"] = queued.deliveries();
  json["failures"] = queued.failures();
  if (queued.has_enqueue_time()) {
    json["enqueue_time"] = format_time(queued.enqueue_time());
  }
  json["flags"] = std::vector<std::string>(queued.flags().begin(), queued.flags().end());
  if (!queued.holder().empty()) {
    json["holder"] = queued.holder();
  }
  if (queued.has_lease_deadline()) {
    json["lease_deadline"] = format_time(queued.lease_deadline());
  }
  if (!message.key().empty()) {
    json["key"] = message.key();
  }
  if (!message.group().empty()) {
    json["group"] = message.group();
  }
  if (message.has_priority()) {
    json["priority"] = message.priority();
  }
  if (message.has_due_time()) {
    json["due_time"] = format_time(message.due_time());
  }
  json["content_type"] = message.content_type();
  Json attributes = Json::object();
  const std::map<std::string, std::string> sorted(message.attributes().begin(), message.attributes().end());
  for (const auto& [name, value] : sorted) {
    attributes[name] = value;
  }
  json["attributes"] = attributes;
  add_bytes(json, "body", message.body());
  if (!queued.raw().empty()) {
    json["raw_base64"] = absl::Base64Escape(queued.raw());
  }
  return json;
}

Json json_of(const claimq::v1::Claim& claim) {
  Json json = json_of(claim.message());
  json["token"] = claim.token();
  json["deadline"] = format_time(claim.deadline());
  return json;
}

Json json_of(const claimq::v1::SettleResult& result) {
  Json json = Json::object();
  json["serial"] = result.serial();
  const bool ok = result.status().code() == 0;
  json["result"] = ok ? "ok" : reason_of(result.status());
  if (!ok) {
    json["message"] = result.status().message();
  }
  if (result.new_token() != 0) {
    json["token"] = result.new_token();
  }
  if (result.has_deadline()) {
    json["deadline"] = format_time(result.deadline());
  }
  if (!result.dead_letters().empty()) {
    json["dead_letters"] = result.dead_letters();
  }
  return json;
}

Json json_of(const claimq::v1::User& user) {
  Json json = Json::object();
  json["name"] = user.name();
  json["administrator"] = user.administrator();
  if (user.has_create_time()) {
    json["create_time"] = format_time(user.create_time());
  }
  return json;
}

}  // namespace tools::ctl

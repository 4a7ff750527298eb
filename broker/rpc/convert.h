#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "broker/queue/queue.h"
#include "broker/rpc/failure.h"
#include "broker/rpc/server.h"
#include "broker/rpc/validate.h"
#include "claimq/v1/message.pb.h"
#include "claimq/v1/queue_service.pb.h"
#include "imapd/base/clock.h"

namespace broker::rpc {

void set_timestamp(google::protobuf::Timestamp& to, imapd::Timestamp from);
void set_duration(google::protobuf::Duration& to, imapd::Millis from);
// A proto3 string must be UTF-8, an attribute that came by APPEND may be anything: what is no UTF-8 becomes U+FFFD.
std::string to_utf8(std::string text);

// `field` is the path of the message in the request.
queue::OutgoingMessage outgoing_message(const claimq::v1::Message& message, const std::string& field, FieldChecks& checks);

enum class Content {
  kNone,     // The state alone.
  kNoBody,   // Attributes, type, key; no body.
  kDecoded,  // And the body.
  kRaw,      // And the RFC 5322 bytes.
};
// Reads the content from the disk. MESSAGE_GONE when the message went meanwhile.
Outcome<void> fill_message(const Services& services, const std::string& queue, const imapd::store::MessageState& state,
                           Content content, claimq::v1::QueuedMessage& to);

// Claims as answered to a worker. What cannot be handed over comes back: `gone` needs nothing; `unreadable` is to be failed, or
// it would come first for ever.
struct Loaded {
  std::vector<imapd::store::MessageState> delivered;
  std::vector<imapd::store::MessageState> unreadable;
  std::vector<imapd::store::MessageState> beyond;  // Past `bytes_max`: to be released.
};
struct LoadOptions {
  Content content = Content::kDecoded;
  std::size_t bytes_max = 0;  // At least one message is delivered, whatever its size.
};
Loaded fill_claims(const Services& services, const std::string& queue, std::vector<imapd::store::MessageState> claimed,
                   LoadOptions options, google::protobuf::RepeatedPtrField<claimq::v1::Claim>& to);
// Fails and releases what was not delivered. Nobody waits for it.
void give_back(const Services& services, const std::string& queue, const imapd::store::Actor& actor, const Loaded& loaded);
void release_all(const Services& services, const std::string& queue, const imapd::store::Actor& actor,
                 std::vector<imapd::store::Settlement> items);
imapd::store::Settlement settlement_of(const imapd::store::MessageState& claimed, imapd::store::Settlement::Kind kind);

// How many messages of this queue's usual size fit.
std::size_t count_that_fits(const imapd::store::Counters& counters, std::size_t bytes_max);

void fill_result(const imapd::store::Settlement& asked, const imapd::store::SettleOutcome::Item& item,
                 claimq::v1::SettleResult& to);

}  // namespace broker::rpc

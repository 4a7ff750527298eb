#include "broker/rpc/validate.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>

#include "broker/queue/policy.h"
#include "broker/queue/queue.h"
#include "imapd/base/check.h"

namespace broker::rpc {

namespace {

using imapd::Millis;

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kNanosPerMilli = 1'000'000;
// google.protobuf.Duration: ten thousand years.
constexpr std::int64_t kDurationSecondsMax = 315'576'000'000;
// google.protobuf.Timestamp: from year 1 to year 9999.
constexpr std::int64_t kTimestampSecondsMin = -62'135'596'800;
constexpr std::int64_t kTimestampSecondsMax = 253'402'300'799;

}  // namespace

bool is_valid_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || i + length > text.size()) return false;
    std::uint32_t point = lead & (0x7fu >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      point = point << 6 | (next & 0x3fu);
    }
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    if (overlong || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
    i += length;
  }
  return true;
}

void FieldChecks::violation(std::string_view field, std::string description) {
  if (violations_.size() < kViolationsMax) violations_.push_back({std::string(field), std::move(description)});
}

void FieldChecks::queue_name(std::string_view field, std::string_view name) {
  const auto valid = queue::validate_queue_name(name);
  if (!valid) violation(field, valid.error().message);
}

void FieldChecks::worker_id(std::string_view field, std::string_view worker_id) {
  if (worker_id.empty()) return violation(field, "is required");
  if (worker_id.size() > kWorkerIdBytesMax) {
    return violation(field, "is longer than " + std::to_string(kWorkerIdBytesMax) + " bytes");
  }
  const bool printable = std::all_of(worker_id.begin(), worker_id.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (!printable) violation(field, "holds something else than printable ASCII");
}

void FieldChecks::search(std::string_view field, const std::string& text) {
  if (text.size() > kSearchBytesMax) return violation(field, "is longer than " + std::to_string(kSearchBytesMax) + " bytes");
  const auto valid = queue::Queues::validate_search(text);
  if (!valid) violation(field, valid.error().message);
}

void FieldChecks::text(std::string_view field, std::string_view value, std::size_t bytes_max) {
  if (value.size() > bytes_max) return violation(field, "is longer than " + std::to_string(bytes_max) + " bytes");
  if (!is_valid_utf8(value)) violation(field, "is not valid UTF-8");
}

void FieldChecks::number(std::string_view field, std::uint64_t value, Range range) {
  const bool below = range.min > 0 && value < static_cast<std::uint64_t>(range.min);
  if (!below && value <= static_cast<std::uint64_t>(range.max)) return;
  violation(field, "is not from " + std::to_string(range.min) + " to " + std::to_string(range.max));
}

std::optional<Millis> FieldChecks::duration(std::string_view field, const google::protobuf::Duration& value,
                                            DurationRange range) {
  const bool mixed_signs = (value.seconds() > 0 && value.nanos() < 0) || (value.seconds() < 0 && value.nanos() > 0);
  if (mixed_signs || value.nanos() >= kNanosPerSecond || value.nanos() <= -kNanosPerSecond ||
      value.seconds() > kDurationSecondsMax || value.seconds() < -kDurationSecondsMax) {
    violation(field, "is no valid Duration");
    return std::nullopt;
  }
  if (value.seconds() < 0 || value.nanos() < 0) {
    violation(field, "is negative");
    return std::nullopt;
  }
  const Millis millis(value.seconds() * 1'000 + (value.nanos() + kNanosPerMilli - 1) / kNanosPerMilli);
  if (millis < range.min || millis > range.max) {
    violation(field, "is not from " + std::to_string(range.min.count()) + " ms to " + std::to_string(range.max.count()) + " ms");
    return std::nullopt;
  }
  return millis;
}

std::optional<imapd::Timestamp> FieldChecks::timestamp(std::string_view field, const google::protobuf::Timestamp& value) {
  if (value.nanos() < 0 || value.nanos() >= kNanosPerSecond || value.seconds() < kTimestampSecondsMin ||
      value.seconds() > kTimestampSecondsMax) {
    violation(field, "is no valid Timestamp");
    return std::nullopt;
  }
  return imapd::Timestamp(Millis(value.seconds() * 1'000 + (value.nanos() + kNanosPerMilli - 1) / kNanosPerMilli));
}

Failure FieldChecks::failure() && {
  CHECK(!violations_.empty());
  std::string message = violations_.front().field + " " + violations_.front().description;
  if (violations_.size() > 1) message += " (and " + std::to_string(violations_.size() - 1) + " more)";
  return {StatusCode::kInvalidArgument, "INVALID_FIELD", std::move(message), std::move(violations_)};
}

}  // namespace broker::rpc

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/rpc/failure.h"
#include "imapd/base/clock.h"

namespace google::protobuf {
class Duration;
class Timestamp;
}  // namespace google::protobuf

namespace broker::rpc {

inline constexpr std::size_t kWorkerIdBytesMax = 128;
inline constexpr std::size_t kReasonBytesMax = 1024;
inline constexpr std::size_t kAttributesMax = 64;
inline constexpr std::size_t kAttributeNameBytesMax = 256;
inline constexpr std::size_t kAttributeValueBytesMax = 8 * 1024;
inline constexpr std::size_t kContentTypeBytesMax = 256;
inline constexpr std::size_t kKeyBytesMax = 256;
inline constexpr std::size_t kGroupBytesMax = 256;
inline constexpr std::size_t kSearchBytesMax = 16 * 1024;
inline constexpr std::uint32_t kPageSizeMax = 1'000;
inline constexpr std::uint32_t kPageSizeDefault = 100;
inline constexpr std::size_t kViolationsMax = 20;
inline constexpr imapd::Millis kClaimWaitMax{60'000};
// A year: longer schedules are dates in somebody's calendar, not work for a queue; and no sum of times overflows.
inline constexpr imapd::Millis kDelayMax{366LL * 24 * 3'600'000};

bool is_valid_utf8(std::string_view text);

// Checks the fields of one request and collects what is wrong with them, the first kViolationsMax of it.
class FieldChecks {
 public:
  struct Range {
    std::int64_t min;
    std::int64_t max;
  };
  struct DurationRange {
    imapd::Millis min;
    imapd::Millis max;
  };

  // As queue::validate_queue_name() has it.
  void queue_name(std::string_view field, std::string_view name);
  // 1 to kWorkerIdBytesMax printable ASCII characters.
  void worker_id(std::string_view field, std::string_view worker_id);
  // As queue::Queues::validate_search() has it, of at most kSearchBytesMax.
  void search(std::string_view field, const std::string& text);
  void text(std::string_view field, std::string_view value, std::size_t bytes_max);
  void number(std::string_view field, std::uint64_t value, Range range);
  // In whole milliseconds, rounded up. nullopt, and a violation, when it is out of range or no valid Duration.
  std::optional<imapd::Millis> duration(std::string_view field, const google::protobuf::Duration& value, DurationRange range);
  std::optional<imapd::Timestamp> timestamp(std::string_view field, const google::protobuf::Timestamp& value);
  void violation(std::string_view field, std::string description);

  bool ok() const { return violations_.empty(); }
  // INVALID_ARGUMENT, INVALID_FIELD. Only when not ok().
  Failure failure() &&;

 private:
  std::vector<FieldViolation> violations_;
};

}  // namespace broker::rpc

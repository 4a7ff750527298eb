#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace imapd::wire {

// A moment, and the zone in which its sender wrote it.
struct DateTime {
  std::chrono::sys_seconds time;
  std::chrono::minutes zone{0};  // East of UTC, -23:59 to 23:59.
  friend bool operator==(const DateTime&, const DateTime&) = default;
};

// RFC 3501, section 9, date-time without its quotes: ` 1-Feb-2024 13:05:00 +0100`. nullopt for anything that is not a moment:
// 30-Feb, 24:00:00, a zone of +2400. A leap second (:60) is taken as :59.
std::optional<DateTime> parse_date_time(std::string_view text);
std::string format_date_time(const DateTime& date_time);

// RFC 3501, section 9, date-text without quotes: `1-Feb-2024`. nullopt when there is no such day.
std::optional<std::chrono::year_month_day> parse_date(std::string_view text);
std::string format_date(const std::chrono::year_month_day& date);

}  // namespace imapd::wire

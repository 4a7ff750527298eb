#include "imapd/wire/date_time.h"

#include <array>
#include <cstdio>

#include "imapd/base/flag.h"

namespace imapd::wire {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<unsigned> digits(std::string_view text) {
  if (text.empty()) return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

// date-month "-" date-year, with `day` before them
std::optional<std::chrono::year_month_day> make_date(std::optional<unsigned> day, std::string_view month_name,
                                                     std::string_view year_digits) {
  const auto year = digits(year_digits);
  if (!day || !year || year_digits.size() != 4) return std::nullopt;
  for (unsigned i = 0; i < kMonths.size(); ++i) {
    if (!equals_ignoring_case(month_name, kMonths[i])) continue;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(i + 1),
                                           std::chrono::day(*day)};
    if (!date.ok()) return std::nullopt;
    return date;
  }
  return std::nullopt;
}

// zone = ("+" / "-") 4DIGIT
std::optional<minutes> parse_zone(std::string_view text) {
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto hour = digits(text.substr(1, 2));
  const auto minute = digits(text.substr(3, 2));
  if (!hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
  const minutes zone = hours(*hour) + minutes(*minute);
  return text[0] == '-' ? -zone : zone;
}

// time = 2DIGIT ":" 2DIGIT ":" 2DIGIT
std::optional<seconds> parse_time(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  const auto hour = digits(text.substr(0, 2));
  const auto minute = digits(text.substr(3, 2));
  const auto second = digits(text.substr(6, 2));
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return hours(*hour) + minutes(*minute) + seconds(*second == 60 ? 59 : *second);
}

}  // namespace

// date-text = date-day "-" date-month "-" date-year
std::optional<std::chrono::year_month_day> parse_date(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash != 1 && dash != 2) return std::nullopt;
  if (text.size() != dash + 9 || text[dash + 4] != '-') return std::nullopt;
  return make_date(digits(text.substr(0, dash)), text.substr(dash + 1, 3), text.substr(dash + 5));
}

// date-day-fixed "-" date-month "-" date-year SP time SP zone ; date-day-fixed = (SP DIGIT) / 2DIGIT
std::optional<DateTime> parse_date_time(std::string_view text) {
  if (text.size() != 26 || text[2] != '-' || text[6] != '-' || text[11] != ' ' || text[20] != ' ') return std::nullopt;
  const std::string_view day = text[0] == ' ' ? text.substr(1, 1) : text.substr(0, 2);
  const auto date = make_date(digits(day), text.substr(3, 3), text.substr(7, 4));
  const auto time = parse_time(text.substr(12, 8));
  const auto zone = parse_zone(text.substr(21));
  if (!date || !time || !zone) return std::nullopt;
  return DateTime{.time = std::chrono::sys_days(*date) + *time - *zone, .zone = *zone};
}

std::string format_date_time(const DateTime& date_time) {
  const auto local = date_time.time + date_time.zone;
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<seconds> time(local - day);
  const minutes zone = date_time.zone < minutes(0) ? -date_time.zone : date_time.zone;
  char text[64];
  std::snprintf(text, sizeof text, "%2u-%s-%04d %02d:%02d:%02d %c%02d%02d", static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()), date_time.zone < minutes(0) ? '-' : '+',
                static_cast<int>(zone.count() / 60), static_cast<int>(zone.count() % 60));
  return text;
}

std::string format_date(const std::chrono::year_month_day& date) {
  char text[32];
  std::snprintf(text, sizeof text, "%u-%s-%04d", static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()));
  return text;
}

}  // namespace imapd::wire

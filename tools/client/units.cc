#include "tools/client/units.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

namespace tools::client {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kDurationMax = std::chrono::hours(24 * 3660);

struct Unit {
  std::string_view name;
  std::int64_t milliseconds_each;
};

// "ms" stands before "m": the first that fits is taken.
constexpr std::array<Unit, 5> kUnits = {{{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

// Takes digits from the front.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::int64_t take_unit(std::string_view& text) {
  if (text.empty()) {
    return 1'000;
  }
  for (const Unit& unit : kUnits) {
    if (text.substr(0, unit.name.size()) == unit.name) {
      text.remove_prefix(unit.name.size());
      return unit.milliseconds_each;
    }
  }
  return 0;
}

// Largest unit first, at most `parts_max` of them, smaller rests dropped.
std::string format_parts(milliseconds duration, int parts_max) {
  std::int64_t rest = duration.count();
  std::string text;
  int parts = 0;
  for (const std::size_t index : {4U, 3U, 2U, 1U, 0U}) {
    const Unit& unit = kUnits[index];
    if (rest < unit.milliseconds_each || parts == parts_max) {
      continue;
    }
    text += std::to_string(rest / unit.milliseconds_each) + std::string(unit.name);
    rest %= unit.milliseconds_each;
    ++parts;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
  if (text.empty()) {
    return std::nullopt;
  }
  std::int64_t total = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    const std::int64_t each = number ? take_unit(text) : 0;
    if (each == 0 || *number > static_cast<std::uint64_t>(kDurationMax.count() / each)) {
      return std::nullopt;
    }
    total += static_cast<std::int64_t>(*number) * each;
    if (total > kDurationMax.count()) {
      return std::nullopt;
    }
  }
  return milliseconds(total);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  const auto number = take_number(text);
  if (!number) {
    return std::nullopt;
  }
  unsigned shift = 0;
  if (text == "k" || text == "K") {
    shift = 10;
  } else if (text == "m" || text == "M") {
    shift = 20;
  } else if (text == "g" || text == "G") {
    shift = 30;
  } else if (!text.empty()) {
    return std::nullopt;
  }
  if (*number > (UINT64_MAX >> shift)) {
    return std::nullopt;
  }
  return *number << shift;
}

google::protobuf::Duration to_proto(milliseconds duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(duration.count() / 1000);
  proto.set_nanos(static_cast<std::int32_t>(duration.count() % 1000 * 1'000'000));
  return proto;
}

milliseconds from_proto(const google::protobuf::Duration& duration) {
  return milliseconds(duration.seconds() * 1000 + duration.nanos() / 1'000'000);
}

std::string format_duration(milliseconds duration) { return format_parts(duration, static_cast<int>(kUnits.size())); }

std::string format_age(milliseconds duration) {
  return format_parts(duration, duration < std::chrono::minutes(1) ? 1 : 2);
}

std::string format_size(std::uint64_t size_bytes) {
  constexpr std::array<std::string_view, 5> kNames = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t name = 0;
  double size = static_cast<double>(size_bytes);
  while (size >= 1024.0 && name + 1 < kNames.size()) {
    size /= 1024.0;
    ++name;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), name == 0 ? "%.0f %s" : "%.1f %s", size, kNames[name].data());
  return text.data();
}

std::string format_time(const google::protobuf::Timestamp& time) {
  const std::time_t seconds = static_cast<std::time_t>(time.seconds());
  std::tm parts{};
  if (gmtime_r(&seconds, &parts) == nullptr) {
    return "?";
  }
  std::array<char, 64> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 16> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ", time.nanos() / 1'000'000);
  return std::string(date.data()) + fraction.data();
}

std::string format_count(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3; at -= 3) {
    text.insert(at - 3, ",");
  }
  return text;
}

}  // namespace tools::client

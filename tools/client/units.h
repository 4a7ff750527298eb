// Durations, sizes and times as people write and read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

namespace tools::client {

// "500ms", "30s", "5m", "2h", "1d" and joined forms such as "1m30s"; a bare number is seconds. Nothing for anything else, for a
// negative one and for more than 10 years.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// "4096", "64k", "10M", "2G": powers of 1,024.
std::optional<std::uint64_t> parse_size(std::string_view text);

google::protobuf::Duration to_proto(std::chrono::milliseconds duration);
std::chrono::milliseconds from_proto(const google::protobuf::Duration& duration);

// The shortest exact form: "500ms", "30s", "1m30s", "2h".
std::string format_duration(std::chrono::milliseconds duration);
// For tables: the two largest units, "3d4h".
std::string format_age(std::chrono::milliseconds duration);
// "812 B", "1.4 KiB", "3.0 GiB".
std::string format_size(std::uint64_t size_bytes);
// RFC 3339 in UTC with milliseconds: "2026-01-31T09:15:00.000Z".
std::string format_time(const google::protobuf::Timestamp& time);
// 1234567 -> "1,234,567".
std::string format_count(std::uint64_t count);

}  // namespace tools::client

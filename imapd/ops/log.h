#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

// Structured log lines (logfmt) on standard error:
//
//     time=2024-11-24T06:37:02.123Z level=info event=store_opened directory=/var/lib/claimq mailboxes=12
//
// An event is a constant in snake_case; everything that varies is a field. Never pass content of a message (headers included),
// a password, a token or a hash. What a peer did wrong is at most kDebug (its answer tells the peer).
namespace imapd::ops {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

std::string_view name_of(LogLevel level);
std::optional<LogLevel> parse_log_level(std::string_view name);

struct LogField {
  LogField(std::string_view field, std::string_view text) : key(field), value(text) {}
  LogField(std::string_view field, const char* text) : key(field), value(text) {}
  LogField(std::string_view field, const std::string& text) : key(field), value(text) {}
  LogField(std::string_view field, std::same_as<bool> auto yes) : key(field), value(yes ? "true" : "false") {}
  template <std::integral Number>
    requires(!std::same_as<Number, bool> && !std::same_as<Number, char>)
  LogField(std::string_view field, Number number) : key(field), value(std::to_string(number)) {}

  std::string_view key;  // A constant in snake_case.
  std::string value;
};
using LogFields = std::initializer_list<LogField>;

// All of these may be called from any thread. Writing blocks for as long as standard error does.
void log_debug(std::string_view event, LogFields fields = {});
void log_info(std::string_view event, LogFields fields = {});
void log_warning(std::string_view event, LogFields fields = {});
void log_error(std::string_view event, LogFields fields = {});

// Lines below `level` are not written. kInfo until set.
void set_log_level(LogLevel level);
bool log_enabled(LogLevel level);

// Sends lines (without the line end) to `output` instead of standard error; an empty function brings standard error back.
// For tests, which set it while no other thread logs.
void set_log_output(std::function<void(std::string_view line)> output);

// `event=... key=value ...`. A value with a space, quote, equals sign, backslash, control character or byte over 0x7e, or an
// empty one, is quoted; inside, `"` and `\` get a backslash, line ends become \n and \r, other controls \xHH. So one event is
// one line, whatever a peer sends. At most kLogValueBytesMax of each value are kept.
inline constexpr std::size_t kLogValueBytesMax = 512;
std::string format_log_event(std::string_view event, LogFields fields);

}  // namespace imapd::ops

#include "imapd/ops/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <memory>
#include <mutex>

namespace imapd::ops {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warning", "error"};

// Hands finished lines to a function.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(std::function<void(std::string_view)> output) : output_(std::move(output)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    output_(std::string_view(line.data(), line.size()));
  }
  void flush_() override {}

  std::function<void(std::string_view)> output_;
};

constexpr const char* kPattern = "time=%Y-%m-%dT%H:%M:%S.%eZ level=%l %v";

std::unique_ptr<spdlog::formatter> make_formatter(std::string line_end) {
  return std::make_unique<spdlog::pattern_formatter>(kPattern, spdlog::pattern_time_type::utc, std::move(line_end));
}

std::shared_ptr<spdlog::sinks::sink> stderr_sink() {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_formatter(make_formatter("\n"));
  return sink;
}

// Never destroyed: threads that outlive main's locals may still log.
spdlog::logger& logger() {
  static auto* const instance = [] {
    auto* made = new spdlog::logger("claimq", stderr_sink());
    made->set_level(spdlog::level::info);
    made->flush_on(spdlog::level::warn);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum foreign_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarning: return spdlog::level::warn;
    case LogLevel::kError: return spdlog::level::err;
  }
  return spdlog::level::err;
}

void write(LogLevel level, std::string_view event, LogFields fields) {
  if (!log_enabled(level)) return;
  logger().log(foreign_level(level), format_log_event(event, fields));
}

bool needs_quotes(std::string_view value) {
  if (value.empty()) return true;
  for (const char c : value) {
    if (c <= ' ' || c > '~' || c == '"' || c == '=' || c == '\\') return true;
  }
  return false;
}

void append_quoted(std::string& to, std::string_view value) {
  constexpr std::string_view kHex = "0123456789abcdef";
  to += '"';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      to += '\\';
      to += c;
    } else if (c == '\n') {
      to += "\\n";
    } else if (c == '\r') {
      to += "\\r";
    } else if (byte < 0x20 || byte >= 0x7f) {
      to += "\\x";
      to += kHex[byte >> 4];
      to += kHex[byte & 0xf];
    } else {
      to += c;
    }
  }
  to += '"';
}

}  // namespace

std::string_view name_of(LogLevel level) { return kLevelNames[static_cast<std::size_t>(level)]; }

std::optional<LogLevel> parse_log_level(std::string_view name) {
  for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
    if (kLevelNames[i] == name) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

void log_debug(std::string_view event, LogFields fields) { write(LogLevel::kDebug, event, fields); }
void log_info(std::string_view event, LogFields fields) { write(LogLevel::kInfo, event, fields); }
void log_warning(std::string_view event, LogFields fields) { write(LogLevel::kWarning, event, fields); }
void log_error(std::string_view event, LogFields fields) { write(LogLevel::kError, event, fields); }

void set_log_level(LogLevel level) { logger().set_level(foreign_level(level)); }
bool log_enabled(LogLevel level) { return logger().should_log(foreign_level(level)); }

void set_log_output(std::function<void(std::string_view line)> output) {
  std::shared_ptr<spdlog::sinks::sink> sink = stderr_sink();
  if (output) {
    sink = std::make_shared<FunctionSink>(std::move(output));
    sink->set_formatter(make_formatter(""));
  }
  logger().sinks() = {std::move(sink)};
}

std::string format_log_event(std::string_view event, LogFields fields) {
  std::string line = "event=";
  line += event;
  for (const LogField& field : fields) {
    const std::string_view value = std::string_view(field.value).substr(0, kLogValueBytesMax);
    line += ' ';
    line += field.key;
    line += '=';
    if (needs_quotes(value)) {
      append_quoted(line, value);
    } else {
      line += value;
    }
  }
  return line;
}

}  // namespace imapd::ops

#include "tools/bench/report.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>

#include <nlohmann/json.hpp>

#include "tools/client/units.h"

namespace tools::bench {
namespace {

using client::Align;
using client::format_count;

double to_ms(std::chrono::nanoseconds value) { return std::chrono::duration<double, std::milli>(value).count(); }

std::string fixed(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string rounded(double value) {
  return value >= 100.0 ? format_count(static_cast<std::uint64_t>(std::llround(value)))
                        : fixed(value, value == std::floor(value) ? 0 : 1);
}

std::string quantile_cell(const Result& result, double share) {
  return result.latency ? fixed(to_ms(result.latency->quantile(share)), 2) : "-";
}

std::optional<double> cpu_us_each(const Result& result) {
  if (!result.server_cpu || result.count == 0) {
    return std::nullopt;
  }
  return std::chrono::duration<double, std::micro>(*result.server_cpu).count() / static_cast<double>(result.count);
}

std::string notes(const Result& result) {
  std::string text;
  for (const auto& [name, value] : result.figures) {
    text += (text.empty() ? "" : ", ") + name + " " + rounded(value);
  }
  return text;
}

}  // namespace

std::string circumstances_line(const Circumstances& circumstances) {
  std::string line = "claimqd " + circumstances.version + ", durability " + circumstances.durability +
                     ", messages of " + format_count(circumstances.size_bytes) + " B, " +
                     std::to_string(circumstances.cores) + " cores (" + circumstances.cpu + ")";
  if (circumstances.fdatasyncs_per_second) {
    line += ", disk " + rounded(*circumstances.fdatasyncs_per_second) + " fdatasync/s";
  }
  return line + (circumstances.quick ? ", QUICK: not for comparison" : "");
}

std::string table_text(const Results& results, client::Style style) {
  client::Table table({{.title = "WORKLOAD"},
                       {.title = "WHAT"},
                       {.title = "COUNT", .align = Align::kRight},
                       {.title = "SECONDS", .align = Align::kRight},
                       {.title = "PER SECOND", .align = Align::kRight},
                       {.title = "P50 MS", .align = Align::kRight},
                       {.title = "P99 MS", .align = Align::kRight},
                       {.title = "P99.9 MS", .align = Align::kRight},
                       {.title = "MAX MS", .align = Align::kRight},
                       {.title = "SERVER CPU US", .align = Align::kRight},
                       {.title = "NOTES"}});
  for (const Result& result : results) {
    const auto cpu = cpu_us_each(result);
    table.add({result.workload, result.what, format_count(result.count), fixed(to_ms(result.elapsed) / 1000.0, 2),
               rounded(result.per_second()), quantile_cell(result, 0.5), quantile_cell(result, 0.99),
               quantile_cell(result, 0.999), result.latency ? fixed(to_ms(result.latency->max()), 2) : "-",
               cpu ? fixed(*cpu, 1) : "-", notes(result)});
  }
  return table.text(style);
}

std::string json_text(const Circumstances& circumstances, const Results& results) {
  using Json = nlohmann::ordered_json;
  Json json = Json::object();
  json["version"] = circumstances.version;
  json["durability"] = circumstances.durability;
  json["size_bytes"] = circumstances.size_bytes;
  json["cores"] = circumstances.cores;
  json["cpu"] = circumstances.cpu;
  json["quick"] = circumstances.quick;
  if (circumstances.fdatasyncs_per_second) {
    json["fdatasyncs_per_second"] = *circumstances.fdatasyncs_per_second;
  }
  json["results"] = Json::array();
  for (const Result& result : results) {
    Json row = Json::object();
    row["workload"] = result.workload;
    row["what"] = result.what;
    row["count"] = result.count;
    row["seconds"] = to_ms(result.elapsed) / 1000.0;
    row["per_second"] = result.per_second();
    if (result.latency) {
      row["latency_ms"] = Json{{"p50", to_ms(result.latency->quantile(0.5))},
                               {"p90", to_ms(result.latency->quantile(0.9))},
                               {"p99", to_ms(result.latency->quantile(0.99))},
                               {"p99.9", to_ms(result.latency->quantile(0.999))},
                               {"max", to_ms(result.latency->max())}};
    }
    if (const auto cpu = cpu_us_each(result)) {
      row["server_cpu_us_each"] = *cpu;
    }
    for (const auto& [name, value] : result.figures) {
      row["figures"][name] = value;
    }
    json["results"].push_back(row);
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown processor";
}

}  // namespace tools::bench

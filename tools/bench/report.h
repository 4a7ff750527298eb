// The table and the JSON of a run.
#pragma once

#include <string>

#include "tools/bench/workload.h"
#include "tools/client/table.h"

namespace tools::bench {

// What figures are worthless without.
struct Circumstances {
  std::string version;
  std::string durability;
  std::string cpu;
  unsigned cores = 0;
  // Absent when the server's disk was not at hand.
  std::optional<double> fdatasyncs_per_second = std::nullopt;
  std::size_t size_bytes = 0;
  bool quick = false;
};

std::string circumstances_line(const Circumstances& circumstances);
std::string table_text(const Results& results, client::Style style);
std::string json_text(const Circumstances& circumstances, const Results& results);

// The model name of this machine's processor.
std::string cpu_name();

}  // namespace tools::bench

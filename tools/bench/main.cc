// `claimq-bench`: puts load on a claimqd through both doors and prints what it bore.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <thread>

#include <CLI/CLI.hpp>

#include "tools/bench/report.h"
#include "tools/bench/server_process.h"
#include "tools/bench/workload.h"
#include "tools/client/tls_options.h"

namespace {

using tools::bench::Circumstances;
using tools::bench::Door;
using tools::bench::Load;
using tools::bench::Results;
using tools::bench::ServerProcess;
using tools::bench::Target;
using tools::bench::Workload;
using tools::bench::workloads;
using tools::client::ExitCode;
using tools::client::Failure;

struct Options {
  std::string target = "both";
  std::string server = "127.0.0.1:7143";
  std::string imap_server = "127.0.0.1:1143";
  std::string data_dir;
  std::string user = "admin";
  std::string password_file;
  tools::client::Tls tls;
  std::string spawn;
  std::string durability = "sync";
  std::vector<std::string> names = {"all"};
  std::string json_file;
  std::uint64_t seconds = 10;
  Load load;
};

std::string workload_help() {
  std::string text = "Workloads:\n";
  for (const Workload& workload : workloads()) {
    text += "  " + std::string(workload.name) + (std::string(workload.name).size() < 3 ? "   " : "  ") + workload.help +
            "\n";
  }
  return text +
         "\nMessages are text in CRLF lines, as a mail or a JSON payload is. Figures of different runs compare only by "
         "ratio: disks\n"
         "and neighbours change from minute to minute.\n"
         "Exit codes: 0 done, 1 failed (also when a message was won twice or is missing), 2 wrong usage,\n"
         "4 cannot connect.";
}

CLI::Validator workload_check() {
  return {[](std::string& text) {
            for (const Workload& workload : workloads()) {
              if (CLI::detail::to_lower(text) == CLI::detail::to_lower(workload.name)) {
                text = workload.name;
                return std::string();
              }
            }
            return text == "all" ? std::string() : "no workload '" + text + "'";
          },
          ""};
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("--workload", options.names, "One or several names, or all (default)")
      ->check(workload_check())
      ->delimiter(',');
  app.add_option("--target", options.target, "Which workloads all means")
      ->check(CLI::IsMember({"grpc", "imap", "both"}));
  app.add_option("--server", options.server, "gRPC HOST:PORT (default " + options.server + ")");
  app.add_option("--imap-server", options.imap_server, "IMAP HOST:PORT (default " + options.imap_server + ")");
  app.add_option("--data-dir", options.data_dir,
                 "Find both in this data directory's endpoints.json; with --spawn, a folder for the server's store");
  app.add_option("--user", options.user, "Sign in as (default admin); must be an administrator")
      ->envname("CLAIMQ_USER");
  app.add_option("--password-file", options.password_file, "Password: first line (environment: CLAIMQ_PASSWORD)")
      ->envname("CLAIMQ_PASSWORD_FILE");
  tools::client::add_tls_options(app, options.tls);
  app.add_option("--spawn", options.spawn, "Start this claimqd for the run; needs --data-dir")
      ->check(CLI::ExistingFile);
  app.add_option("--durability", options.durability, "Of the server that --spawn starts")
      ->check(CLI::IsMember({"sync", "relaxed"}));
  app.add_option("--messages", options.load.messages, "Instead of each workload's own number")
      ->check(CLI::PositiveNumber);
  app.add_option("--size", options.load.size_bytes, "Bytes of a body (default 1024)")
      ->check(CLI::Range(1, 16 * 1024 * 1024));
  app.add_option("--seconds", options.seconds, "How long W4 runs (default 10)")->check(CLI::Range(1, 3600));
  app.add_flag("--quick", options.load.quick, "About a tenth of the work");
  app.add_option("--json", options.json_file,
                 "Write the results to this file; - is standard output, without the table");
  app.footer(workload_help());
}

std::string password_of(const Options& options) {
  if (options.password_file.empty()) {
    const char* password = std::getenv("CLAIMQ_PASSWORD");
    if (password == nullptr) {
      throw Failure("no password: use --password-file, CLAIMQ_PASSWORD or CLAIMQ_PASSWORD_FILE",
                    {.exit_code = ExitCode::kUsage});
    }
    return password;
  }
  std::ifstream file(options.password_file);
  std::string password;
  if (!std::getline(file, password)) {
    throw Failure(options.password_file + " holds no password", {.exit_code = ExitCode::kUsage});
  }
  return password;
}

Target target_of(const Options& options, ServerProcess* process) {
  if (process != nullptr) {
    return {.grpc_server = process->endpoints().grpc,
            .imap_server = process->endpoints().imap,
            .credentials = process->credentials(),
            .process = process};
  }
  Target target{.grpc_server = options.server,
                .imap_server = options.imap_server,
                .credentials = {.user = options.user, .password = password_of(options), .tls = options.tls}};
  if (!options.data_dir.empty()) {
    const auto endpoints = tools::client::read_endpoints(options.data_dir);
    target.grpc_server = tools::client::grpc_address(endpoints, options.tls);
    target.imap_server = endpoints.imap;
  }
  return target;
}

Circumstances circumstances_of(const Options& options, const Target& target) {
  tools::client::Connection connection(target.grpc_server, target.credentials);
  const auto info =
      connection.call(connection.admin(), &tools::client::AdminStub::GetServerInfo, claimq::v1::GetServerInfoRequest());
  Circumstances circumstances{.version = info.version(),
                              .durability = info.durability(),
                              .cpu = tools::bench::cpu_name(),
                              .cores = std::thread::hardware_concurrency(),
                              .size_bytes = options.load.size_bytes,
                              .quick = options.load.quick};
  if (!options.data_dir.empty()) {
    circumstances.fdatasyncs_per_second = tools::bench::fdatasyncs_per_second(options.data_dir);
  }
  return circumstances;
}

bool is_wanted(const Options& options, const Workload& workload) {
  for (const std::string& name : options.names) {
    const bool in_target = options.target == "both" || (options.target == "grpc") == (workload.door == Door::kGrpc);
    if (name == workload.name || (name == "all" && in_target)) {
      return true;
    }
  }
  return false;
}

int run(const Options& options) {
  if (!options.spawn.empty() && options.data_dir.empty()) {
    throw Failure("--spawn needs --data-dir", {.exit_code = ExitCode::kUsage});
  }
  if (!options.spawn.empty() && options.tls.enabled) {
    throw Failure("--spawn starts a server without TLS: use one of the two", {.exit_code = ExitCode::kUsage});
  }
  std::unique_ptr<ServerProcess> process;
  if (!options.spawn.empty()) {
    process = std::make_unique<ServerProcess>(tools::bench::SpawnOptions{
        .program = options.spawn, .folder = options.data_dir, .durability = options.durability});
  }
  const Target target = target_of(options, process.get());
  const Circumstances circumstances = circumstances_of(options, target);
  const bool json_only = options.json_file == "-";
  Results results;
  std::string failures;
  for (const Workload& workload : workloads()) {
    if (!is_wanted(options, workload)) {
      continue;
    }
    std::fprintf(stderr, "%s: %s\n", workload.name, workload.help);
    try {
      const Results found = workload.run(target, options.load);
      results.insert(results.end(), found.begin(), found.end());
      for (const auto& result : found) {
        if (!result.broken_promise.empty()) {
          failures += result.workload + " (" + result.what + "): " + result.broken_promise + "\n";
        }
      }
    } catch (const Failure& failure) {
      failures += std::string(workload.name) + " failed: " + failure.what() + "\n";
    }
  }
  if (!json_only) {
    const auto style = isatty(STDOUT_FILENO) == 1 ? tools::client::Style::kColoured : tools::client::Style::kPlain;
    std::cout << "\n" << circumstances_line(circumstances) << "\n\n" << table_text(results, style) << std::flush;
  } else {
    std::cout << json_text(circumstances, results) << std::flush;
  }
  if (!options.json_file.empty() && !json_only) {
    std::ofstream file(options.json_file);
    file << json_text(circumstances, results) << std::flush;
    if (!file.good()) {
      failures += options.json_file + ": cannot be written\n";
    }
  }
  std::cerr << failures;
  return static_cast<int>(failures.empty() ? ExitCode::kOk : ExitCode::kFailed);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("claimq-bench: puts load on a claimqd and prints what it bore.", "claimq-bench");
  Options options;
  add_options(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  options.load.seconds = std::chrono::seconds(options.seconds);
  try {
    return run(options);
  } catch (const Failure& failure) {
    std::cerr << "claimq-bench: " << failure.what() << "\n";
    return static_cast<int>(failure.details().exit_code);
  } catch (const std::exception& error) {
    std::cerr << "claimq-bench: " << error.what() << "\n";
    return static_cast<int>(ExitCode::kFailed);
  }
}

// The `claimq` command: administers a claimqd, sends and receives messages.
#include <algorithm>
#include <cstdio>
#include <exception>

#include "tools/client/tls_options.h"
#include "tools/ctl/program.h"

namespace {

using tools::client::ExitCode;
using tools::client::Failure;
using tools::ctl::GlobalOptions;
using tools::ctl::Json;
using tools::ctl::Program;

constexpr const char* kFooter =
    "Exit codes:\n"
    "  0  done\n"
    "  1  refused or failed\n"
    "  2  wrong usage, or no password was given\n"
    "  3  not found: the queue, the message or the user\n"
    "  4  cannot connect to the server\n"
    "  5  receive: nothing was ready\n"
    "  6  credentials refused, or no right to do that\n"
    "\n"
    "Durations: 500ms, 30s, 5m, 2h, 1d, 1m30s. Sizes: 4096, 64k, 10M, 2G.\n"
    "--json prints one JSON document; receive and tail print one JSON object a line.\n"
    "\n"
    "Examples:\n"
    "  claimq queue create jobs --lease 2m --failures-max 3\n"
    "  claimq send jobs ./payloads --attribute source=import\n"
    "  claimq receive jobs --wait 30s --ack\n"
    "  claimq tail jobs\n"
    "  claimq --server queue.example.org:7144 --tls status";

void add_global_options(CLI::App& app, GlobalOptions& options) {
  app.add_option("--server", options.server, "HOST:PORT (default 127.0.0.1:7143; environment: CLAIMQ_SERVER)");
  app.add_option("--data-dir", options.data_dir, "Find the server by its data directory's endpoints.json");
  app.add_option("--user", options.user, "Sign in as (default admin)")->envname("CLAIMQ_USER");
  app.add_option("--password-file", options.password_file,
                 "Your password: first line of this file (environment: CLAIMQ_PASSWORD, CLAIMQ_PASSWORD_FILE)");
  app.add_option("--token-file", options.token_file,
                 "Sign in by a JSON Web Token: first line of this file (environment: CLAIMQ_TOKEN, CLAIMQ_TOKEN_FILE)");
  tools::client::add_tls_options(app, options.tls);
  app.add_flag("--json", options.json, "JSON for scripts instead of tables");
}

void print_failure(const Failure& failure, bool as_json) {
  const Failure::Details& details = failure.details();
  if (as_json) {
    Json error = Json::object();
    error["code"] = details.code;
    error["reason"] = details.reason;
    error["message"] = failure.what();
    Json json = Json::object();
    json["error"] = error;
    std::fprintf(stderr, "%s\n", json.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
    return;
  }
  std::string text = tools::client::printable(failure.what(), tools::client::Lines::kKeep);
  const std::string reason = details.reason.empty() ? details.code : details.reason;
  if (!reason.empty()) {
    text.insert(std::min(text.find('\n'), text.size()), " (" + reason + ")");
  }
  std::fprintf(stderr, "claimq: %s\n", text.c_str());
}

int run(int argc, char** argv) {
  CLI::App app("claimq: administers a claimqd message broker, sends and receives messages.", "claimq");
  app.fallthrough();
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of all commands");
  app.set_version_flag("--version", "claimq " CLAIMQ_VERSION);
  GlobalOptions options;
  add_global_options(app, options);
  Program program(options);
  add_queue_commands(app, program);
  add_send_command(app, program);
  add_receive_command(app, program);
  add_settle_commands(app, program);
  add_peek_commands(app, program);
  add_purge_commands(app, program);
  add_tail_command(app, program);
  add_user_commands(app, program);
  add_acl_commands(app, program);
  add_status_command(app, program);
  // Last, so that the subcommands do not inherit it.
  app.footer(kFooter);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  try {
    return static_cast<int>(program.run());
  } catch (const Failure& failure) {
    print_failure(failure, options.json);
    return static_cast<int>(failure.details().exit_code);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "claimq: %s\n", error.what());
    return static_cast<int>(ExitCode::kFailed);
  }
}

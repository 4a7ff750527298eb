// What every subcommand of `claimq` works with.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tools/client/connection.h"
#include "tools/client/failure.h"
#include "tools/client/table.h"
#include "tools/client/text.h"

namespace tools::ctl {

// Keeps the order in which a command writes its fields.
using Json = nlohmann::ordered_json;

enum class Format { kHuman, kJson };

// The options that stand before or after any subcommand.
struct GlobalOptions {
  std::string server;
  std::string data_dir;
  std::string user = "admin";
  std::string password_file;
  std::string token_file;
  client::Tls tls;
  bool json = false;
};

// One run of `claimq`.
//
// Operation  The add_*_commands() functions declare subcommands on a CLI::App; the chosen one sets `action`, and main runs it
//            after parsing. Option values live in structs that keep() owns until the end.
class Program {
 public:
  explicit Program(GlobalOptions& options) : options_(options) {}

  template <typename Options>
  Options& keep() {
    auto owned = std::make_shared<Options>();
    kept_.push_back(owned);
    return *owned;
  }

  // The action of `command`, which says how it ended; it may throw Failure.
  void on(CLI::App& command, std::function<client::ExitCode()> action) {
    command.callback([this, action = std::move(action)] { action_ = action; });
  }
  [[nodiscard]] client::ExitCode run() const { return action_(); }

  // Opened at the first use, so that usage errors come before any password is asked for.
  client::Connection& connection();

  [[nodiscard]] Format format() const { return options_.json ? Format::kJson : Format::kHuman; }
  // Coloured only on a terminal that has not asked for none (NO_COLOR).
  [[nodiscard]] client::Style style() const;

  // A table, or the array `json`; `nothing` is said in place of an empty table.
  void print(const client::Table& table, const Json& json, const std::string& nothing) const;
  // One line for people, or one JSON document.
  void print(const std::string& line, const Json& json) const;

 private:
  GlobalOptions& options_;
  std::vector<std::shared_ptr<void>> kept_;
  std::function<client::ExitCode()> action_;
  std::unique_ptr<client::Connection> connection_;
};

// Standard output took all of `text`, or Failure: what was not shown must not be acknowledged.
void write_out(std::string_view text);

bool stdout_is_terminal();
bool stderr_is_terminal();

// Refuses what parse_duration() and parse_size() do not understand, as a usage error.
CLI::Validator duration_check();
CLI::Validator size_check();

void add_queue_commands(CLI::App& app, Program& program);
void add_send_command(CLI::App& app, Program& program);
void add_receive_command(CLI::App& app, Program& program);
void add_settle_commands(CLI::App& app, Program& program);
void add_peek_commands(CLI::App& app, Program& program);
void add_purge_commands(CLI::App& app, Program& program);
void add_tail_command(CLI::App& app, Program& program);
void add_user_commands(CLI::App& app, Program& program);
void add_acl_commands(CLI::App& app, Program& program);
void add_status_command(CLI::App& app, Program& program);

}  // namespace tools::ctl

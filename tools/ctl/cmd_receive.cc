// `claimq receive QUEUE`.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>

#include "tools/client/message_files.h"
#include "tools/client/units.h"
#include "tools/ctl/api_json.h"
#include "tools/ctl/message_text.h"
#include "tools/ctl/program.h"

namespace tools::ctl {
namespace {

using claimq::v1::Claim;
using client::ExitCode;
using client::Failure;
using client::QueueStub;
using std::chrono::milliseconds;

// What the server grants in one call (queue_service.proto).
constexpr milliseconds kWaitMaxOfCall = std::chrono::seconds(60);
constexpr std::uint32_t kClaimsOfCall = 100;

struct ReceiveOptions {
  std::string queue;
  std::uint64_t count = 1;
  std::optional<std::string> wait, lease;
  bool ack = false;
  bool raw = false;
  bool body = false;
  std::string output;
  std::string worker_id = default_worker_id();
};

std::vector<Claim> claim(client::Connection& connection, const ReceiveOptions& options, std::uint64_t count,
                         milliseconds wait) {
  claimq::v1::ClaimRequest request;
  request.set_queue(options.queue);
  request.set_worker_id(options.worker_id);
  request.set_count_max(static_cast<std::uint32_t>(std::min<std::uint64_t>(count, kClaimsOfCall)));
  request.set_include_raw(options.raw);
  if (options.lease) {
    *request.mutable_lease() = client::to_proto(*client::parse_duration(*options.lease));
  }
  if (wait.count() > 0) {
    *request.mutable_wait() = client::to_proto(std::min(wait, kWaitMaxOfCall));
  }
  const milliseconds timeout = std::min(wait, kWaitMaxOfCall) + client::Connection::kCallTimeout;
  const auto response = connection.call(connection.queues(), &QueueStub::Claim, request, timeout);
  return {response.claims().begin(), response.claims().end()};
}

// Whole or not at all under its name: whoever watches the folder never sees half a message.
std::filesystem::path write_file(const ReceiveOptions& options, const claimq::v1::QueuedMessage& message) {
  const std::filesystem::path folder(options.output);
  const std::filesystem::path path =
      folder / (options.raw ? std::to_string(message.serial()) + ".eml" : client::file_name_for(message));
  const std::filesystem::path partial = folder / ("." + path.filename().string() + ".partial");
  const std::string& bytes = options.raw ? message.raw() : message.message().body();
  std::ofstream file(partial, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  std::error_code error;
  if (file.good()) {
    std::filesystem::rename(partial, path, error);
  }
  if (!file.good() || error) {
    throw Failure(path.string() + ": cannot be written");
  }
  return path;
}

void show(const Program& program, const ReceiveOptions& options, const Claim& claim) {
  const claimq::v1::QueuedMessage& message = claim.message();
  std::string written;
  if (!options.output.empty()) {
    written = write_file(options, message).string();
  }
  if (program.format() == Format::kJson) {
    Json json = json_of(claim);
    if (!written.empty()) {
      json.erase("body");
      json.erase("body_base64");
      json.erase("raw_base64");
      json["file"] = written;
    }
    write_out(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  } else if (!written.empty()) {
    const std::string token = options.ack ? "" : "  token " + std::to_string(claim.token());
    write_out(std::to_string(message.serial()) + token + "  " + written + "\n");
  } else if (options.raw) {
    write_out(body_text(message.raw()));
  } else if (options.body) {
    write_out(body_text(message.message().body()));
  } else {
    std::string text = head_text(message, program.style());
    if (!options.ack) {
      text += "Token: " + std::to_string(claim.token()) + "\nDeadline: " + client::format_time(claim.deadline()) + "\n";
    }
    write_out(text + "\n" + body_text(message.message().body()) + "\n");
  }
}

void ack(client::Connection& connection, const ReceiveOptions& options, const std::vector<Claim>& claims) {
  claimq::v1::AckRequest request;
  request.set_queue(options.queue);
  request.set_worker_id(options.worker_id);
  for (const Claim& claim : claims) {
    claimq::v1::ClaimRef& ref = *request.add_claims();
    ref.set_serial(claim.message().serial());
    ref.set_token(claim.token());
  }
  const auto response = connection.call(connection.queues(), &QueueStub::Ack, request);
  for (const auto& result : response.results()) {
    if (result.status().code() != 0) {
      throw Failure("message " + std::to_string(result.serial()) +
                        " was shown but not acknowledged: " + result.status().message(),
                    {.code = client::status_code_name(result.status().code()), .reason = reason_of(result.status())});
    }
  }
}

ExitCode receive(Program& program, const ReceiveOptions& options) {
  if (!options.output.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.output, error);
    if (error) {
      throw Failure(options.output + ": " + error.message());
    }
  }
  client::Connection& connection = program.connection();
  const milliseconds wait = options.wait ? *client::parse_duration(*options.wait) : milliseconds(0);
  auto deadline = std::chrono::steady_clock::now() + wait;
  std::uint64_t received = 0;
  while (received < options.count) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
    const std::vector<Claim> claims =
        claim(connection, options, options.count - received, std::max(left, milliseconds(0)));
    if (claims.empty()) {
      if (left.count() <= 0) {
        break;
      }
      continue;
    }
    for (const Claim& each : claims) {
      show(program, options, each);
    }
    if (options.ack) {
      ack(connection, options, claims);
    }
    received += claims.size();
    deadline = std::chrono::steady_clock::now() + wait;
  }
  if (received == 0 && program.format() == Format::kHuman && stderr_is_terminal()) {
    std::fprintf(stderr, "Nothing is ready in %s.\n",
                 client::printable(options.queue, client::Lines::kReplace).c_str());
  }
  return received == 0 ? ExitCode::kNothingReady : ExitCode::kOk;
}

}  // namespace

void add_receive_command(CLI::App& app, Program& program) {
  auto& options = program.keep<ReceiveOptions>();
  CLI::App& command = *app.add_subcommand(
      "receive", "Claim messages and show them; without --ack they stay claimed until the lease ends or a settlement");
  command.add_option("QUEUE", options.queue)->required();
  command.add_option("--count", options.count, "At most so many (default 1)")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40U));
  command.add_option("--wait", options.wait, "Wait so long for each when nothing is ready")->check(duration_check());
  command.add_option("--lease", options.lease, "Lease, within the queue's bounds")->check(duration_check());
  command.add_flag("--ack", options.ack, "Acknowledge what was shown or written: it leaves the queue");
  CLI::Option* raw = command.add_flag("--raw", options.raw, "The message as a mail client gets it (RFC 5322)");
  command.add_flag("--body", options.body, "Only the body's bytes")->excludes(raw);
  command.add_option("--output", options.output, "Write each body (or --raw message) to a file in this folder");
  command.add_option("--worker-id", options.worker_id, "Holder of the claims (default " + options.worker_id + ")");
  program.on(command, [&program, &options] { return receive(program, options); });
}

}  // namespace tools::ctl

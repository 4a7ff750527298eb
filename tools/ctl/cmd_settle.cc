// `claimq ack | release | fail | reject | extend QUEUE SERIAL TOKEN`.
#include <optional>

#include "tools/client/units.h"
#include "tools/ctl/api_json.h"
#include "tools/ctl/message_text.h"
#include "tools/ctl/program.h"

namespace tools::ctl {
namespace {

using claimq::v1::SettleResult;
using client::ExitCode;
using client::QueueStub;

struct SettleOptions {
  std::string queue;
  std::uint64_t serial = 0;
  std::uint64_t token = 0;
  std::string worker_id = default_worker_id();
  std::optional<std::string> delay, lease;
  std::string reason;
};

template <typename Request>
Request request_of(const SettleOptions& options) {
  Request request;
  request.set_queue(options.queue);
  request.set_worker_id(options.worker_id);
  claimq::v1::ClaimRef& ref = *request.add_claims();
  ref.set_serial(options.serial);
  ref.set_token(options.token);
  return request;
}

google::protobuf::Duration duration_of(const std::string& text) {
  return client::to_proto(*client::parse_duration(text));
}

SettleResult ack(client::Connection& connection, const SettleOptions& options) {
  const auto request = request_of<claimq::v1::AckRequest>(options);
  return connection.call(connection.queues(), &QueueStub::Ack, request).results(0);
}

SettleResult release(client::Connection& connection, const SettleOptions& options) {
  auto request = request_of<claimq::v1::ReleaseRequest>(options);
  if (options.delay) {
    *request.mutable_delay() = duration_of(*options.delay);
  }
  return connection.call(connection.queues(), &QueueStub::Release, request).results(0);
}

SettleResult fail(client::Connection& connection, const SettleOptions& options) {
  auto request = request_of<claimq::v1::FailRequest>(options);
  request.set_reason(options.reason);
  if (options.delay) {
    *request.mutable_delay() = duration_of(*options.delay);
  }
  return connection.call(connection.queues(), &QueueStub::Fail, request).results(0);
}

SettleResult reject(client::Connection& connection, const SettleOptions& options) {
  auto request = request_of<claimq::v1::RejectRequest>(options);
  request.set_reason(options.reason);
  return connection.call(connection.queues(), &QueueStub::Reject, request).results(0);
}

SettleResult extend(client::Connection& connection, const SettleOptions& options) {
  auto request = request_of<claimq::v1::ExtendRequest>(options);
  if (options.lease) {
    *request.mutable_lease() = duration_of(*options.lease);
  }
  return connection.call(connection.queues(), &QueueStub::Extend, request).results(0);
}

struct Verb {
  const char* name;
  const char* done;
  const char* help;
  SettleResult (*settle)(client::Connection&, const SettleOptions&);
};

ExitCode settle(Program& program, const SettleOptions& options, const Verb& verb) {
  const SettleResult result = verb.settle(program.connection(), options);
  std::string line = std::string(verb.done) + " message " + std::to_string(options.serial) + ".";
  if (!result.dead_letters().empty()) {
    line += " It is now a dead letter in " + client::printable(result.dead_letters(), client::Lines::kReplace) + ".";
  }
  if (result.new_token() != 0) {
    line += " Token from now on: " + std::to_string(result.new_token());
    line += ", deadline " + client::format_time(result.deadline()) + ".";
  }
  program.print(line, json_of(result));
  return ExitCode::kOk;
}

SettleOptions& add_verb(CLI::App& app, Program& program, const Verb& verb, CLI::App*& command) {
  auto& options = program.keep<SettleOptions>();
  command = app.add_subcommand(verb.name, verb.help);
  command->add_option("QUEUE", options.queue)->required();
  command->add_option("SERIAL", options.serial, "The message")->required();
  command->add_option("TOKEN", options.token, "The claim's token, as `receive` showed it")->required();
  command->add_option("--worker-id", options.worker_id, "Holder of the claim (default " + options.worker_id + ")");
  program.on(*command, [&program, &options, verb] { return settle(program, options, verb); });
  return options;
}

}  // namespace

void add_settle_commands(CLI::App& app, Program& program) {
  CLI::App* command = nullptr;
  add_verb(app, program, {"ack", "Acknowledged", "Done: the message leaves the queue", ack}, command);

  SettleOptions& released =
      add_verb(app, program, {"release", "Released", "Give back without blame", release}, command);
  command->add_option("--delay", released.delay, "Not claimable before")->check(duration_check());

  SettleOptions& failed = add_verb(app, program, {"fail", "Failed", "Give back, counted as a failure", fail}, command);
  command->add_option("--delay", failed.delay, "Instead of the policy's back-off")->check(duration_check());
  command->add_option("--reason", failed.reason, "Kept with the dead letter");

  SettleOptions& rejected = add_verb(app, program, {"reject", "Rejected", "To the dead letters now", reject}, command);
  command->add_option("--reason", rejected.reason, "Kept with the dead letter");

  SettleOptions& extended = add_verb(app, program, {"extend", "Extended", "Renew the lease", extend}, command);
  command->add_option("--lease", extended.lease, "From now; the queue's default without it")->check(duration_check());
}

}  // namespace tools::ctl

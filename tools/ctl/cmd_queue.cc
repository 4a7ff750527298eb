// `claimq queue create | list | show | set | delete`.
#include <optional>

#include "tools/client/units.h"
#include "tools/ctl/api_json.h"
#include "tools/ctl/program.h"

namespace tools::ctl {
namespace {

using claimq::v1::Queue;
using claimq::v1::QueuePolicy;
using client::AdminStub;
using client::Align;
using client::ExitCode;
using client::format_count;
using client::from_proto;

// What the options of create and set leave unset stays absent: the server's default, or as it is.
struct PolicyOptions {
  std::string name;
  std::optional<std::string> lease, lease_min, lease_max, backoff, backoff_cap, bytes_max, dead_letters;
  std::optional<std::uint32_t> failures_max, backoff_factor;
  std::optional<std::uint64_t> messages_max;
  std::optional<bool> release_on_disconnect, enqueue_paused, claim_paused;
};

void add_policy_options(CLI::App& command, PolicyOptions& options) {
  command.add_option("QUEUE", options.name, "Its name; / makes a tree")->required();
  command.add_option("--lease", options.lease, "Lease of a claim that names none")->check(duration_check());
  command.add_option("--lease-min", options.lease_min, "Shortest lease a worker may ask for")->check(duration_check());
  command.add_option("--lease-max", options.lease_max, "Longest lease a worker may ask for")->check(duration_check());
  command.add_option("--failures-max", options.failures_max, "Failures that make a dead letter");
  command.add_option("--dead-letters", options.dead_letters, "Queue that takes the dead letters (default QUEUE/Dead)");
  command.add_option("--backoff", options.backoff, "Wait after the first failure")->check(duration_check());
  command.add_option("--backoff-factor", options.backoff_factor, "Percent of the wait before; 200 doubles it");
  command.add_option("--backoff-cap", options.backoff_cap, "Longest wait")->check(duration_check());
  command.add_option("--release-on-disconnect", options.release_on_disconnect,
                     "true: an IMAP connection that ends gives back what it holds");
  command.add_option("--messages-max", options.messages_max, "Most messages; 0 is no maximum");
  command.add_option("--bytes-max", options.bytes_max, "Most bytes; 0 is no maximum")->check(size_check());
  command.add_option("--enqueue-paused", options.enqueue_paused, "true refuses new messages");
  command.add_option("--claim-paused", options.claim_paused, "true refuses claims");
}

QueuePolicy policy_of(const PolicyOptions& options) {
  QueuePolicy policy;
  const auto set_duration = [](const std::optional<std::string>& text,
                               google::protobuf::Duration* (*field)(QueuePolicy&), QueuePolicy& to) {
    if (text) {
      *field(to) = client::to_proto(*client::parse_duration(*text));
    }
  };
  set_duration(
      options.lease, [](QueuePolicy& to) { return to.mutable_lease_default(); }, policy);
  set_duration(
      options.lease_min, [](QueuePolicy& to) { return to.mutable_lease_min(); }, policy);
  set_duration(
      options.lease_max, [](QueuePolicy& to) { return to.mutable_lease_max(); }, policy);
  set_duration(
      options.backoff, [](QueuePolicy& to) { return to.mutable_backoff_base(); }, policy);
  set_duration(
      options.backoff_cap, [](QueuePolicy& to) { return to.mutable_backoff_cap(); }, policy);
  const auto set = [](const auto& value, auto setter) {
    if (value) {
      setter(*value);
    }
  };
  set(options.failures_max, [&](std::uint32_t value) { policy.set_failures_max(value); });
  set(options.dead_letters, [&](const std::string& value) { policy.set_dead_letters(value); });
  set(options.backoff_factor, [&](std::uint32_t value) { policy.set_backoff_factor_percent(value); });
  set(options.release_on_disconnect, [&](bool value) { policy.set_release_on_disconnect(value); });
  set(options.messages_max, [&](std::uint64_t value) { policy.set_messages_max(value); });
  set(options.bytes_max, [&](const std::string& value) { policy.set_bytes_max(*client::parse_size(value)); });
  set(options.enqueue_paused, [&](bool value) { policy.set_enqueue_paused(value); });
  set(options.claim_paused, [&](bool value) { policy.set_claim_paused(value); });
  return policy;
}

ExitCode create(Program& program, const PolicyOptions& options) {
  claimq::v1::CreateQueueRequest request;
  request.set_name(options.name);
  *request.mutable_policy() = policy_of(options);
  auto& connection = program.connection();
  const auto response = connection.call(connection.admin(), &AdminStub::CreateQueue, request);
  program.print("Created queue " + client::printable(response.queue().name(), client::Lines::kReplace) + ".",
                json_of(response.queue()));
  return ExitCode::kOk;
}

ExitCode set(Program& program, const PolicyOptions& options) {
  claimq::v1::UpdateQueueRequest request;
  request.set_name(options.name);
  *request.mutable_policy() = policy_of(options);
  auto& connection = program.connection();
  const auto response = connection.call(connection.admin(), &AdminStub::UpdateQueue, request);
  program.print("Changed the policy of " + client::printable(response.queue().name(), client::Lines::kReplace) + ".",
                json_of(response.queue()));
  return ExitCode::kOk;
}

std::string oldest_of(const Queue& queue) {
  return queue.has_oldest_age() ? client::format_age(from_proto(queue.oldest_age())) : "-";
}

ExitCode list(Program& program, const std::string& prefix) {
  claimq::v1::ListQueuesRequest request;
  request.set_page_size(1000);
  request.set_prefix(prefix);
  client::Table table({{.title = "QUEUE"},
                       {.title = "READY", .align = Align::kRight},
                       {.title = "CLAIMED", .align = Align::kRight},
                       {.title = "SCHEDULED", .align = Align::kRight},
                       {.title = "DEAD", .align = Align::kRight},
                       {.title = "SIZE", .align = Align::kRight},
                       {.title = "OLDEST", .align = Align::kRight},
                       {.title = "NOTE"}});
  Json json = Json::array();
  auto& connection = program.connection();
  do {
    const auto response = connection.call(connection.admin(), &AdminStub::ListQueues, request);
    for (const Queue& queue : response.queues()) {
      const std::string paused = queue.policy().claim_paused()     ? "claims paused"
                                 : queue.policy().enqueue_paused() ? "enqueue paused"
                                                                   : "";
      table.add({queue.name(), format_count(queue.ready()), format_count(queue.claimed()),
                 format_count(queue.scheduled()), format_count(queue.dead()), client::format_size(queue.size_bytes()),
                 oldest_of(queue), queue.is_dead_letters() ? "dead letters" : paused});
      json.push_back(json_of(queue));
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  program.print(table, json, "No queues. `claimq queue create NAME` makes one.");
  return ExitCode::kOk;
}

ExitCode show(Program& program, const std::string& name) {
  claimq::v1::GetQueueRequest request;
  request.set_name(name);
  auto& connection = program.connection();
  const Queue queue = connection.call(connection.admin(), &AdminStub::GetQueue, request).queue();
  const QueuePolicy& policy = queue.policy();
  const auto duration = [](const google::protobuf::Duration& value) {
    return client::format_duration(from_proto(value));
  };
  const auto maximum = [](std::uint64_t value) { return value == 0 ? "none" : format_count(value); };
  const auto yes_no = [](bool value) { return std::string(value ? "yes" : "no"); };

  client::Table table({{.title = "PROPERTY"}, {.title = "VALUE"}});
  table.add({"queue", queue.name()});
  table.add({"messages", format_count(queue.messages())});
  table.add({"  ready", format_count(queue.ready())});
  table.add({"  claimed", format_count(queue.claimed())});
  table.add({"  scheduled", format_count(queue.scheduled())});
  table.add({"dead letters", format_count(queue.dead())});
  table.add({"size", client::format_size(queue.size_bytes())});
  table.add({"oldest", oldest_of(queue)});
  table.add({"created", queue.has_create_time() ? client::format_time(queue.create_time()) : "-"});
  table.add({"highest mod-sequence", std::to_string(queue.highest_mod_seq())});
  table.add({"lease", duration(policy.lease_default()) + " (" + duration(policy.lease_min()) + " to " +
                          duration(policy.lease_max()) + ")"});
  table.add({"failures max", format_count(policy.failures_max())});
  table.add({"dead letters go to", policy.dead_letters()});
  table.add({"back-off", duration(policy.backoff_base()) + ", then " + std::to_string(policy.backoff_factor_percent()) +
                             " % each time, at most " + duration(policy.backoff_cap())});
  table.add({"release on disconnect", yes_no(policy.release_on_disconnect())});
  table.add({"messages max", maximum(policy.messages_max())});
  table.add({"bytes max", policy.bytes_max() == 0 ? "none" : client::format_size(policy.bytes_max())});
  table.add({"enqueue paused", yes_no(policy.enqueue_paused())});
  table.add({"claims paused", yes_no(policy.claim_paused())});
  program.print(table, json_of(queue), "");
  return ExitCode::kOk;
}

struct DeleteOptions {
  std::string name;
  bool force = false;
};

ExitCode delete_queue(Program& program, const DeleteOptions& options) {
  claimq::v1::DeleteQueueRequest request;
  request.set_name(options.name);
  request.set_force(options.force);
  auto& connection = program.connection();
  connection.call(connection.admin(), &AdminStub::DeleteQueue, request);
  Json json = Json::object();
  json["deleted"] = options.name;
  program.print("Deleted queue " + options.name + ".", json);
  return ExitCode::kOk;
}

}  // namespace

void add_queue_commands(CLI::App& app, Program& program) {
  CLI::App& queue = *app.add_subcommand("queue", "Create, list, show, change and delete queues");
  queue.require_subcommand(1);

  auto& created = program.keep<PolicyOptions>();
  CLI::App& create_command = *queue.add_subcommand("create", "Create a queue");
  add_policy_options(create_command, created);
  program.on(create_command, [&program, &created] { return create(program, created); });

  auto& changed = program.keep<PolicyOptions>();
  CLI::App& set_command = *queue.add_subcommand("set", "Change a queue's policy; what is not named stays");
  add_policy_options(set_command, changed);
  program.on(set_command, [&program, &changed] { return set(program, changed); });

  auto& prefix = program.keep<std::string>();
  CLI::App& list_command = *queue.add_subcommand("list", "List queues with their counters");
  list_command.add_option("PREFIX", prefix, "Only names that begin so");
  program.on(list_command, [&program, &prefix] { return list(program, prefix); });

  auto& shown = program.keep<std::string>();
  CLI::App& show_command = *queue.add_subcommand("show", "Show one queue, its counters and its policy");
  show_command.add_option("QUEUE", shown)->required();
  program.on(show_command, [&program, &shown] { return show(program, shown); });

  auto& deleted = program.keep<DeleteOptions>();
  CLI::App& delete_command = *queue.add_subcommand("delete", "Delete a queue with its messages");
  delete_command.add_option("QUEUE", deleted.name)->required();
  delete_command.add_flag("--force", deleted.force, "Its dead letters too");
  program.on(delete_command, [&program, &deleted] { return delete_queue(program, deleted); });
}

}  // namespace tools::ctl

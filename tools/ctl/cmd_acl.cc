// `claimq acl QUEUE [set ID RIGHTS | remove ID]`.
#include "tools/ctl/program.h"

namespace tools::ctl {
namespace {

using client::AdminStub;
using client::ExitCode;

struct AclOptions {
  std::string queue;
  std::string identifier;
  std::string rights;
};

ExitCode show(Program& program, const std::string& queue) {
  claimq::v1::GetAclRequest request;
  request.set_queue(queue);
  auto& connection = program.connection();
  const auto response = connection.call(connection.admin(), &AdminStub::GetAcl, request);
  client::Table table({{.title = "IDENTIFIER"}, {.title = "RIGHTS"}});
  Json json = Json::array();
  for (const auto& entry : response.entries()) {
    table.add({entry.identifier(), entry.rights()});
    json.push_back(Json{{"identifier", entry.identifier()}, {"rights", entry.rights()}});
  }
  program.print(table, json, "No entries: only administrators have rights on this queue.");
  return ExitCode::kOk;
}

// Empty rights remove the entry.
ExitCode set(Program& program, const AclOptions& options) {
  claimq::v1::SetAclRequest request;
  request.set_queue(options.queue);
  request.mutable_entry()->set_identifier(options.identifier);
  request.mutable_entry()->set_rights(options.rights);
  auto& connection = program.connection();
  connection.call(connection.admin(), &AdminStub::SetAcl, request);
  const std::string line = options.rights.empty()
                               ? "Removed the entry of " + options.identifier + " on " + options.queue + "."
                               : options.identifier + " has " + options.rights + " on " + options.queue + ".";
  program.print(line, Json{{"queue", options.queue}, {"identifier", options.identifier}, {"rights", options.rights}});
  return ExitCode::kOk;
}

}  // namespace

void add_acl_commands(CLI::App& app, Program& program) {
  auto& options = program.keep<AclOptions>();
  CLI::App& acl = *app.add_subcommand("acl", "Show who may do what with a queue; set or remove one entry");
  acl.footer(
      "Rights (RFC 4314): l see the queue, r read, s keep \\Seen, w flags and claims, i insert (enqueue), p post, k "
      "make queues\n"
      "below, x delete the queue, t \\Deleted and acknowledge, e expunge, a administer.");
  acl.add_option("QUEUE", options.queue)->required();

  CLI::App& set_command = *acl.add_subcommand("set", "Set the rights of one user (or anyone)");
  set_command.add_option("ID", options.identifier, "User name, or anyone")->required();
  set_command.add_option("RIGHTS", options.rights, "Letters, such as lrswite")->required();

  CLI::App& remove_command = *acl.add_subcommand("remove", "Remove the entry of one user");
  remove_command.add_option("ID", options.identifier)->required();
  acl.require_subcommand(0, 1);

  program.on(acl, [&program, &options, &set_command, &remove_command] {
    return set_command.parsed() || remove_command.parsed() ? set(program, options) : show(program, options.queue);
  });
}

}  // namespace tools::ctl

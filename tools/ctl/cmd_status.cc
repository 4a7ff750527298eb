// `claimq status`.
#include <chrono>

#include "tools/client/units.h"
#include "tools/ctl/program.h"

namespace tools::ctl {
namespace {

using client::AdminStub;
using client::ExitCode;

ExitCode status(Program& program) {
  auto& connection = program.connection();
  const auto info = connection.call(connection.admin(), &AdminStub::GetServerInfo, claimq::v1::GetServerInfoRequest());
  const auto up =
      std::chrono::system_clock::now() - std::chrono::system_clock::from_time_t(info.start_time().seconds());
  const auto up_ms = std::max(std::chrono::milliseconds(0), std::chrono::duration_cast<std::chrono::milliseconds>(up));

  client::Table table({{.title = "PROPERTY"}, {.title = "VALUE"}});
  table.add({"server", connection.server()});
  table.add({"version", info.version()});
  table.add({"durability", info.durability()});
  table.add({"takes writes", info.writable() ? "yes" : "NO: its store refuses them until it is reopened"});
  table.add({"imap", info.imap_address()});
  table.add({"started", client::format_time(info.start_time())});
  table.add({"up", client::format_age(up_ms)});

  Json json = Json::object();
  json["server"] = connection.server();
  json["version"] = info.version();
  json["durability"] = info.durability();
  json["writable"] = info.writable();
  json["imap_address"] = info.imap_address();
  json["start_time"] = client::format_time(info.start_time());
  program.print(table, json, "");
  return info.writable() ? ExitCode::kOk : ExitCode::kFailed;
}

}  // namespace

void add_status_command(CLI::App& app, Program& program) {
  program.on(*app.add_subcommand("status", "Show the server's version, durability and addresses"),
             [&program] { return status(program); });
}

}  // namespace tools::ctl

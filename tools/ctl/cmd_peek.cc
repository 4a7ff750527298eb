// `claimq peek QUEUE`.
#include <algorithm>

#include "tools/ctl/api_json.h"
#include "tools/ctl/message_text.h"
#include "tools/ctl/program.h"

namespace tools::ctl {
namespace {

using client::ExitCode;
using client::QueueStub;

struct PeekOptions {
  std::string queue;
  std::uint64_t count = 20;
};

ExitCode peek(Program& program, const PeekOptions& options) {
  constexpr std::uint64_t kPageMax = 100;
  claimq::v1::PeekRequest request;
  request.set_queue(options.queue);
  client::Table table = message_table();
  Json json = Json::array();
  std::uint64_t shown = 0;
  auto& connection = program.connection();
  do {
    request.set_page_size(static_cast<std::uint32_t>(std::min(options.count - shown, kPageMax)));
    const auto response = connection.call(connection.queues(), &QueueStub::Peek, request);
    for (const auto& message : response.messages()) {
      if (program.format() == Format::kJson) {
        json.push_back(json_of(message));
      } else {
        table.add(message_row(message));
      }
    }
    shown += static_cast<std::uint64_t>(response.messages_size());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && shown < options.count);
  program.print(table, json, "The queue is empty.");
  return ExitCode::kOk;
}

}  // namespace

void add_peek_command(CLI::App& app, Program& program) {
  auto& options = program.keep<PeekOptions>();
  CLI::App& command = *app.add_subcommand("peek", "Show messages without claiming them, the oldest first");
  command.add_option("QUEUE", options.queue)->required();
  command.add_option("--count", options.count, "At most so many (default 20)")->check(CLI::PositiveNumber);
  program.on(command, [&program, &options] { return peek(program, options); });
}

}  // namespace tools::ctl

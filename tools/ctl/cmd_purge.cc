// `claimq purge QUEUE`, `claimq redrive QUEUE`: what goes through a whole queue.
#include <memory>

#include "tools/client/units.h"
#include "tools/ctl/program.h"
#include "tools/ctl/progress.h"

namespace tools::ctl {
namespace {

using client::AdminStub;
using client::ExitCode;
using client::Failure;

struct Options {
  std::string queue;
  std::string search;
  std::string to;
  bool all = false;
};

// Reads to the end and gives the last answer. When this process ends, by Ctrl-C too, the server stops where it is.
template <typename Request, typename Response>
Response follow(Program& program, const std::string& title,
                std::unique_ptr<grpc::ClientReader<Response>> (AdminStub::*method)(grpc::ClientContext*, const Request&), const Request& request) {
  auto& connection = program.connection();
  grpc::ClientContext context;
  connection.authorize(context);
  const auto reader = (connection.admin().*method)(&context, request);
  Response last;
  Response response;
  std::unique_ptr<Progress> progress;
  const Show show = stderr_is_terminal() && program.format() == Format::kHuman ? Show::kBar : Show::kNothing;
  while (reader->Read(&response)) {
    last = response;
    if (!progress) progress = std::make_unique<Progress>(title, last.total(), show);
    progress->update(last.examined());
  }
  connection.require(reader->Finish());
  return last;
}

std::string count_of(std::uint64_t count, const std::string& what) {
  return client::format_count(count) + (count == 1 ? " message " : " messages ") + what;
}

ExitCode purge(Program& program, const Options& options) {
  if (options.all == !options.search.empty()) {
    throw Failure("say which messages: --search KEYS, or --all", {.exit_code = ExitCode::kUsage});
  }
  claimq::v1::PurgeRequest request;
  request.set_queue(options.queue);
  request.set_search(options.search);
  const auto last = follow(program, "Purging", &AdminStub::Purge, request);
  Json json = Json::object();
  json["examined"] = last.examined();
  json["removed"] = last.removed();
  json["held"] = last.held();
  std::string line = "Removed " + count_of(last.removed(), "of " + client::format_count(last.examined()) + " examined");
  if (last.held() > 0) line += "; " + count_of(last.held(), "left to the workers that hold them");
  program.print(line + ".", json);
  return ExitCode::kOk;
}

ExitCode redrive(Program& program, const Options& options) {
  auto& connection = program.connection();
  claimq::v1::GetQueueRequest get;
  get.set_name(options.queue);
  const auto queue = connection.call(connection.admin(), &AdminStub::GetQueue, get).queue();
  claimq::v1::RedriveRequest request;
  request.set_queue(options.queue);
  if (!queue.is_dead_letters() && options.to.empty()) {
    if (!queue.policy().dead_letters().empty()) {
      throw Failure("the dead letters of " + options.queue + " are in " + queue.policy().dead_letters() + ", perhaps with those of others: name that",
                    {.exit_code = ExitCode::kUsage});
    }
    request.set_queue(options.queue + "/Dead");
  }
  request.set_search(options.search);
  request.set_to(options.to);
  const auto last = follow(program, "Moving", &AdminStub::Redrive, request);
  Json json = Json::object();
  json["examined"] = last.examined();
  json["moved"] = last.moved();
  json["held"] = last.held();
  json["homeless"] = last.homeless();
  json["refused"] = last.refused();
  std::string line = "Moved " + count_of(last.moved(), "of " + client::format_count(last.examined()) + " examined");
  if (last.held() > 0) line += "; " + count_of(last.held(), "left to the workers that hold them");
  if (last.homeless() > 0) line += "; " + count_of(last.homeless(), "came from a queue that is not there: say --to QUEUE");
  if (last.refused() > 0) line += "; " + count_of(last.refused(), "refused: " + client::printable(last.refusal(), client::Lines::kReplace));
  program.print(line + ".", json);
  return ExitCode::kOk;
}

constexpr const char* kSearchHelp = "Keys of IMAP's SEARCH, as one argument";

}  // namespace

void add_purge_commands(CLI::App& app, Program& program) {
  auto& purged = program.keep<Options>();
  CLI::App& purge_command = *app.add_subcommand("purge", "Remove messages; those that workers hold stay");
  purge_command.add_option("QUEUE", purged.queue)->required();
  purge_command.add_option("--search", purged.search, kSearchHelp);
  purge_command.add_flag("--all", purged.all, "Every message");
  purge_command.footer("Example: claimq purge jobs --search 'BEFORE 1-Feb-2025'");
  program.on(purge_command, [&program, &purged] { return purge(program, purged); });

  auto& redriven = program.keep<Options>();
  CLI::App& redrive_command = *app.add_subcommand("redrive", "Move dead letters back to where they died, as new messages");
  redrive_command.add_option("QUEUE", redriven.queue, "Of the dead letters; with jobs those of jobs are meant")->required();
  redrive_command.add_option("--search", redriven.search, kSearchHelp);
  redrive_command.add_option("--to", redriven.to, "Another queue; QUEUE is taken as it is then");
  redrive_command.footer("Example: claimq redrive jobs --search 'HEADER Claimq-Dead-Reason timeout'");
  program.on(redrive_command, [&program, &redriven] { return redrive(program, redriven); });
}

}  // namespace tools::ctl

// `claimq tail QUEUE`.
#include <atomic>
#include <mutex>

#include "tools/client/units.h"
#include "tools/ctl/api_json.h"
#include "tools/ctl/interrupt.h"
#include "tools/ctl/message_text.h"
#include "tools/ctl/program.h"

namespace tools::ctl {
namespace {

using claimq::v1::WatchResponse;
using client::ExitCode;
using client::Style;

struct TailOptions {
  std::string queue;
  // 0: without end.
  std::uint64_t count = 0;
  std::uint64_t after_mod_seq = 0;
};

std::string coloured(const std::string& text, const char* colour, Style style) {
  return style == Style::kColoured ? std::string("\x1b[") + colour + "m" + text + "\x1b[0m" : text;
}

std::string change_line(const claimq::v1::QueuedMessage& message, Style style) {
  constexpr std::size_t kAboutWidth = 60;
  std::string state = state_name(message.state());
  const char* colour = state == "ready" ? "32" : state == "claimed" ? "33" : "36";
  state.resize(std::max<std::size_t>(state.size(), 9), ' ');
  std::string line = std::to_string(message.mod_seq()) + "  " + coloured(state, colour, style) + "  " +
                     std::to_string(message.serial()) + "  " + summary_of(message, kAboutWidth);
  if (!message.holder().empty()) {
    line += "  held by " + client::printable(message.holder(), client::Lines::kReplace);
    if (message.has_lease_deadline()) {
      line += " until " + client::format_time(message.lease_deadline());
    }
  }
  if (message.failures() > 0) {
    line += "  failures " + std::to_string(message.failures());
  }
  return line + "\n";
}

void show_changed(const Program& program, const claimq::v1::QueuedMessage& message) {
  if (program.format() == Format::kJson) {
    Json json = Json::object();
    json["change"] = "changed";
    json["message"] = json_of(message);
    write_out(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    write_out(change_line(message, program.style()));
  }
}

void show_vanished(const Program& program, std::uint64_t serial, std::uint64_t mod_seq) {
  if (program.format() == Format::kJson) {
    Json json = Json::object();
    json["change"] = "vanished";
    json["serial"] = serial;
    json["mod_seq"] = mod_seq;
    write_out(json.dump() + "\n");
  } else {
    write_out(std::to_string(mod_seq) + "  " + coloured("gone     ", "31", program.style()) + "  " +
              std::to_string(serial) + "\n");
  }
}

ExitCode tail(Program& program, const TailOptions& options) {
  grpc::ClientContext context;
  std::atomic<bool> interrupted = false;
  const InterruptGuard guard([&] {
    interrupted = true;
    context.TryCancel();
  });
  client::Connection& connection = program.connection();
  claimq::v1::WatchRequest request;
  request.set_queue(options.queue);
  request.set_after_mod_seq(options.after_mod_seq);
  request.set_include_body(true);
  connection.authorize(context);
  const auto stream = connection.queues().Watch(&context, request);
  std::uint64_t shown = 0;
  const auto more = [&] { return options.count == 0 || shown < options.count; };
  WatchResponse response;
  while (more() && stream->Read(&response)) {
    if (response.reset() && program.format() == Format::kHuman) {
      write_out("What vanished before is no longer known; what is there follows.\n");
    }
    for (int at = 0; at < response.changed_size() && more(); ++at, ++shown) {
      show_changed(program, response.changed(at));
    }
    for (int at = 0; at < response.vanished_size() && more(); ++at, ++shown) {
      show_vanished(program, response.vanished(at), response.mod_seq());
    }
  }
  const bool ended_here = interrupted || !more();
  if (ended_here) {
    context.TryCancel();
  }
  const grpc::Status status = stream->Finish();
  if (!ended_here) {
    connection.require(status);
  }
  return ExitCode::kOk;
}

}  // namespace

void add_tail_command(CLI::App& app, Program& program) {
  auto& options = program.keep<TailOptions>();
  CLI::App& command = *app.add_subcommand("tail", "Show each change of a queue as it happens, until Ctrl-C");
  command.add_option("QUEUE", options.queue)->required();
  command.add_option("--count", options.count, "End after so many changes");
  command.add_option("--after", options.after_mod_seq,
                     "First what changed after this mod-sequence; 0: from now on only");
  program.on(command, [&program, &options] { return tail(program, options); });
}

}  // namespace tools::ctl

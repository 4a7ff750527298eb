// `claimq peek QUEUE`, `claimq search QUEUE KEYS`, `claimq get QUEUE SERIAL`.
#include <algorithm>

#include "tools/ctl/api_json.h"
#include "tools/ctl/message_text.h"
#include "tools/ctl/program.h"

namespace tools::ctl {
namespace {

using client::ExitCode;
using client::QueueStub;

struct BrowseOptions {
  std::string queue;
  std::string search;
  std::uint64_t count = 20;
};

// Page by page, until `count` messages are shown.
template <typename Request, typename Response>
ExitCode browse(Program& program, grpc::Status (QueueStub::*method)(grpc::ClientContext*, const Request&, Response*), Request request,
                std::uint64_t count, const std::string& nothing) {
  constexpr std::uint64_t kPageMax = 100;
  client::Table table = message_table();
  Json json = Json::array();
  std::uint64_t shown = 0;
  auto& connection = program.connection();
  do {
    request.set_page_size(static_cast<std::uint32_t>(std::min(count - shown, kPageMax)));
    const Response response = connection.call(connection.queues(), method, request);
    for (const auto& message : response.messages()) {
      if (program.format() == Format::kJson) {
        json.push_back(json_of(message));
      } else {
        table.add(message_row(message));
      }
    }
    shown += static_cast<std::uint64_t>(response.messages_size());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && shown < count);
  program.print(table, json, nothing);
  return ExitCode::kOk;
}

ExitCode peek(Program& program, const BrowseOptions& options) {
  claimq::v1::PeekRequest request;
  request.set_queue(options.queue);
  return browse(program, &QueueStub::Peek, request, options.count, "The queue is empty.");
}

ExitCode search(Program& program, const BrowseOptions& options) {
  claimq::v1::SearchRequest request;
  request.set_queue(options.queue);
  request.set_search(options.search);
  return browse(program, &QueueStub::Search, request, options.count, "Nothing matches.");
}

struct GetOptions {
  std::string queue;
  std::uint64_t serial = 0;
  bool raw = false;
};

ExitCode get(Program& program, const GetOptions& options) {
  claimq::v1::GetRequest request;
  request.set_queue(options.queue);
  request.set_serial(options.serial);
  request.set_include_raw(options.raw);
  auto& connection = program.connection();
  const claimq::v1::GetResponse response = connection.call(connection.queues(), &QueueStub::Get, request);
  const claimq::v1::QueuedMessage& message = response.message();
  if (program.format() == Format::kJson) {
    write_out(json_of(message).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else if (options.raw) {
    write_out(body_text(message.raw()));
  } else {
    write_out(head_text(message, program.style()) + "\n" + body_text(message.message().body()));
  }
  return ExitCode::kOk;
}

void add_count(CLI::App& command, BrowseOptions& options) {
  command.add_option("--count", options.count, "At most so many (default 20)")->check(CLI::PositiveNumber);
}

}  // namespace

void add_peek_commands(CLI::App& app, Program& program) {
  auto& peeked = program.keep<BrowseOptions>();
  CLI::App& peek_command = *app.add_subcommand("peek", "Show messages without claiming them, the oldest first");
  peek_command.add_option("QUEUE", peeked.queue)->required();
  add_count(peek_command, peeked);
  peek_command.footer("Example: claimq peek jobs --count 5");
  program.on(peek_command, [&program, &peeked] { return peek(program, peeked); });

  auto& searched = program.keep<BrowseOptions>();
  CLI::App& search_command = *app.add_subcommand("search", "Show the messages that match keys of IMAP's SEARCH");
  search_command.add_option("QUEUE", searched.queue)->required();
  search_command.add_option("KEYS", searched.search, "As one argument: 'SUBJECT order SINCE 1-Feb-2025'")->required();
  add_count(search_command, searched);
  search_command.footer("Example: claimq search jobs 'BODY \"customer 17\" UNKEYWORD $Claimed'");
  program.on(search_command, [&program, &searched] { return search(program, searched); });

  auto& got = program.keep<GetOptions>();
  CLI::App& get_command = *app.add_subcommand("get", "Show one message whole, without claiming it");
  get_command.add_option("QUEUE", got.queue)->required();
  get_command.add_option("SERIAL", got.serial)->required()->check(CLI::PositiveNumber);
  get_command.add_flag("--raw", got.raw, "The message as a mail client gets it (RFC 5322)");
  get_command.footer("Example: claimq get jobs 17 --raw > job.eml");
  program.on(get_command, [&program, &got] { return get(program, got); });
}

}  // namespace tools::ctl

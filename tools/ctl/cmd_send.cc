// `claimq send QUEUE [FILE… | FOLDER… | -]`.
#include <filesystem>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>

#include "tools/client/message_files.h"
#include "tools/client/units.h"
#include "tools/ctl/program.h"
#include "tools/ctl/progress.h"

namespace tools::ctl {
namespace {

using client::ExitCode;
using client::Failure;
using client::QueueStub;

// A batch is one commit of the server. Above these it costs the server memory and gains nothing.
constexpr int kBatchMessages = 256;
constexpr std::size_t kBatchBytes = 1024 * 1024;

struct SendOptions {
  std::string queue;
  std::vector<std::string> sources;
  std::vector<std::string> texts;
  bool lines = false;
  std::vector<std::string> attributes;
  std::string content_type, key, group;
  std::optional<std::uint32_t> priority;
  std::optional<std::string> delay;
};

// Sends what is added, in order, in batches.
class Sender {
 public:
  Sender(client::Connection& connection, const SendOptions& options, Progress& progress)
      : connection_(connection), options_(options), progress_(progress) {
    request_.set_queue(options.queue);
  }

  // `name`: what to call the message when the server refuses it.
  void add(claimq::v1::Message message, const std::string& name) {
    apply_options(message);
    const std::size_t size = message.body().size();
    if (request_.messages_size() > 0 && batch_bytes_ + size > kBatchBytes) {
      send_batch();
    }
    batch_bytes_ += size;
    first_name_ = request_.messages_size() == 0 ? name : first_name_;
    last_name_ = name;
    *request_.add_messages() = std::move(message);
    if (request_.messages_size() == kBatchMessages) {
      send_batch();
    }
  }

  // What is left of the last batch.
  void finish() {
    if (request_.messages_size() > 0) {
      send_batch();
    }
  }

  [[nodiscard]] const std::vector<std::uint64_t>& serials() const { return serials_; }

 private:
  void apply_options(claimq::v1::Message& message) const {
    for (const std::string& attribute : options_.attributes) {
      const std::size_t equals = attribute.find('=');
      (*message.mutable_attributes())[attribute.substr(0, equals)] = attribute.substr(equals + 1);
    }
    if (!options_.content_type.empty()) {
      message.set_content_type(options_.content_type);
    }
    message.set_key(options_.key);
    message.set_group(options_.group);
    if (options_.priority) {
      message.set_priority(*options_.priority);
    }
    if (options_.delay) {
      *message.mutable_delay() = client::to_proto(*client::parse_duration(*options_.delay));
    }
  }

  void send_batch() {
    try {
      const auto response = connection_.call(connection_.queues(), &QueueStub::Enqueue, request_);
      serials_.insert(serials_.end(), response.serials().begin(), response.serials().end());
    } catch (const Failure& failure) {
      const std::string names = request_.messages_size() == 1 ? first_name_ : first_name_ + " to " + last_name_;
      throw Failure(std::string(failure.what()) + "\n  refused: " + names +
                        "; enqueued before: " + client::format_count(serials_.size()),
                    failure.details());
    }
    request_.clear_messages();
    batch_bytes_ = 0;
    progress_.update(serials_.size());
  }

  client::Connection& connection_;
  const SendOptions& options_;
  Progress& progress_;
  claimq::v1::EnqueueRequest request_;
  std::size_t batch_bytes_ = 0;
  std::string first_name_, last_name_;
  std::vector<std::uint64_t> serials_;
};

void add_standard_input(Sender& sender, const SendOptions& options) {
  if (!options.lines) {
    claimq::v1::Message message;
    message.set_body(std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()));
    sender.add(std::move(message), "standard input");
    return;
  }
  std::string line;
  for (std::uint64_t number = 1; std::getline(std::cin, line); ++number) {
    claimq::v1::Message message;
    message.set_body(line);
    sender.add(std::move(message), "line " + std::to_string(number));
  }
}

ExitCode send(Program& program, const SendOptions& options) {
  const bool from_input =
      options.sources == std::vector<std::string>{"-"} || (options.sources.empty() && options.texts.empty());
  std::vector<std::filesystem::path> files;
  if (!from_input) {
    files = client::message_files(options.sources);
    if (files.empty() && options.texts.empty()) {
      throw Failure("no files in what was named");
    }
  }
  const bool bar = stderr_is_terminal() && program.format() == Format::kHuman;
  std::size_t count = 0;
  std::vector<std::uint64_t> serials;
  {
    Progress progress("Sending", files.size() + options.texts.size(), bar ? Show::kBar : Show::kNothing);
    Sender sender(program.connection(), options, progress);
    for (const std::string& text : options.texts) {
      claimq::v1::Message message;
      message.set_content_type("text/plain");
      message.set_body(text);
      sender.add(std::move(message), "--message " + client::shortened(text, 30));
    }
    for (const auto& file : files) {
      sender.add(client::message_from_file(file), file.string());
    }
    if (from_input) {
      add_standard_input(sender, options);
    }
    sender.finish();
    serials = sender.serials();
    count = serials.size();
  }
  Json json = Json::object();
  json["queue"] = options.queue;
  json["enqueued"] = count;
  json["serials"] = serials;
  std::string line =
      "Enqueued " + client::format_count(count) + (count == 1 ? " message" : " messages") + " in " + options.queue;
  if (count > 0) {
    const std::string first = std::to_string(serials.front());
    line +=
        count == 1 ? " (serial " + first + ")" : " (serials " + first + " to " + std::to_string(serials.back()) + ")";
  }
  program.print(line + ".", json);
  return ExitCode::kOk;
}

CLI::Validator attribute_check() {
  return {[](std::string& text) {
            const bool named = text.find('=') != std::string::npos && text.front() != '=';
            return named ? std::string() : "'" + text + "' is not NAME=VALUE";
          },
          "NAME=VALUE"};
}

}  // namespace

void add_send_command(CLI::App& app, Program& program) {
  auto& options = program.keep<SendOptions>();
  CLI::App& command = *app.add_subcommand("send", "Enqueue messages from files, folders or standard input");
  command.add_option("QUEUE", options.queue)->required();
  command.add_option("SOURCE", options.sources,
                     "Files, folders (walked to the leaves), or - for standard input (the default): one message each");
  command.add_option("-m,--message", options.texts, "A message with this text; may be given again")
      ->allow_extra_args(false);
  command.add_flag("--lines", options.lines, "Standard input: a message for each line");
  command.add_option("--attribute", options.attributes, "Attribute of each message; may be given again")
      ->check(attribute_check())
      ->allow_extra_args(false);
  command.add_option("--content-type", options.content_type, "Instead of the one by extension");
  command.add_option("--key", options.key, "The producer's name for the message");
  command.add_option("--group", options.group, "Ordering group");
  command.add_option("--priority", options.priority, "0 to 9; 9 is claimed first, 4 is the default")
      ->check(CLI::Range(0, 9));
  command.add_option("--delay", options.delay, "Not claimable before")->check(duration_check());
  program.on(command, [&program, &options] { return send(program, options); });
}

}  // namespace tools::ctl

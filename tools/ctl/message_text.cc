#include "tools/ctl/message_text.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>

#include "tools/client/units.h"
#include "tools/ctl/api_json.h"

namespace tools::ctl {
namespace {

using claimq::v1::QueuedMessage;
using client::Align;
using client::Lines;
using client::printable;

std::string age_of(const google::protobuf::Timestamp& time) {
  const auto since = std::chrono::system_clock::now() - std::chrono::system_clock::from_time_t(time.seconds());
  return client::format_age(
      std::max(std::chrono::milliseconds(0), std::chrono::duration_cast<std::chrono::milliseconds>(since)));
}

std::string joined_flags(const QueuedMessage& message) {
  std::string text;
  for (const std::string& flag : message.flags()) {
    text += (text.empty() ? "" : " ") + flag;
  }
  return text;
}

// A message that came by APPEND has its header fields as attributes.
std::string attribute(const QueuedMessage& message, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto found = message.message().attributes().find(name);
    if (found != message.message().attributes().end() && !found->second.empty()) {
      return found->second;
    }
  }
  return {};
}

// The Subject field of a mail in the body, as it stands there; empty when its beginning has none.
std::string subject_of(const QueuedMessage& message) {
  constexpr std::size_t kHeadBytesLooked = 16 * 1024;
  constexpr std::string_view kField = "\nSubject: ";
  if (message.message().content_type() != "message/rfc822") {
    return {};
  }
  const std::string head = "\n" + message.message().body().substr(0, kHeadBytesLooked);
  const std::size_t at = head.find(kField);
  const std::size_t end = std::min(head.find("\n\n"), head.find("\r\n\r\n"));
  if (at == std::string::npos || at > end) {
    return {};
  }
  const std::size_t from = at + kField.size();
  return head.substr(from, head.find_first_of("\r\n", from) - from);
}

}  // namespace

std::string summary_of(const QueuedMessage& message, std::size_t width_max) {
  std::string text = attribute(message, {"subject", "Subject"});
  text = text.empty() ? subject_of(message) : text;
  text = text.empty() ? attribute(message, {"filename"}) : text;
  if (text.empty()) {
    constexpr std::size_t kBytesLooked = 400;
    text = message.message().body().substr(0, kBytesLooked);
    for (char& c : text) {
      c = c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
    }
  }
  return client::shortened(printable(text, Lines::kReplace), width_max);
}

std::string head_text(const QueuedMessage& message, client::Style style) {
  std::string text;
  const auto line = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) {
      const std::string shown = printable(value, Lines::kReplace);
      text += style == client::Style::kColoured ? "\x1b[1m" + name + ":\x1b[0m " + shown + "\n"
                                                : name + ": " + shown + "\n";
    }
  };
  line("Serial", std::to_string(message.serial()));
  line("Key", message.message().key());
  line("Group", message.message().group());
  constexpr std::uint32_t kUsualPriority = 4;
  if (message.message().has_priority() && message.message().priority() != kUsualPriority) {
    line("Priority", std::to_string(message.message().priority()));
  }
  line("Content-Type", message.message().content_type());
  const std::map<std::string, std::string> sorted(message.message().attributes().begin(),
                                                  message.message().attributes().end());
  for (const auto& [name, value] : sorted) {
    line(printable(name, Lines::kReplace), value);
  }
  if (message.has_enqueue_time()) {
    line("Enqueued", client::format_time(message.enqueue_time()));
  }
  line("Deliveries", std::to_string(message.deliveries()) + ", failures " + std::to_string(message.failures()));
  return text;
}

std::string body_text(const std::string& bytes) {
  if (!stdout_is_terminal()) {
    return bytes;
  }
  std::string text = printable(bytes, Lines::kKeep);
  if (text.empty() || text.back() != '\n') {
    text += '\n';
  }
  return text;
}

client::Table message_table() {
  return client::Table({{.title = "SERIAL", .align = Align::kRight},
                        {.title = "STATE"},
                        {.title = "AGE", .align = Align::kRight},
                        {.title = "DELIVERIES", .align = Align::kRight},
                        {.title = "FAILURES", .align = Align::kRight},
                        {.title = "HOLDER"},
                        {.title = "FLAGS"},
                        {.title = "TYPE"},
                        {.title = "KEY"},
                        {.title = "ABOUT"}});
}

std::vector<std::string> message_row(const QueuedMessage& message) {
  constexpr std::size_t kKeyWidth = 24;
  constexpr std::size_t kAboutWidth = 48;
  constexpr std::size_t kFlagsWidth = 30;
  const auto dash = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
  return {std::to_string(message.serial()),
          state_name(message.state()),
          message.has_enqueue_time() ? age_of(message.enqueue_time()) : "-",
          std::to_string(message.deliveries()),
          std::to_string(message.failures()),
          dash(client::shortened(printable(message.holder(), Lines::kReplace), kKeyWidth)),
          dash(client::shortened(printable(joined_flags(message), Lines::kReplace), kFlagsWidth)),
          dash(client::shortened(printable(message.message().content_type(), Lines::kReplace), kKeyWidth)),
          dash(client::shortened(printable(message.message().key(), Lines::kReplace), kKeyWidth)),
          summary_of(message, kAboutWidth)};
}

std::string default_worker_id() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) {
    return "claimq";
  }
  return std::string("claimq@") + name.data();
}

}  // namespace tools::ctl

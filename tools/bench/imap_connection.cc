#include "tools/bench/imap_connection.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <memory>

#include "tools/bench/queue_load.h"

namespace tools::bench {
namespace {

using client::ExitCode;
using client::Failure;

// The number right after `name`.
std::optional<std::uint64_t> number_after(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  text.remove_prefix(at + name.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} ? std::optional(number) : std::nullopt;
}

// {n} at the end of a line announces n bytes.
std::optional<std::uint64_t> literal_of(std::string_view line) {
  const std::size_t open = line.rfind('{');
  if (line.empty() || line.back() != '}' || open == std::string_view::npos) {
    return std::nullopt;
  }
  return number_after(line.substr(open), "{");
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
    }
    result += c;
  }
  return result + "\"";
}

}  // namespace

bool ImapReply::has_code(std::string_view code) const {
  return tagged.find("[" + std::string(code)) != std::string::npos;
}

ImapConnection::ImapConnection(const std::string& address, const client::Credentials& credentials) {
  connect_to(address);
  read_response();
  require("LOGIN " + quoted(credentials.user) + " " + quoted(credentials.password));
}

ImapConnection::~ImapConnection() {
  if (socket_ >= 0) {
    close(socket_);
  }
}

void ImapConnection::connect_to(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  const std::string host = address.substr(0, colon);
  const std::string port = colon == std::string::npos ? "143" : address.substr(colon + 1);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
  for (const addrinfo* each = found; each != nullptr && socket_ < 0; each = each->ai_next) {
    socket_ = ::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol);
    if (socket_ >= 0 && ::connect(socket_, each->ai_addr, each->ai_addrlen) != 0) {
      close(socket_);
      socket_ = -1;
    }
  }
  if (socket_ < 0) {
    throw Failure("cannot connect to IMAP at " + address, {.exit_code = ExitCode::kCannotConnect});
  }
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval timeout{.tv_sec = 60, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
}

void ImapConnection::send_all(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      throw Failure("the IMAP connection broke");
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void ImapConnection::read_more() {
  std::array<char, 65536> block;
  const ssize_t size = recv(socket_, block.data(), block.size(), 0);
  if (size <= 0) {
    throw Failure("the IMAP connection ended, or was silent for a minute");
  }
  received_.erase(0, used_);
  used_ = 0;
  received_.append(block.data(), static_cast<std::size_t>(size));
}

std::string_view ImapConnection::next_line() {
  for (;;) {
    const std::size_t end = received_.find("\r\n", used_);
    if (end != std::string::npos) {
      const std::string_view line = std::string_view(received_).substr(used_, end - used_);
      used_ = end + 2;
      return line;
    }
    read_more();
  }
}

std::string ImapConnection::read_response() {
  std::string response = read_line();
  for (auto size = literal_of(response); size; size = literal_of(response)) {
    while (received_.size() - used_ < *size) {
      read_more();
    }
    response += "\r\n" + received_.substr(used_, *size);
    used_ += *size;
    // Only a new {n} after the literal announces another.
    const std::string rest = read_line();
    response += rest;
    if (!literal_of(rest)) {
      break;
    }
  }
  return response;
}

ImapReply ImapConnection::read_reply(const std::string& tag) {
  ImapReply reply;
  for (;;) {
    std::string response = read_response();
    if (response.starts_with("* BYE")) {
      throw Failure("the IMAP server said " + response.substr(2));
    }
    if (response.starts_with("* ")) {
      reply.untagged.push_back(response.substr(2));
    } else if (response.starts_with(tag + " ")) {
      reply.tagged = response.substr(tag.size() + 1);
      return reply;
    }
  }
}

ImapReply ImapConnection::command(std::string_view line) {
  const std::string tag = "a" + std::to_string(++tag_);
  send_all(tag + " " + std::string(line) + "\r\n");
  return read_reply(tag);
}

ImapReply ImapConnection::require(std::string_view line) {
  ImapReply reply = command(line);
  if (!reply.ok()) {
    // The arguments stay out: LOGIN has a password among them.
    throw Failure("IMAP " + std::string(line.substr(0, line.find(' '))) + " was answered " + reply.tagged);
  }
  return reply;
}

std::uint64_t ImapConnection::count_untagged(std::string_view line) {
  const std::string tag = "a" + std::to_string(++tag_) + " ";
  send_all(tag + std::string(line) + "\r\n");
  std::uint64_t count = 0;
  for (;;) {
    const std::string_view answer = next_line();
    if (answer.starts_with("* ")) {
      ++count;
    } else if (answer.starts_with(tag)) {
      if (!answer.substr(tag.size()).starts_with("OK")) {
        throw Failure("IMAP " + std::string(line) + " was answered " + std::string(answer));
      }
      return count;
    }
  }
}

void ImapConnection::append(std::string_view mailbox, std::string_view message) {
  const std::string literal = " {" + std::to_string(message.size()) + "+}\r\n";
  require("APPEND " + quoted(mailbox) + literal + std::string(message));
}

void ImapConnection::select(std::string_view mailbox) { require("SELECT " + quoted(mailbox) + " (CONDSTORE)"); }

int ImapConnection::idle() {
  send_all("a" + std::to_string(++tag_) + " IDLE\r\n");
  if (const std::string line = read_line(); !line.starts_with("+")) throw Failure("IMAP IDLE was answered " + line);
  return socket_;
}

std::optional<FetchedMessage> parse_fetch(std::string_view untagged) {
  if (untagged.find(" FETCH (") == std::string_view::npos) {
    return std::nullopt;
  }
  const auto uid = number_after(untagged, "UID ");
  if (!uid) {
    return std::nullopt;
  }
  return FetchedMessage{.uid = static_cast<std::uint32_t>(*uid),
                        .mod_seq = number_after(untagged, "MODSEQ (").value_or(0),
                        .claimed = untagged.find("\\Claimed") != std::string_view::npos ||
                                   untagged.find("$Claimed") != std::string_view::npos};
}

std::string mail(std::size_t size_bytes) {
  const std::string head =
      "From: bench@example.com\r\nTo: queue@example.com\r\nSubject: bench\r\nDate: Mon, 05 Jan 2026 10:00:00 +0000\r\n"
      "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n";
  return head + payload(size_bytes > head.size() ? size_bytes - head.size() : 0);
}

}  // namespace tools::bench

#include "tests/session/conversation.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cctype>
#include <future>

#include "imapd/auth/password.h"
#include "imapd/base/check.h"
#include "imapd/ops/log.h"

namespace imapd::session {

Result<std::optional<auth::UserRecord>> TestDirectory::find(std::string_view name) {
  static const auth::StoredPassword stored = *auth::store_password("pw");
  if (name != "admin" && name != "ann" && name != "bob") return std::optional<auth::UserRecord>();
  return std::optional<auth::UserRecord>({std::string(name), stored.hash, name == "admin", stored.scram_keys});
}

Server::Server(SessionOptions options, store::ClaimRules* rules, TlsContext* tls, const auth::TokenVerifier* tokens)
    : authenticator_(directory_, tokens), work_(boost::asio::make_work_guard(context_)) {
  ops::set_log_level(ops::LogLevel::kWarning);
  store::StoreOptions store_options;
  store_options.directory = dir_.path() + "/store";
  auto opened = store::Store::open(store_options, clock_, rules != nullptr ? *rules : plain_rules_, health_);
  CHECK(opened.has_value());
  store_ = std::move(*opened);
  services_ = std::make_unique<Services>(*store_, clock_, authenticator_, options);
  auto listener = Listener::open(context_, *services_, ops::Endpoint{"127.0.0.1", 0});
  CHECK(listener.has_value());
  listener_ = std::move(*listener);
  listener_->start();
  if (tls != nullptr) {
    services_->tls = tls;
    auto tls_listener = Listener::open(context_, *services_, ops::Endpoint{"127.0.0.1", 0}, TlsBegins::kAtOnce);
    CHECK(tls_listener.has_value());
    tls_listener_ = std::move(*tls_listener);
    tls_listener_->start();
  }
  thread_ = std::thread([this] { context_.run(); });
}

Server::~Server() {
  stop();
  work_.reset();
  thread_.join();
}

void Server::stop() {
  if (std::exchange(stopped_, true)) return;
  std::promise<void> done;
  auto ended = done.get_future();
  listener_->stop([&done] { done.set_value(); });
  ended.wait();
  if (!tls_listener_) return;
  std::promise<void> tls_done;
  auto tls_ended = tls_done.get_future();
  tls_listener_->stop([&tls_done] { tls_done.set_value(); });
  tls_ended.wait();
}

store::MailboxInfo Server::make_queue(const std::string& name, std::map<std::string, std::string> acl) {
  store::CreateMailbox request;
  request.path = {"", name};
  request.acl = std::move(acl);
  auto made = support::await(*store_, &store::Store::create_mailbox, std::move(request));
  CHECK(made.has_value());
  return *made;
}

store::AppendOutcome Server::append(const store::MailboxInfo& mailbox, const std::string& body, FlagSet flags) {
  store::NewMessage message;
  message.body = body;
  message.flags = std::move(flags);
  store::Append request;
  request.mailbox = mailbox.id;
  request.messages.push_back(std::move(message));
  request.actor.user = "nobody";
  request.actor.holder = "test";
  request.actor.rank = store::Actor::Rank::kAdministrator;
  auto appended = support::await(*store_, &store::Store::append, std::move(request));
  CHECK(appended.has_value());
  return *appended;
}

Client::Client(Server& server) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(socket_ >= 0);
  const timeval patience{20, 0};
  CHECK(::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  greeting_ = line();
}

Client::Client(Server& server, const std::string& user) : Client(server) {
  const Answer answer = command("LOGIN " + user + " pw");
  EXPECT_TRUE(answer.tagged.starts_with("OK")) << answer.tagged;
}

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // The server hung up: what it said before is still to be read.
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool Client::fill() {
  char buffer[16 * 1024];
  const auto count = ::recv(socket_, buffer, sizeof buffer, 0);
  if (count <= 0) return false;
  received_.append(buffer, static_cast<std::size_t>(count));
  return true;
}

std::string Client::line() {
  std::size_t end;
  while ((end = received_.find("\r\n")) == std::string::npos) {
    errno = 0;
    if (!fill()) return errno == EAGAIN ? "<timeout>" : "<closed>";
  }
  std::string text = received_.substr(0, end);
  received_.erase(0, end + 2);
  return text;
}

std::string Client::bytes(std::size_t count) {
  while (received_.size() < count && fill()) {
  }
  std::string text = received_.substr(0, count);
  received_.erase(0, text.size());
  return text;
}

std::string Client::start(std::string_view text) {
  const std::string tag = "t" + std::to_string(++last_tag_);
  send(tag + " " + std::string(text) + "\r\n");
  return tag;
}

Client::Answer Client::finish(const std::string& tag) {
  Answer answer;
  while (true) {
    const std::string text = line();
    if (text.starts_with(tag + " ")) {
      answer.tagged = text.substr(tag.size() + 1);
      return answer;
    }
    answer.untagged.push_back(text);
    if (text == "<closed>" || text == "<timeout>") {
      answer.tagged = text;
      return answer;
    }
  }
}

Client::Answer Client::command(std::string_view text) { return finish(start(text)); }

void Client::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

bool fits(std::string_view pattern, std::string_view line) {
  const auto dots = pattern.find("...");
  if (dots == std::string_view::npos) return pattern == line;
  if (!line.starts_with(pattern.substr(0, dots))) return false;
  const std::string_view rest = pattern.substr(dots + 3);
  for (std::size_t from = dots; from <= line.size(); ++from) {
    if (fits(rest, line.substr(from))) return true;
  }
  return false;
}

void converse(const std::vector<Client*>& clients, std::string_view script) {
  int number = 0;
  while (!script.empty()) {
    const auto end = script.find('\n');
    std::string_view row = script.substr(0, end);
    script.remove_prefix(end == std::string_view::npos ? script.size() : end + 1);
    ++number;
    row.remove_prefix(std::min(row.find_first_not_of(' '), row.size()));
    if (row.empty()) continue;
    const auto colon = row.find(':');
    ASSERT_NE(colon, std::string_view::npos) << "script line " << number << ": " << row;
    const std::string_view who = row.substr(0, colon);
    const std::string_view text = row.substr(std::min(colon + 2, row.size()));
    const auto index = who.size() == 2 ? static_cast<std::size_t>(who[1] - '1') : 0;
    ASSERT_LT(index, clients.size());
    Client& client = *clients[index];
    if (who[0] == 'C') {
      client.send(std::string(text) + "\r\n");
    } else if (who[0] == 'c') {
      client.send(text);
    } else {
      const std::string line = client.line();
      ASSERT_TRUE(fits(text, line)) << "script line " << number << "\nexpected: " << text << "\n     got: " << line;
    }
  }
}

}  // namespace imapd::session

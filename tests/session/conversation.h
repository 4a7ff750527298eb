#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "imapd/auth/users.h"
#include "imapd/ops/health.h"
#include "imapd/session/listener.h"
#include "imapd/session/services.h"
#include "imapd/store/claim_rules.h"
#include "imapd/store/store.h"
#include "tests/support/await.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace imapd::session {

// Three users, each with the password "pw": admin (a server administrator), ann and bob.
class TestDirectory final : public auth::UserDirectory {
 public:
  Result<std::optional<auth::UserRecord>> find(std::string_view name) override;
};

// A real store in a folder of its own behind a real listener on a free loopback port, in one thread beside the test's. Time of the
// store stands still.
class Server {
 public:
  // `rules`: nullptr for PlainRules. With `tls`, which outlives it, there is STARTTLS and a second port of implicit TLS.
  // `tokens`, which outlives it too: who takes bearer tokens.
  explicit Server(SessionOptions options = {}, store::ClaimRules* rules = nullptr, TlsContext* tls = nullptr,
                  const auth::TokenVerifier* tokens = nullptr);
  Server(const Server&) = delete;
  ~Server();

  store::Store& store() { return *store_; }
  Services& services() { return *services_; }
  support::ManualClock& clock() { return clock_; }
  std::uint16_t port() const { return listener_->endpoint().port; }
  std::uint16_t tls_port() const { return tls_listener_->endpoint().port; }
  // Ends all sessions; returns when they have ended.
  void stop();

  // Makes a queue on which `acl` holds, by the store's own verb.
  store::MailboxInfo make_queue(const std::string& name, std::map<std::string, std::string> acl = {{"anyone", "lrswipkxtea"}});
  // Appends by the store's own verb, as nobody in particular.
  store::AppendOutcome append(const store::MailboxInfo& mailbox, const std::string& body, FlagSet flags = {});

 private:
  boost::asio::io_context context_;  // Outlives the store (services.h).
  support::TempDir dir_;
  support::ManualClock clock_;
  ops::Health health_;
  store::PlainRules plain_rules_;
  std::unique_ptr<store::Store> store_;
  TestDirectory directory_;
  auth::Authenticator authenticator_;
  std::unique_ptr<Services> services_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Listener> tls_listener_;
  std::thread thread_;
  bool stopped_ = false;
};

// A client on a blocking socket. A read that gets nothing for 20 s fails the test instead of hanging it.
class Client {
 public:
  // Connects and reads the greeting.
  explicit Client(Server& server);
  // And logs in.
  Client(Server& server, const std::string& user);
  ~Client() { close(); }

  void send(std::string_view bytes);
  // The next line without its line end; "<closed>" when the server ended the connection, "<timeout>" when nothing came.
  std::string line();
  std::string bytes(std::size_t count);
  // Sends `TAG text` with a fresh tag and reads up to its tagged line. Literals in answers are read as lines.
  struct Answer {
    std::vector<std::string> untagged;  // Whole, with "* ".
    std::string tagged;                 // Without the tag: "OK [...] text".
  };
  Answer command(std::string_view text);
  // The same without the reading.
  std::string start(std::string_view text);
  Answer finish(const std::string& tag);
  const std::string& greeting() const { return greeting_; }
  void close();

 private:
  bool fill();
  int socket_ = -1;
  std::string received_;
  std::string greeting_;
  unsigned last_tag_ = 0;
};

// Runs a script of lines `C: ...` and `S: ...` with one client; an optional number before the colon names further ones (`C2:`,
// `S2:`), which share the vector. In an `S:` line, `...` stands for anything. `C: `'s line end is CRLF; a line that begins with
// `c: ` is sent without one (a literal's last piece). Blank lines are skipped. Fails the test at the line that does not fit.
void converse(const std::vector<Client*>& clients, std::string_view script);
inline void converse(Client& client, std::string_view script) { converse(std::vector<Client*>{&client}, script); }
// `...` in `pattern` stands for anything.
bool fits(std::string_view pattern, std::string_view line);

}  // namespace imapd::session

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <regex>
#include <set>

#include "imapd/auth/sasl.h"
#include "imapd/auth/token_verifier.h"
#include "imapd/ops/log.h"
#include "tests/session/conversation.h"
#include "tests/session/tls_client.h"
#include "tests/support/certificates.h"
#include "tests/support/scram_client.h"
#include "tests/support/token_issuer.h"

// Whatever happens, the log holds no password, token, SASL message or content of a message: also at its most talkative.
namespace imapd::session {
namespace {

using support::ScramClient;
using support::TokenIssuer;

class Log {
 public:
  Log() {
    ops::set_log_output([this](std::string_view line) {
      const std::lock_guard lock(mutex_);
      text_ += std::string(line) + '\n';
    });
  }
  ~Log() {
    ops::set_log_output({});
    ops::set_log_level(ops::LogLevel::kWarning);
  }
  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

class Secrecy : public testing::Test {
 protected:
  Secrecy() {
    issuer_.write_secret("key");
    auto verifier = auth::TokenVerifier::open({issuer_.folder(), "https://example.com", "", "sub"});
    auto context = TlsContext::open({pair_.certificate, pair_.key, certificates_.ca_path()});
    CHECK(verifier.has_value() && context.has_value());
    verifier_ = std::move(*verifier);
    context_ = std::move(*context);
    server_ = std::make_unique<Server>(SessionOptions{}, nullptr, context_.get(), verifier_.get());
    // The server of the tests asks for less.
    ops::set_log_level(ops::LogLevel::kDebug);
  }
  std::unique_ptr<TlsClient> connect() {
    auto client = std::make_unique<TlsClient>(server_->tls_port());
    CHECK(client->start_tls(certificates_.ca_path(), certificates_.issue_to(dir_.path() + "/client", "ann", "email:ann@example.org")));
    client->line();
    return client;
  }
  // Remembers both forms of what it says. The tagged answer.
  std::string authenticate(TlsClient& client, const std::string& mechanism, const std::string& message) {
    keep(message);
    return authenticate_encoded(client, mechanism, auth::base64_encode(message));
  }
  std::string authenticate_encoded(TlsClient& client, const std::string& mechanism, const std::string& encoded) {
    keep(encoded);
    client.send("a AUTHENTICATE " + mechanism + " " + encoded + "\r\n");
    std::string line = client.line();
    while (line.starts_with("+ ")) {
      client.send("AQ==\r\n");
      line = client.line();
    }
    return line;
  }
  std::string scram(TlsClient& client, const std::string& mechanism, ScramClient& scram) {
    std::string message = scram.step("");
    keep(message);
    client.send("s AUTHENTICATE " + mechanism + " " + auth::base64_encode(message) + "\r\n");
    while (true) {
      const std::string line = client.line();
      if (!line.starts_with("+ ")) return line;
      keep(line.substr(2));
      const std::string challenge = auth::base64_decode(line.substr(2)).value_or("");
      keep(challenge);
      message = scram.step(challenge);
      keep(message);
      keep(auth::base64_encode(message));
      client.send(auth::base64_encode(message) + "\r\n");
    }
  }
  std::string token(const std::string& user, long seconds) {
    const auto now = std::chrono::floor<std::chrono::seconds>(server_->clock().now()).time_since_epoch().count();
    std::string made = TokenIssuer::sign_hs256("{\"iss\":\"https://example.com\",\"sub\":\"" + user +
                                               "\",\"exp\":" + std::to_string(now + seconds) + "}");
    keep(made);
    // Each part by itself too: header, claims, signature.
    keep(made.substr(made.find('.') + 1, 40));
    keep(made.substr(made.rfind('.') + 1));
    return made;
  }
  void keep(const std::string& secret) {
    if (secret.size() >= 4) secrets_.insert(secret);
  }
  void expect_silence() {
    server_->stop();
    const std::string text = log_.text();
    EXPECT_THAT(text, testing::HasSubstr("event=session_ends")) << "nothing was logged at all";
    for (const std::string& secret : secrets_) {
      EXPECT_EQ(text.find(secret), std::string::npos) << secret << "\n" << text;
      // As the log writes what it quotes.
      const std::string quoted = ops::format_log_event("e", {{"k", secret}}).substr(std::string("event=e k=").size());
      if (secret.size() < ops::kLogValueBytesMax) { EXPECT_EQ(text.find(quoted), std::string::npos) << secret; }
    }
    EXPECT_FALSE(std::regex_search(text, std::regex("(^|[^A-Za-z0-9])pw([^A-Za-z0-9]|$)"))) << "the password\n" << text;
  }

  Log log_;
  support::TempDir dir_;
  support::Certificates certificates_{dir_.path()};
  support::Certificates::Pair pair_ = certificates_.issue("server", "DNS:localhost,IP:127.0.0.1");
  TokenIssuer issuer_;
  std::unique_ptr<auth::TokenVerifier> verifier_;
  std::unique_ptr<TlsContext> context_;
  std::unique_ptr<Server> server_;
  std::set<std::string> secrets_;
};

TEST_F(Secrecy, OfLoginsGoodAndBad) {
  using testing::StartsWith;
  keep("wrong-horse-17");
  EXPECT_THAT(connect()->command("a", "LOGIN ann pw"), StartsWith("a OK"));
  EXPECT_THAT(connect()->command("a", "LOGIN ann wrong-horse-17"), StartsWith("a NO"));
  EXPECT_THAT(connect()->command("a", "LOGIN \"wrong-horse-17 as a name\" pw"), StartsWith("a NO"));
  EXPECT_THAT(connect()->command("a", "LOGIN ann pw wrong-horse-17"), StartsWith("a BAD"));
  EXPECT_THAT(connect()->command("wrong-horse-17", "wrong-horse-17 wrong-horse-17"), StartsWith("wrong-horse-17 BAD"));

  auto client = connect();
  EXPECT_THAT(authenticate(*client, "PLAIN", std::string("\0bob\0wrong-horse-17", 19)), StartsWith("a NO"));
  EXPECT_THAT(authenticate(*client, "PLAIN", std::string("ann\0bob\0pw", 10)), StartsWith("a NO [AUTHORIZATIONFAILED]"));
  EXPECT_THAT(authenticate(*client, "PLAIN", "wrong-horse-17 without its NULs"), StartsWith("a BAD"));
  EXPECT_THAT(authenticate(*client, "WRONG-HORSE-17", "wrong-horse-17"), StartsWith("a NO"));
  EXPECT_THAT(authenticate_encoded(*client, "PLAIN", "wrong-horse-17!"), StartsWith("a BAD"));
  EXPECT_THAT(authenticate(*client, "PLAIN", std::string("\0bob\0pw", 7)), StartsWith("a OK"));

  client = connect();
  const std::string header = "n,,\x01" "auth=Bearer ";
  EXPECT_THAT(authenticate(*client, "OAUTHBEARER", header + token("ann", -300) + "\x01\x01"), StartsWith("a NO"));
  EXPECT_THAT(authenticate(*client, "OAUTHBEARER", header + token("eve", 300) + "\x01\x01"), StartsWith("a NO"));
  EXPECT_THAT(authenticate(*client, "OAUTHBEARER", header + token("ann", 300) + "\x01"), StartsWith("a BAD"));
  EXPECT_THAT(authenticate(*client, "OAUTHBEARER", "n,a=bob,\x01" "auth=Bearer " + token("ann", 300) + "\x01\x01"), StartsWith("a NO"));
  EXPECT_THAT(authenticate(*client, "XOAUTH2", "user=ann\x01" "auth=Bearer " + token("ann", -300) + "\x01\x01"), StartsWith("a NO"));
  EXPECT_THAT(authenticate(*client, "XOAUTH2", "user=ann\x01" "auth=Bearer " + token("ann", 300) + "\x01\x01"), StartsWith("a OK"));

  client = connect();
  ScramClient wrong("SCRAM-SHA-256", "ann", "wrong-horse-17");
  EXPECT_THAT(scram(*client, "SCRAM-SHA-256", wrong), StartsWith("s NO"));
  ScramClient unknown("SCRAM-SHA-256", "eve", "wrong-horse-17");
  EXPECT_THAT(scram(*client, "SCRAM-SHA-256", unknown), StartsWith("s NO"));
  EXPECT_THAT(authenticate(*client, "SCRAM-SHA-256", "wrong-horse-17"), StartsWith("a BAD"));
  ScramClient unbound("SCRAM-SHA-256-PLUS", "ann", "pw", "wrong-horse-17");
  EXPECT_THAT(scram(*client, "SCRAM-SHA-256-PLUS", unbound), StartsWith("s NO"));
  ScramClient right("SCRAM-SHA-256", "ann", "pw");
  EXPECT_THAT(scram(*client, "SCRAM-SHA-256", right), StartsWith("s OK"));

  client = connect();
  EXPECT_THAT(authenticate(*client, "EXTERNAL", "wrong-horse-17"), StartsWith("a NO"));
  EXPECT_THAT(authenticate(*client, "EXTERNAL", "ann"), StartsWith("a OK"));
  secrets_.erase("ann");
  expect_silence();
}

TEST_F(Secrecy, OfWhatMessagesHoldAndWhatIsAskedOfThem) {
  for (const char* secret : {"battery-staple", "sender@secret.example", "YmF0dGVyeS1zdGFwbGU"}) keep(secret);
  server_->make_queue("q");
  auto client = connect();
  client->command("a", "LOGIN ann pw");
  const std::string mail = "From: sender@secret.example\r\nSubject: battery-staple\r\nX-Key: battery-staple\r\n\r\nbattery-staple\r\n";
  for (const std::string mailbox : {"INBOX", "q", "nowhere"}) {
    client->send("b APPEND " + mailbox + " {" + std::to_string(mail.size()) + "+}\r\n" + mail + "\r\n");
    EXPECT_THAT(client->line(), testing::StartsWith(mailbox == "nowhere" ? "b NO" : "b OK"));
  }
  client->command("c", "SELECT INBOX");
  EXPECT_THAT(client->command("d", "FETCH 1 (ENVELOPE BODYSTRUCTURE PREVIEW BODY[] BODY.PEEK[HEADER.FIELDS (X-Key)])"),
              testing::HasSubstr("battery-staple"));
  for (const char* command :
       {"SEARCH TEXT battery-staple", "SEARCH SUBJECT battery-staple", "SEARCH HEADER X-Key battery-staple", "UID SEARCH FROM sender@secret.example",
        "SEARCH battery-staple", "SORT (SUBJECT) UTF-8 BODY battery-staple", "THREAD REFERENCES UTF-8 SUBJECT battery-staple",
        "FETCH battery-staple", "SETMETADATA INBOX (/private/comment \"battery-staple\")", "GETMETADATA INBOX /private/comment",
        "SETMETADATA \"\" (/shared/comment \"battery-staple\")", "SETMETADATA INBOX (/wrong battery-staple)", "ID (\"name\" \"battery-staple\")",
        "STORE 1 +FLAGS (battery-staple)", "COPY 1 nowhere", "UID MOVE 1 INBOX/Trash", "battery-staple", "LIST \"\" battery-staple*"}) {
    client->command("e", command);
  }
  client->command("f", "LOGOUT");
  expect_silence();
}

TEST_F(Secrecy, OfAClientThatIsCutOff) {
  keep("battery-staple");
  auto client = connect();
  client->send("a LOGIN ann {14}\r\n");
  client->line();
  client->send("battery-staple");
  client.reset();
  client = connect();
  client->command("a", "LOGIN ann pw");
  client->send("b APPEND INBOX {5000}\r\nSubject: battery-staple\r\n");
  client->line();
  client.reset();
  client = connect();
  client->send("battery-staple " + std::string(70'000, 'x') + "battery-staple\r\n");
  client->line();
  client.reset();
  expect_silence();
}

}  // namespace
}  // namespace imapd::session

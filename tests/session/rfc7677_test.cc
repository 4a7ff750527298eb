#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imapd/auth/sasl.h"
#include "tests/session/conversation.h"
#include "tests/session/tls_client.h"
#include "tests/support/certificates.h"
#include "tests/support/scram_client.h"

// SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 7677, RFC 5802) against the client of libgsasl.
namespace imapd::session {
namespace {

using support::ScramClient;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// The tagged answer. `Connection`: Client or TlsClient.
template <class Connection>
std::string authenticate(Connection& client, const std::string& mechanism, ScramClient& scram, bool with_initial_response = true) {
  std::string message = auth::base64_encode(scram.step(""));
  if (with_initial_response) {
    client.send("s AUTHENTICATE " + mechanism + " " + message + "\r\n");
  } else {
    client.send("s AUTHENTICATE " + mechanism + "\r\n");
    EXPECT_EQ(client.line(), "+ ");
    client.send(message + "\r\n");
  }
  while (true) {
    const std::string line = client.line();
    if (!line.starts_with("+ ")) return line;
    const std::string answer = scram.step(auth::base64_decode(line.substr(2)).value_or("no base64"));
    EXPECT_THAT(scram.code(), testing::AnyOf(GSASL_OK, GSASL_NEEDS_MORE));
    client.send(auth::base64_encode(answer) + "\r\n");
  }
}

TEST(ScramSha256, IsOfferedAndLogsIn) {
  Server server;
  Client client(server);
  EXPECT_THAT(client.greeting(), HasSubstr(" AUTH=SCRAM-SHA-256 "));
  EXPECT_THAT(client.greeting(), Not(HasSubstr("-PLUS")));
  ScramClient scram("SCRAM-SHA-256", "ann", "pw");
  EXPECT_THAT(authenticate(client, "SCRAM-SHA-256", scram), StartsWith("s OK [CAPABILITY "));
  EXPECT_EQ(scram.code(), GSASL_OK) << "the client has verified the server";
  EXPECT_THAT(client.command("SELECT INBOX").tagged, StartsWith("OK"));
}

TEST(ScramSha256, WithoutInitialResponse) {
  Server server;
  Client client(server);
  ScramClient scram("SCRAM-SHA-256", "ann", "pw");
  EXPECT_THAT(authenticate(client, "scram-sha-256", scram, false), StartsWith("s OK"));
}

TEST(ScramSha256, FirstMessagesOfSection3) {
  Server server;
  Client client(server);
  // n,,n=user,r=rOprNGfwEbeRWgbNEkqO
  client.send("a AUTHENTICATE SCRAM-SHA-256 biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=\r\n");
  const std::string line = client.line();
  ASSERT_THAT(line, StartsWith("+ "));
  const std::string first = auth::base64_decode(line.substr(2)).value_or("");
  EXPECT_TRUE(fits("r=rOprNGfwEbeRWgbNEkqO...,s=...,i=100000", first)) << first;
  // c=biws, the nonce without the server's part, and the proof of the example.
  client.send(auth::base64_encode("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                                  "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=") + "\r\n");
  EXPECT_THAT(client.line(), StartsWith("a NO [AUTHENTICATIONFAILED]"));
}

TEST(ScramSha256, WrongPasswordAndUnknownUserGetTheSameAnswer) {
  Server server;
  Client client(server);
  ScramClient wrong("SCRAM-SHA-256", "ann", "nope");
  EXPECT_EQ(authenticate(client, "SCRAM-SHA-256", wrong), "s NO [AUTHENTICATIONFAILED] Wrong user name or password");
  ScramClient unknown("SCRAM-SHA-256", "eve", "pw");
  EXPECT_EQ(authenticate(client, "SCRAM-SHA-256", unknown), "s NO [AUTHENTICATIONFAILED] Wrong user name or password");
  ScramClient invalid("SCRAM-SHA-256", "no body", "pw");
  EXPECT_EQ(authenticate(client, "SCRAM-SHA-256", invalid), "s NO [AUTHENTICATIONFAILED] Wrong user name or password");
}

TEST(ScramSha256, SaltOfAnUnknownUserStaysTheSame) {
  Server server;
  Client client(server);
  const auto salt = [&client](const std::string& user) {
    client.send("a AUTHENTICATE SCRAM-SHA-256 " + auth::base64_encode("n,,n=" + user + ",r=abcdefgh") + "\r\n");
    const std::string first = auth::base64_decode(client.line().substr(2)).value_or("");
    client.send("*\r\n");
    EXPECT_THAT(client.line(), StartsWith("a BAD"));
    return first.substr(first.find(",s="));
  };
  EXPECT_EQ(salt("eve"), salt("eve"));
  EXPECT_NE(salt("eve"), salt("mallory"));
  EXPECT_EQ(salt("ann"), salt("ann"));
  EXPECT_EQ(salt("eve").size(), salt("ann").size());
}

TEST(ScramSha256, NobodyActsAsAnother) {
  Server server;
  Client client(server);
  ScramClient other("SCRAM-SHA-256", "ann", "pw", "", "bob");
  EXPECT_THAT(authenticate(client, "SCRAM-SHA-256", other), StartsWith("s NO [AUTHORIZATIONFAILED]"));
  ScramClient self("SCRAM-SHA-256", "ann", "pw", "", "ann");
  EXPECT_THAT(authenticate(client, "SCRAM-SHA-256", self), StartsWith("s OK"));
}

TEST(ScramSha256, MalformedAndCancelledIsBad) {
  Server server;
  Client client(server);
  converse(client, R"(
    C: a AUTHENTICATE SCRAM-SHA-256 =
    S: a BAD ...
    C: b AUTHENTICATE SCRAM-SHA-256 !!!
    S: b BAD ...
    C: c AUTHENTICATE SCRAM-SHA-256 *
    S: c BAD ...
    C: d AUTHENTICATE SCRAM-SHA-256
    S: + ...
    C: bm90IHNjcmFt
    S: d BAD ...
    C: e AUTHENTICATE SCRAM-SHA-256
    S: + ...
    C: *
    S: e BAD ...
    C: f AUTHENTICATE SCRAM-SHA-256-PLUS
    S: f NO [CANNOT] ...
    C: g LOGIN ann pw
    S: g OK ...
  )");
}

TEST(ScramSha256, ResponseAtTheLimitIsReadAndOnePastItIsRefused) {
  Server server;
  Client client(server);
  const std::string frame = "n,,n=user,r=";
  const std::string nonce(auth::SaslExchange::kResponseBytesMax / 4 * 3 - frame.size(), 'r');
  client.send("a AUTHENTICATE SCRAM-SHA-256 " + auth::base64_encode(frame + nonce) + "\r\n");
  EXPECT_THAT(client.line(), StartsWith("+ "));
  client.send("*\r\n");
  EXPECT_THAT(client.line(), StartsWith("a BAD"));
  client.send("b AUTHENTICATE SCRAM-SHA-256 " + auth::base64_encode(frame + nonce + "r") + "\r\n");
  EXPECT_THAT(client.line(), StartsWith("b BAD the response is too long"));
}

TEST(ScramSha256, FailuresAreHeldBackLikeThoseOfPasswords) {
  Server server;
  auth::Authenticator& authenticator = server.services().authenticator;
  const Timestamp now = server.clock().now();
  const auto fail = [&] { return authenticator.finish_scram({"ann", false, "", now})->delay; };
  EXPECT_EQ(fail(), Millis(0));
  EXPECT_EQ(fail(), Millis(0));
  EXPECT_EQ(fail(), auth::LoginThrottle::kDelayMin);
  EXPECT_GT(authenticator.check({"ann", "nope", "", now})->delay, Millis(0)) << "one count for all ways to log in";
  EXPECT_TRUE(authenticator.finish_scram({"ann", true, "", now})->identity);
  EXPECT_EQ(fail(), Millis(0)) << "a success forgets the failures";
  EXPECT_FALSE(authenticator.finish_scram({"eve", true, "", now})->identity);
}

class ScramOverTls : public testing::Test {
 protected:
  ScramOverTls() {
    auto opened = TlsContext::open({pair_.certificate, pair_.key, ""});
    CHECK(opened.has_value());
    context_ = std::move(*opened);
    server_ = std::make_unique<Server>(SessionOptions{}, nullptr, context_.get());
  }
  // tls-exporter (RFC 9266), by the client's own TLS.
  static std::string exporter(TlsClient& client) {
    std::string bytes(32, '\0');
    constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";
    CHECK(SSL_export_keying_material(client.ssl(), reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), kLabel.data(),
                                     kLabel.size(), nullptr, 0, 0) == 1);
    return bytes;
  }
  support::TempDir dir_;
  support::Certificates certificates_{dir_.path()};
  support::Certificates::Pair pair_ = certificates_.issue("server", "DNS:localhost,IP:127.0.0.1");
  std::unique_ptr<TlsContext> context_;
  std::unique_ptr<Server> server_;
};

TEST_F(ScramOverTls, PlusBindsToTheConnection) {
  TlsClient client(server_->tls_port());
  ASSERT_TRUE(client.start_tls(certificates_.ca_path()));
  EXPECT_THAT(client.line(), HasSubstr(" AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 "));
  ScramClient scram("SCRAM-SHA-256-PLUS", "ann", "pw", exporter(client));
  EXPECT_THAT(authenticate(client, "SCRAM-SHA-256-PLUS", scram), StartsWith("s OK"));
  EXPECT_EQ(scram.code(), GSASL_OK);
}

TEST_F(ScramOverTls, BindingOfAnotherConnectionIsRefused) {
  TlsClient client(server_->tls_port());
  TlsClient other(server_->tls_port());
  ASSERT_TRUE(client.start_tls(certificates_.ca_path()));
  ASSERT_TRUE(other.start_tls(certificates_.ca_path()));
  client.line();
  ScramClient scram("SCRAM-SHA-256-PLUS", "ann", "pw", exporter(other));
  EXPECT_THAT(authenticate(client, "SCRAM-SHA-256-PLUS", scram), StartsWith("s NO [AUTHENTICATIONFAILED]"));
}

TEST_F(ScramOverTls, ClientThatWasToldThereIsNoBindingIsRefused) {
  TlsClient client(server_->tls_port());
  ASSERT_TRUE(client.start_tls(certificates_.ca_path()));
  client.line();
  EXPECT_THAT(client.command("a", "AUTHENTICATE SCRAM-SHA-256 " + auth::base64_encode("y,,n=ann,r=abcdefgh")),
              StartsWith("a NO [AUTHENTICATIONFAILED]"));
  ScramClient without("SCRAM-SHA-256", "ann", "pw");
  EXPECT_THAT(authenticate(client, "SCRAM-SHA-256", without), StartsWith("s OK"));
}

TEST_F(ScramOverTls, Tls12HasNothingToBindTo) {
  TlsClient client(server_->tls_port());
  ASSERT_TRUE(client.start_tls(certificates_.ca_path(), std::nullopt, TLS1_2_VERSION));
  EXPECT_THAT(client.line(), Not(HasSubstr("-PLUS")));
  EXPECT_THAT(client.command("a", "AUTHENTICATE SCRAM-SHA-256-PLUS"), StartsWith("a NO [CANNOT]"));
  ScramClient scram("SCRAM-SHA-256", "ann", "pw");
  EXPECT_THAT(authenticate(client, "SCRAM-SHA-256", scram), StartsWith("s OK"));
}

}  // namespace
}  // namespace imapd::session
